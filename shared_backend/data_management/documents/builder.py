"""Lines put together by formats that know paragraphs, and no places on a page."""

from __future__ import annotations

from collections import Counter

from shared_backend.data_management.documents.document import Document, Line, Link, Page, Piece
from shared_backend.data_management.documents.plain import line_of


class Builder:
    """Collects paragraphs, and makes the document of them. A tab parts cells."""

    def __init__(self, kind: str, most: int) -> None:
        self.kind = kind
        self._most = most
        self._texts: list[str] = []
        self._lines: list[Line] = []
        self._links: list[Link] = []
        self._position = 0
        self._gap = False
        self.full = False

    def add(
        self, text: str, *, heading: int = 0, bold: bool = False, size: float = 0.0, bullet: bool = False,
        links: list[tuple[int, int, str]] | None = None,
    ) -> None:  # fmt: skip
        """One paragraph; its line breaks part lines. `links` are (from, to, address) in it, `heading` its level."""
        if self._position > self._most:
            self.full = True
            return
        if not text.strip():
            self._gap = True
            return
        offset = 0
        for part in text.split("\n"):
            if part.strip():
                self._line(part, heading, bold, size, bullet)
                for begin, end, uri in links or []:
                    if offset <= begin < offset + len(part):
                        at = self._position - len(part) - 1 + begin - offset
                        self._links.append(Link(uri, Piece(1, at, part[begin - offset : end - offset])))
            offset += len(part) + 1

    def _line(self, text: str, heading: int, bold: bool, size: float, bullet: bool) -> None:
        line = line_of(Piece(1, self._position, text), gap=self._gap)
        self._gap = False
        line.heading, line.bold, line.size = heading, bold, size
        line.bullet = line.bullet or bullet
        self._lines.append(line)
        self._texts.append(text)
        self._position += len(text) + 1

    def document(self) -> Document:
        """One page, as these formats have none of their own."""
        page = Page(1, "\n".join(self._texts), self._lines, links=self._links)
        sizes = Counter(line.size for line in self._lines if line.size)
        usual = sizes.most_common(1)[0][0] if sizes else 11.0
        for line in page.lines:
            line.size = line.size or usual
        document = Document(self.kind, [page])
        if self.full:
            document.notes.append("The text is very long; the end of it was not read.")
        return document
