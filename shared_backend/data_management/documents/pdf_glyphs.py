"""The characters of a PDF page with their boxes, and at each word's beginning whether it is bold."""

from __future__ import annotations

import ctypes
from collections import deque
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from typing import Any

import numpy as np
import pypdfium2.raw as raw
from numpy.typing import NDArray

_BOLD_NAMES = ("bold", "black", "heavy", "semibold", "demi", "cmbx", "sfbx")
_BOLD_WEIGHT = 600
# What PDF writers put where a word is broken at a line's end.
BROKEN_WORD = "\ufffe"
# As which pdfium gives it, character by character.
_HYPHEN = 2
_WHITE = tuple(map(ord, " \r\n\t\u00a0"))
# Of a font that doesn't name its glyphs we get their numbers in it. TeX's ligatures have numbers below that of a space.
_NUMBERS = (1, *range(3, 9), 11, *range(14, 32), 0xFFFD)

Numbers = NDArray[np.float64]


@dataclass(slots=True)
class Glyphs:
    """In stream order: `text[i]` (its `codes[i]`) has the box `left[i] … top[i]`, in points, and is `bold[i]`."""

    text: str
    codes: NDArray[np.uint32]
    left: Numbers
    right: Numbers
    bottom: Numbers
    top: Numbers
    bold: NDArray[np.bool_]

    @classmethod
    def of(cls, text: str, boxes: NDArray[np.float32], bold: NDArray[np.bool_]) -> Glyphs:
        """`boxes` has left, top, right and bottom of each character, as pdfium writes them: shape (characters, 4)."""
        left, top, right, bottom = (boxes[:, edge].astype(np.float64) for edge in range(4))
        return cls(text, codes_of(text), left, right, bottom, top, bold)


def codes_of(text: str) -> NDArray[np.uint32]:
    """The characters' numbers."""
    return np.frombuffer(text.encode("utf-32-le", errors="surrogatepass"), dtype=np.uint32)


class _Calls:
    """The functions that are called for each glyph or word, without conversions of their arguments: half the time."""

    def __init__(self) -> None:
        def address(function: Any) -> int:
            return ctypes.cast(function, ctypes.c_void_p).value or 0

        pointer, number = ctypes.c_void_p, ctypes.c_int
        self.box = ctypes.CFUNCTYPE(number, pointer, number, pointer)(address(raw.FPDFText_GetLooseCharBox))
        self.object = ctypes.CFUNCTYPE(pointer, pointer, number)(address(raw.FPDFText_GetTextObject))
        self.font = ctypes.CFUNCTYPE(pointer, pointer)(address(raw.FPDFTextObj_GetFont))


@cache
def _calls() -> _Calls:
    return _Calls()


def _is_bold(address: int) -> bool:
    font = ctypes.cast(address, raw.FPDF_FONT)
    buffer = ctypes.create_string_buffer(200)
    raw.FPDFFont_GetBaseFontName(font, buffer, 200)
    name = buffer.value.decode("utf-8", errors="replace").lower()
    return any(word in name for word in _BOLD_NAMES) or raw.FPDFFont_GetWeight(font) >= _BOLD_WEIGHT


def read_glyphs(textpage: Any, most: int) -> Glyphs:
    """At most `most` characters. A CV has some thousand, so that no Python runs for each: only a call into pdfium."""
    count = max(0, min(raw.FPDFText_CountChars(textpage.raw), most))
    text = _letters(textpage.raw, count)
    page = ctypes.cast(textpage.raw, ctypes.c_void_p).value or 0
    # Left, top, right, bottom of each, written by pdfium into one block.
    boxes = np.zeros((count, 4), dtype=np.float32)
    inked = ~np.isin(codes_of(text), _WHITE)
    drawn = np.flatnonzero(inked)
    places = (boxes.ctypes.data + 16 * drawn).tolist()
    deque(map(_calls().box, repeat(page), drawn.tolist(), places), maxlen=0)
    return Glyphs.of(text, boxes, _bold(page, inked))


def _bold(page: int, inked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of each character whether its word's first one is bold; each font is asked once."""
    begins = inked.copy()
    begins[1:] &= ~inked[:-1]
    objects = map(_calls().object, repeat(page), np.flatnonzero(begins).tolist())
    fonts = [_calls().font(one) if one else None for one in objects]
    known = {one: _is_bold(one) for one in set(fonts) if one}
    words = np.array([False, *(known.get(one or 0, False) for one in fonts)], dtype=np.bool_)
    return words[np.cumsum(begins)]


def unreadable(glyphs: Glyphs) -> int:
    """How many glyphs inside of words have no known letter."""
    found = np.flatnonzero(np.isin(glyphs.codes, _NUMBERS)).tolist()
    return sum(glyphs.text[max(0, at - 1) : at].isalpha() or glyphs.text[at + 1 : at + 2].isalpha() for at in found)


def _letters(page: Any, count: int) -> str:
    """The page's characters, one for each glyph."""
    if count <= 0:
        return ""
    buffer = ctypes.create_string_buffer(2 * (count + 1))
    written = raw.FPDFText_GetText(page, 0, count, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)))
    if written == count + 1:
        whole = buffer.raw[: 2 * count].decode("utf-16-le", errors="replace")
        if len(whole) == count:
            return whole.replace("\x00", " ")
    # Characters beyond 16 bits, or left out by pdfium: one by one, then.
    return "".join(_letter(raw.FPDFText_GetUnicode(page, index)) for index in range(count))


def _letter(code: int) -> str:
    if code == _HYPHEN:
        return BROKEN_WORD
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " "
