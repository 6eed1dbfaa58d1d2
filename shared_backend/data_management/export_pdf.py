"""A profile as a plain PDF: the paragraphs of the Word document on A4, in a typeface that is in the file.

Roboto has Latin, Greek and Cyrillic letters. A profile with letters that it lacks is refused rather than printed with
gaps; signs that are no letters, such as emoji, are left out.
"""

from __future__ import annotations

import functools
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shared_backend.data_management.export_paragraphs import Style, paragraphs
from shared_backend.utils.exception_handler import InvalidInput

if TYPE_CHECKING:
    from fpdf import FPDF

_FONTS: Final = Path(__file__).with_name("fonts")
_FACE: Final = "Roboto"
_MARGIN_MM: Final = 20.0
_SHOWN: Final = 12
# Letters, marks and digits carry meaning; what is of no other kind may go.
_NEEDED: Final = ("L", "M", "N")


@dataclass(frozen=True)
class _Look:
    """Size in points, height of a line and space above in millimetres; `bold`, and grey from 0 to 255."""

    size: float
    line: float
    above: float
    bold: bool = False
    grey: int = 30


_LOOKS: Final[dict[Style, _Look]] = {
    "Title": _Look(22, 9.5, 0, bold=True),
    "Heading1": _Look(13, 6, 5.5, bold=True, grey=60),
    "Entry": _Look(10.5, 5, 2.2, bold=True),
    "Where": _Look(10, 4.8, 0),
    "When": _Look(9.5, 4.6, 0, grey=95),
    "ListBullet": _Look(10, 4.8, 0.4),
    "Normal": _Look(10, 4.8, 0.4),
}
# What a heading must have below it on its page.
_BELOW_MM: Final = 16.0


def pdf(data: dict[str, Any], as_of: datetime) -> bytes:
    """The file. The same profile gives the same bytes. Raises InvalidInput for letters that it can't show."""
    written = [(style, _plain(text)) for style, text in paragraphs(data)]
    _check(text for _style, text in written)
    # Only who takes a PDF loads what writes it.
    from fpdf import FPDF

    page = FPDF(format="A4")
    page.set_margin(_MARGIN_MM)
    page.set_auto_page_break(True, _MARGIN_MM)
    page.add_font(_FACE, "", _FONTS / "Roboto-Regular.ttf")
    page.add_font(_FACE, "B", _FONTS / "Roboto-Bold.ttf")
    name = _plain(str((data.get("basics") or {}).get("name") or ""))
    page.set_title(name or "Profile")
    page.set_author(name)
    page.set_creator("IntelliCV")
    page.set_producer("IntelliCV")
    page.set_creation_date(as_of)
    page.add_page()
    for style, text in written:
        if text.strip():
            _write(page, style, text.strip())
    return bytes(page.output())


def _write(page: FPDF, style: Style, text: str) -> None:
    look = _LOOKS[style]
    if style in ("Heading1", "Entry") and page.will_page_break(look.above + look.line + _BELOW_MM):
        page.add_page()
    elif look.above:
        page.ln(look.above)
    page.set_font(_FACE, "B" if look.bold else "", look.size)
    page.set_text_color(look.grey)
    if style == "ListBullet":
        page.set_x(_MARGIN_MM + 2)
        page.cell(4, look.line, "•")
    page.multi_cell(0, look.line, text, align="L", new_x="LMARGIN", new_y="NEXT")
    if style == "Heading1":
        page.set_draw_color(200)
        at = page.get_y() + 0.6
        page.line(_MARGIN_MM, at, page.w - _MARGIN_MM, at)
        page.ln(1.4)


def _plain(text: str) -> str:
    """One form for each letter, and without signs that the typeface lacks and that are no letters."""
    known = _known()
    composed = unicodedata.normalize("NFC", text).replace("\t", " ")
    kept = (each for each in composed if ord(each) in known or unicodedata.category(each)[0] in _NEEDED)
    return "".join(each for each in kept if not _is_selector(each))


def _is_selector(letter: str) -> bool:
    """Says how an emoji is to look, and is of the kind of marks."""
    return 0xFE00 <= ord(letter) <= 0xFE0F or ord(letter) == 0x20E3


def _check(texts: Any) -> None:
    known = _known()
    strange = sorted({letter for text in texts for letter in text if ord(letter) not in known})
    if strange:
        shown = " ".join(strange[:_SHOWN])
        more = f" and {len(strange) - _SHOWN:,} more" if len(strange) > _SHOWN else ""
        raise InvalidInput(
            f"A PDF can't show these letters of the profile: {shown}{more}. It has Latin, Greek and Cyrillic ones. "
            "Take the profile as Word instead: it keeps every letter."
        )


@functools.cache
def _known() -> frozenset[int]:
    """The letters of the typeface. It is the same in both weights."""
    from fontTools.ttLib import TTFont

    with TTFont(_FONTS / "Roboto-Regular.ttf", lazy=True) as font:
        return frozenset(font.getBestCmap())
