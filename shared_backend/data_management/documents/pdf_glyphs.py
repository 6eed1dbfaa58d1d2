"""The characters of a PDF page with their boxes, and at each word's beginning whether it is bold."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from typing import Any

import pypdfium2.raw as raw

_BOLD_NAMES = ("bold", "black", "heavy", "semibold", "demi", "cmbx", "sfbx")
_BOLD_WEIGHT = 600
# What PDF writers put where a word is broken at a line's end.
BROKEN_WORD = "\ufffe"


@dataclass(slots=True)
class Glyphs:
    """In stream order: `text[i]` has the box `left[i] … top[i]`, in points, and is `bold[i]`."""

    text: list[str] = field(default_factory=list)
    left: list[float] = field(default_factory=list)
    right: list[float] = field(default_factory=list)
    bottom: list[float] = field(default_factory=list)
    top: list[float] = field(default_factory=list)
    bold: list[bool] = field(default_factory=list)


class _Fonts:
    """Whether a text object's font is bold; each font is asked once."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._known: dict[int, bool] = {}

    def bold(self, index: int) -> bool:
        found = raw.FPDFText_GetTextObject(self._page, index)
        if not found:
            return False
        font = raw.FPDFTextObj_GetFont(found)
        if not font:
            return False
        address = ctypes.addressof(font.contents)
        if address not in self._known:
            self._known[address] = self._ask(font)
        return self._known[address]

    @staticmethod
    def _ask(font: Any) -> bool:
        buffer = ctypes.create_string_buffer(200)
        raw.FPDFFont_GetBaseFontName(font, buffer, 200)
        name = buffer.value.decode("utf-8", errors="replace").lower()
        return any(word in name for word in _BOLD_NAMES) or raw.FPDFFont_GetWeight(font) >= _BOLD_WEIGHT


def read_glyphs(textpage: Any, most: int) -> Glyphs:
    """At most `most` characters. Called for each page: a CV has some thousand glyphs, so this loop is kept bare."""
    glyphs = Glyphs()
    page = textpage.raw
    count = min(raw.FPDFText_CountChars(page), most)
    box = raw.FS_RECTF()
    reference = ctypes.byref(box)
    unicode_of, box_of = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox
    fonts = _Fonts(page)
    add_text, add_left, add_right = glyphs.text.append, glyphs.left.append, glyphs.right.append
    add_bottom, add_top, add_bold = glyphs.bottom.append, glyphs.top.append, glyphs.bold.append
    bold, between = False, True
    for index in range(count):
        code = unicode_of(page, index)
        letter = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " "
        if letter in " \r\n\t\u00a0":
            add_text(letter)
            add_left(0.0), add_right(0.0), add_bottom(0.0), add_top(0.0), add_bold(bold)
            between = True
            continue
        box_of(page, index, reference)
        if between:
            bold = fonts.bold(index)
            between = False
        add_text(letter)
        add_left(box.left), add_right(box.right), add_bottom(box.bottom), add_top(box.top), add_bold(bold)
    return glyphs
