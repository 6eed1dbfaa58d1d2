"""PDF through pypdfium2: characters with their boxes and fonts, into lines in reading order."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from shared_backend.data_management.documents.document import Document, Line, Link, Page, Piece
from shared_backend.data_management.documents.errors import Outcome, UnreadableDocument
from shared_backend.data_management.documents.limits import Limits
from shared_backend.data_management.documents.pdf_glyphs import Glyphs, read_glyphs, unreadable
from shared_backend.data_management.documents.pdf_lines import Row, rows_of
from shared_backend.data_management.documents.reading_order import ordered

# pdfium is one state a process.
LOCK = threading.Lock()
_PASSWORD = 4
# Fewer characters on a page than this, and a picture: the page is a scan.
_SCANNED = 80


def opened(content: bytes) -> pdfium.PdfDocument:
    """The document. Raises UnreadableDocument: encrypted, or broken."""
    try:
        return pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        locked = getattr(error, "err_code", None) == _PASSWORD or "password" in str(error).lower()
        raise UnreadableDocument(Outcome.ENCRYPTED if locked else Outcome.BROKEN) from error


def read_pdf(content: bytes, limits: Limits) -> Document:
    """All pages. Raises UnreadableDocument: encrypted, broken, too many pages."""
    document = Document("pdf")
    with LOCK:
        file = opened(content)
        try:
            count = len(file)
            if count > limits.pages:
                raise UnreadableDocument(Outcome.TOO_MANY_PAGES, f"{count:,} pages; {limits.pages} are read")
            if not count:
                raise UnreadableDocument(Outcome.BROKEN, "it has no pages")
            left = limits.characters
            failed = 0
            for number in range(1, count + 1):
                try:
                    page, _ = _read_page(file, number, left)
                except pdfium.PdfiumError:
                    # One broken page among good ones: what can be read is read, and it is said.
                    failed += 1
                    page = Page(number, "")
                document.pages.append(page)
                left -= len(page.text)
            lost = sum(page.unreadable for page in document.pages)
            if lost:
                document.notes.append(
                    f"The file draws {lost:,} letter{'' if lost == 1 else 's'} without saying which, often fi or fl: "
                    "look for words with a gap."
                )
            if failed == count:
                raise UnreadableDocument(Outcome.BROKEN)
            if failed:
                document.notes.append(f"{failed} of {count} pages are damaged and were not read.")
            if left <= 0:
                document.notes.append("The text is very long; the end of it was not read.")
        finally:
            file.close()
    return document


def is_scan(document: Document) -> bool:
    """Whether it shows pictures and next to no text."""
    if not any(page.images for page in document.pages):
        return False
    return sum(sum(map(str.isalnum, page.text)) for page in document.pages) < _SCANNED * len(document.pages)


def read_page(content: bytes, number: int) -> tuple[Page, list[int], Glyphs]:
    """One page with, for each character of its text, the number of its glyph (-1: put in by us), and the glyphs."""
    with LOCK:
        file = opened(content)
        try:
            if not 1 <= number <= len(file):
                raise IndexError(f"There is no page {number}.")
            page, rows = _read_page(file, number, Limits().characters)
            source: list[int] = []
            for row in rows:
                source += [*row.glyphs, -1]
            handle = file[number - 1]
            text = handle.get_textpage()
            glyphs = read_glyphs(text, len(page.text) + 10_000)
            text.close()
            handle.close()
            return page, source[:-1], glyphs
        finally:
            file.close()


def _read_page(file: pdfium.PdfDocument, number: int, left: int) -> tuple[Page, list[Row]]:
    handle = file[number - 1]
    try:
        width, height = handle.get_size()
        text = handle.get_textpage()
        try:
            glyphs = read_glyphs(text, max(0, left))
            rows, order, disagreed = ordered(rows_of(glyphs), width, height)
            page = Page(number, "", width=width, height=height, order=order, disagreed=disagreed)
            page.unreadable = unreadable(glyphs)
            _fill(page, rows)
            page.links = list(_links(handle, page))
            if len(glyphs.text) < 4 * _SCANNED:
                page.images = _images(handle)
            return page, rows
        finally:
            text.close()
    finally:
        handle.close()


def _fill(page: Page, rows: list[Row]) -> None:
    position = 0
    before: Row | None = None
    texts = []
    for row in rows:
        line = row.line(page.number, position)
        if before is not None:
            # More than a line's usual distance above, or to another column.
            line.gap = not (0 < before.y0 - row.y0 < 1.7 * max(row.size, 1.0))
        page.lines.append(line)
        texts.append(row.text)
        position += len(row.text) + 1
        before = row
    page.text = "\n".join(texts)


def _images(handle: Any) -> int:
    return sum(1 for _ in handle.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3))


def _links(handle: Any, page: Page) -> Iterator[Link]:
    """Addresses that the page's annotations lead to, and the text that they lie over. None is followed."""
    position = ctypes.c_int(0)
    link = raw.FPDF_LINK()
    rectangle = raw.FS_RECTF()
    for _ in range(300):
        if not raw.FPDFLink_Enumerate(handle.raw, ctypes.byref(position), ctypes.byref(link)):
            return
        action = raw.FPDFLink_GetAction(link)
        if not action or raw.FPDFAction_GetType(action) != raw.PDFACTION_URI:
            continue
        size = raw.FPDFAction_GetURIPath(handle.pdf.raw, action, None, 0)
        if not 1 < size <= 2_000:
            continue
        buffer = ctypes.create_string_buffer(size)
        raw.FPDFAction_GetURIPath(handle.pdf.raw, action, buffer, size)
        if not raw.FPDFLink_GetAnnotRect(link, ctypes.byref(rectangle)):
            continue
        uri = buffer.value.decode("utf-8", errors="replace").strip()
        if uri:
            yield Link(uri, _under(page, rectangle))


def _under(page: Page, rectangle: Any) -> Piece:
    """The text under a rectangle, by the line that it crosses."""
    middle = (rectangle.bottom + rectangle.top) / 2
    for line in page.lines:
        if line.y0 <= middle <= line.y1 and line.x0 < rectangle.right and rectangle.left < line.x1:
            width = max(line.x1 - line.x0, 0.1)
            begin = int((rectangle.left - line.x0) / width * len(line.text))
            end = int((rectangle.right - line.x0) / width * len(line.text)) + 1
            return _whole_words(line, max(0, begin), min(len(line.text), end))
    return Piece(page.number, 0, "")


def _whole_words(line: Line, begin: int, end: int) -> Piece:
    while begin > 0 and not line.text[begin - 1].isspace():
        begin -= 1
    while end < len(line.text) and not line.text[end].isspace():
        end += 1
    return line.piece.part(begin, end).stripped()
