"""Announcements as pages show them: a little Markdown, and nothing that runs, loads or pretends.

What is allowed is let through by name: paragraphs, headings, lists, quotes, bold, italics, and links to web and mail
addresses. Everything else is shown as the characters that were typed.
"""

from __future__ import annotations

import re

_REST = r"[^\s()<>\"'\\`\[\]]{1,1900}"
_TO = rf"(?:https?://|mailto:){_REST}"
_LINK = re.compile(rf"(?<!!)\[([^\[\]\n]{{1,300}})\]\(({_TO})\)", re.IGNORECASE)
_LINK_OR_ADDRESS = re.compile(rf"{_LINK.pattern}|(?<![\w(])(https?://{_REST})", re.IGNORECASE)
_HEADING = re.compile(r"^ {0,3}#{1,6}\s+")
_INDENTED = re.compile(r"^\s*(?=[-*+]\s|\d{1,9}[.)]\s)")
# Brackets make links and images, angle brackets HTML and addresses, & entities, $ formulas, ` and ~ fences (a fence can
# draw a diagram), | tables, = underlined headings, \ the escapes themselves.
_SPECIAL = re.compile(r"([\\`\[\]<>&$~|=])")
# :icons: are replaced after parsing, and :directives are taken out of the text: no backslash helps against either, an
# invisible word joiner does.
_REPLACED = re.compile(r":(?=[\w+/-])")
_JOINER = "\u2060"


def safe_markdown(body: str) -> str:
    """The text as Markdown for st.markdown."""
    return "\n".join(_line(line) for line in body.splitlines())


def excerpt(body: str, longest: int = 160) -> str:
    """The beginning of the text as plain words, for st.text."""
    words = " ".join(_LINK.sub(r"\1", body).replace("**", "").replace("#", "").split())
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


def _line(line: str) -> str:
    line = line.replace("\t", "    ")
    if heading := _HEADING.match(line):
        return "#### " + _inline(line[heading.end() :])
    if item := _INDENTED.match(line):
        depth = min(len(item[0]), 12)
        return " " * depth + _inline(line[item.end() :])
    text = line.strip()
    if text.startswith(">"):
        return "> " + _inline(text.lstrip("> "))
    # Without its indentation a line can't become a block of code.
    return _inline(text)


def _inline(text: str) -> str:
    parts = []
    done = 0
    for link in _LINK_OR_ADDRESS.finditer(text):
        words, address = (link[1], link[2]) if link[1] else (link[3], link[3])
        # Markdown reads entities in an address, too: what begins one is written as one.
        to = address.replace("&", "&amp;")
        parts += [_escape(text[done : link.start()]), f"[{_escape(words)}](<{to}>)"]
        done = link.end()
    return "".join([*parts, _escape(text[done:])])


def _escape(text: str) -> str:
    return _REPLACED.sub(f":{_JOINER}", _SPECIAL.sub(r"\\\1", text))
