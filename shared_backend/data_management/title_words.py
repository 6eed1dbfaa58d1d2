"""How a title is taken apart for comparing: words, their singulars, and what is left of them in a lookup."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"[a-z0-9]+(?:[+#]+|\.(?=net\b))?|\.net\b")
_PLURAL = re.compile(r"(?<=[a-z]{3})(?<![siu])s$")
_IES = re.compile(r"(?<=[a-z]{3})ies$")
_POSSESSIVE = re.compile(r"[’']s\b")


def fold(text: str) -> str:
    """Lower case, without accents and in compatible forms."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in folded if not unicodedata.combining(mark))


def words_of(text: str) -> list[str]:
    """The words of a title, folded; `c++`, `c#` and `.net` stay whole."""
    return _WORD.findall(_POSSESSIVE.sub("", fold(text)))


@functools.lru_cache(maxsize=50_000)
def singular(word: str) -> str:
    """A word without the plural's ending, by rule: for comparing, not for reading."""
    if _IES.search(word):
        return _IES.sub("y", word)
    return _PLURAL.sub("", word)


def key_of(text: str) -> str:
    """What two spellings of one title have in common: its words in the singular, without punctuation."""
    return " ".join(map(singular, words_of(text)))


def grams_of(word: str, sizes: Iterable[int] = (2, 3, 4)) -> list[str]:
    """The character n-grams of a word with its ends marked; a word that is shorter is one gram by itself."""
    marked = f" {word} "
    found: list[str] = []
    for size in sizes:
        if len(marked) <= size:
            found.append(marked)
            break
        found.extend(marked[at : at + size] for at in range(len(marked) - size + 1))
    return found
