"""People's texts inside our own sentences: shown as they are, whatever they hold."""

from __future__ import annotations

import re

# CommonMark takes a backslash before any ASCII punctuation; this also stops $math$, <tags> and :directive[…].
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# What Streamlit replaces in the text after parsing, where no backslash helps: :icons:, addresses, arrows. An invisible
# word joiner (U+2060) inside them does.
_JOINER = "\u2060"
_REPLACED = re.compile(r":(?=[\w+/-]+:)|(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)|(?<=[-<])(?=[->])", re.IGNORECASE)
_FIRST_STRONG, _POP = "\u2068", "\u2069"


def escape(text: object) -> str:
    """A text as one line of Markdown that shows exactly its characters: no markup, link, icon, formula or HTML."""
    line = " ".join(str(text).split())
    guarded = _REPLACED.sub(lambda found: found[0] + _JOINER, line)
    return _PUNCTUATION.sub(r"\\\1", guarded)


def isolate(text: object) -> str:
    """A text that keeps its own direction to itself: a right-to-left name does not turn the sentence around it."""
    return f"{_FIRST_STRONG}{text}{_POP}"


def inline(text: object, *, longest: int = 120) -> str:
    """A name or short text for the middle of a Markdown sentence: shortened, escaped, its direction kept to itself."""
    return isolate(escape(shorten(text, longest)))


def shorten(text: object, longest: int) -> str:
    """At most `longest` characters; what was cut shows as an ellipsis."""
    whole = str(text)
    return whole if len(whole) <= longest else whole[: max(longest - 1, 1)].rstrip() + "…"
