"""A page of a document to look at, with some places marked: as a picture where the format has pages, else as text.

Runs in a process of its own that can be lost (`page_child.py`), never where secrets are.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from shared_backend.data_management.documents.errors import Outcome, UnreadableDocument
from shared_backend.data_management.documents.limits import Limits
from shared_backend.data_management.reading import PageLook, Place

_WIDTH, _TALLEST = 1_000, 2_400
_LONGEST_TEXT = 60_000
# Amber, as a marker pen leaves it: the letters stay readable in it.
_INK, _EDGE = (255, 226, 110), (196, 140, 20)


def look_here(content: bytes, name: str, page: int, places: Sequence[Place]) -> PageLook:
    """The page. Raises UnreadableDocument and IndexError."""
    from shared_backend.data_management.documents.kind import kind_of

    if kind_of(content, name) == "pdf":
        return _picture(content, page, places)
    from shared_backend.data_management.documents.read import read_document

    document = read_document(content, name, Limits())
    shown = document.page(page).text[:_LONGEST_TEXT]
    marks = tuple((start, min(end, len(shown))) for number, start, end in places if number == page and start < end)
    return PageLook(page, len(document.pages), None, shown, marks)


def _picture(content: bytes, number: int, places: Sequence[Place]) -> PageLook:
    from shared_backend.data_management.documents.pdf import LOCK, opened

    boxes = _boxes(content, number, [each for each in places if each[0] == number])
    with LOCK:
        file = opened(content)
        try:
            count = len(file)
            if not 1 <= number <= count:
                raise IndexError(f"There is no page {number}.")
            handle = file[number - 1]
            width, height = handle.get_size()
            if not (0 < width < 20_000 and 0 < height < 20_000):
                raise UnreadableDocument(Outcome.BROKEN, "the page has no size")
            # Bounded, whatever a page says of its own size.
            scale = min(_WIDTH / width, _TALLEST / height)
            image = handle.render(scale=scale).to_pil().convert("RGB")
            handle.close()
        finally:
            file.close()
    return PageLook(number, count, _png(_marked(image, boxes, scale, height)))


def _boxes(content: bytes, number: int, places: Sequence[Place]) -> list[tuple[float, float, float, float]]:
    """The places' boxes in points, one for each line: left, bottom, right, top."""
    if not places:
        return []
    from shared_backend.data_management.documents.pdf import read_page

    page, source, glyphs = read_page(content, number)
    found = []
    for _page, start, end in places:
        for line in page.lines:
            low, high = max(start, line.start), min(end, line.start + len(line.text), len(source))
            drawn = [source[at] for at in range(low, high) if source[at] >= 0]
            drawn = [at for at in drawn if glyphs.right[at] > glyphs.left[at]]
            if drawn:
                found.append(
                    (
                        min(glyphs.left[at] for at in drawn),
                        min(glyphs.bottom[at] for at in drawn),
                        max(glyphs.right[at] for at in drawn),
                        max(glyphs.top[at] for at in drawn),
                    )
                )
    return found


def _marked(image: Any, boxes: Sequence[tuple[float, float, float, float]], scale: float, height: float) -> Any:
    from PIL import Image, ImageChops, ImageDraw

    if not boxes:
        return image
    layer = Image.new("RGB", image.size, "white")
    pen = ImageDraw.Draw(layer)
    for left, bottom, right, top in boxes:
        corners = (left * scale - 3, (height - top) * scale - 2, right * scale + 3, (height - bottom) * scale + 2)
        pen.rounded_rectangle(corners, radius=3, fill=_INK, outline=_EDGE, width=2)
    return ImageChops.multiply(image, layer)


def _png(image: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()
