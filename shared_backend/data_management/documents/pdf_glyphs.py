# ruff: noqa: E501 (word lists and patterns: one family a line)
"""The characters of a PDF page with their boxes, and at each word's beginning whether it is bold."""

from __future__ import annotations

import ctypes
from array import array
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pypdfium2.raw as raw

_BOLD_NAMES = ("bold", "black", "heavy", "semibold", "demi", "cmbx", "sfbx")
_BOLD_WEIGHT = 600
# What PDF writers put where a word is broken at a line's end.
BROKEN_WORD = "\ufffe"
# As which pdfium gives it, character by character.
_HYPHEN = 2
_WHITE = frozenset(" \r\n\t\u00a0")


@dataclass(slots=True)
class Glyphs:
    """In stream order: `text[i]` has the box `left[i] … top[i]`, in points, and is `bold[i]`."""

    text: list[str] = field(default_factory=list)
    left: list[float] = field(default_factory=list)
    right: list[float] = field(default_factory=list)
    bottom: list[float] = field(default_factory=list)
    top: list[float] = field(default_factory=list)
    bold: list[bool] = field(default_factory=list)


class _Calls:
    """The two functions that are called for each glyph and word, without conversions of their arguments: half the time."""

    def __init__(self) -> None:
        box_of = ctypes.cast(raw.FPDFText_GetLooseCharBox, ctypes.c_void_p).value or 0
        object_of = ctypes.cast(raw.FPDFText_GetTextObject, ctypes.c_void_p).value or 0
        self.box = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(box_of)
        self.object = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)(object_of)


@cache
def _calls() -> _Calls:
    return _Calls()


class _Fonts:
    """Whether a text object's font is bold; each object and each font is asked once."""

    def __init__(self, page: int) -> None:
        self._page = page
        self._objects: dict[int, bool] = {}
        self._fonts: dict[int, bool] = {}

    def bold(self, index: int) -> bool:
        found = _calls().object(self._page, index)
        if not found:
            return False
        known = self._objects.get(found)
        if known is None:
            known = self._objects[found] = self._object(found)
        return known

    def _object(self, found: int) -> bool:
        font = raw.FPDFTextObj_GetFont(ctypes.cast(found, raw.FPDF_PAGEOBJECT))
        if not font:
            return False
        address = ctypes.addressof(font.contents)
        if address not in self._fonts:
            self._fonts[address] = self._ask(font)
        return self._fonts[address]

    @staticmethod
    def _ask(font: Any) -> bool:
        buffer = ctypes.create_string_buffer(200)
        raw.FPDFFont_GetBaseFontName(font, buffer, 200)
        name = buffer.value.decode("utf-8", errors="replace").lower()
        return any(word in name for word in _BOLD_NAMES) or raw.FPDFFont_GetWeight(font) >= _BOLD_WEIGHT


def read_glyphs(textpage: Any, most: int) -> Glyphs:
    """At most `most` characters. A CV has some thousand, so the loop is kept bare: one call into pdfium for each."""
    count = max(0, min(raw.FPDFText_CountChars(textpage.raw), most))
    text = _letters(textpage.raw, count)
    page = ctypes.cast(textpage.raw, ctypes.c_void_p).value or 0
    # Left, top, right, bottom of each, written by pdfium into one block.
    block = (ctypes.c_float * (4 * count))()
    base, box_of, fonts = ctypes.addressof(block), _calls().box, _Fonts(page)
    heavy: list[bool] = []
    bold, between = False, True
    for index, letter in enumerate(text):
        if letter in _WHITE:
            between = True
        else:
            box_of(page, index, base + 16 * index)
            if between:
                bold = fonts.bold(index)
                between = False
        heavy.append(bold)
    boxes = array("f", bytes(block))
    left, top, right, bottom = (boxes[edge::4].tolist() for edge in range(4))
    return Glyphs(text, left, right, bottom, top, heavy)


def _letters(page: Any, count: int) -> list[str]:
    """The page's characters, one for each glyph."""
    if count <= 0:
        return []
    buffer = ctypes.create_string_buffer(2 * (count + 1))
    written = raw.FPDFText_GetText(page, 0, count, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)))
    if written == count + 1:
        whole = buffer.raw[: 2 * count].decode("utf-16-le", errors="replace")
        if len(whole) == count:
            return [letter if letter != "\x00" else " " for letter in whole]
    # Characters beyond 16 bits, or left out by pdfium: one by one, then.
    return [_letter(raw.FPDFText_GetUnicode(page, index)) for index in range(count)]


def _letter(code: int) -> str:
    if code == _HYPHEN:
        return BROKEN_WORD
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " "
