"""DOCX: headers, paragraphs, tables and text boxes, in order. Macros and outside references are not looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from shared_backend.data_management.documents.archive import Archive
from shared_backend.data_management.documents.builder import Builder
from shared_backend.data_management.documents.document import Document
from shared_backend.data_management.documents.errors import Outcome, UnreadableDocument
from shared_backend.data_management.documents.limits import Limits

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


@dataclass(slots=True)
class _Paragraph:
    text: str = ""
    bold: int = 0
    size: float = 0.0
    heading: int = 0
    bullet: bool = False
    links: list[tuple[int, int, str]] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)


def read_docx(content: bytes, limits: Limits) -> Document:
    """Raises UnreadableDocument: broken, encrypted, a bomb."""
    archive = Archive(content, limits)
    name = "word/document.xml"
    if name not in archive.names:
        name = next(
            (one for one in sorted(archive.names) if one.startswith("word/document") and one.endswith(".xml")), name
        )
    root = archive.xml(name)
    body = root.find(f"{_W}body")
    if body is None:
        raise UnreadableDocument(Outcome.BROKEN)
    builder = Builder("docx", limits.characters)
    reader = _Reader(builder, _headings(archive), _links(archive, name))
    for header in sorted(one for one in archive.names if one.startswith("word/header") and one.endswith(".xml")):
        reader.blocks(archive.xml(header))
    reader.blocks(body)
    for footer in sorted(one for one in archive.names if one.startswith("word/footer") and one.endswith(".xml")):
        reader.blocks(archive.xml(footer))
    document = builder.document()
    document.pages[0].images = sum(1 for one in archive.names if one.startswith("word/media/"))
    return document


def _headings(archive: Archive) -> dict[str, int]:
    """The styles that are headings, with their levels."""
    if "word/styles.xml" not in archive.names:
        return {}
    found = {}
    for style in archive.xml("word/styles.xml").iter(f"{_W}style"):
        name = style.find(f"{_W}name")
        label = (name.get(f"{_W}val") or "").lower() if name is not None else ""
        if label.startswith(("heading", "überschrift", "titre ", "título")):
            found[style.get(f"{_W}styleId") or ""] = _level(label)
    return found


def _level(name: str) -> int:
    """Of a style's name ("heading 2", "Heading2"); the highest where it names none."""
    digits = [letter for letter in name if letter.isdigit()]
    return max(1, int(digits[0])) if digits else 1


def _links(archive: Archive, name: str) -> dict[str, str]:
    path = name.replace("word/", "word/_rels/") + ".rels"
    if path not in archive.names:
        return {}
    return {
        one.get("Id", ""): one.get("Target", "")
        for one in archive.xml(path).iter(_RELATION)
        if one.get("TargetMode") == "External" and one.get("Target", "").startswith(("http://", "https://", "mailto:"))
    }


class _Reader:
    def __init__(self, builder: Builder, headings: dict[str, int], links: dict[str, str]) -> None:
        self._builder = builder
        self._headings = headings
        self._links = links

    def blocks(self, parent: Element) -> None:
        """Paragraphs and tables below an element, in order."""
        for child in parent:
            if child.tag == f"{_W}p":
                self._add(self._paragraph(child))
            elif child.tag == f"{_W}tbl":
                self._table(child)
            elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins", f"{_W}smartTag"):
                self.blocks(child)

    def _add(self, found: _Paragraph) -> None:
        bold = bool(found.text.strip()) and found.bold >= 0.8 * len(found.text.strip())
        self._builder.add(
            found.text, heading=found.heading, bold=bold, size=found.size, bullet=found.bullet, links=found.links
        )
        for box in found.boxes:
            self.blocks(box)

    def _table(self, table: Element) -> None:
        for row in table.iter(f"{_W}tr"):
            cells = [[self._paragraph(one) for one in cell.iter(f"{_W}p")] for cell in row.findall(f"{_W}tc")]
            filled = [[one for one in cell if one.text.strip()] for cell in cells]
            if all(len(cell) <= 1 for cell in filled):
                # One line a cell: a row of the page.
                kept = [cell[0] for cell in filled if cell]
                if kept:
                    text = "\t".join(one.text.replace("\t", " ") for one in kept)
                    self._add(
                        _Paragraph(
                            text, sum(one.bold for one in kept), kept[0].size, kept[0].heading if len(kept) == 1 else 0
                        )
                    )
            else:
                # Cells of several lines are columns: each is read to its end.
                for cell in cells:
                    self._builder.add("")
                    for one in cell:
                        self._add(one)
            for cell in cells:
                for one in cell:
                    for box in one.boxes if all(len(some) <= 1 for some in filled) else ():
                        self.blocks(box)

    def _paragraph(self, element: Element) -> _Paragraph:
        found = _Paragraph()
        properties = element.find(f"{_W}pPr")
        if properties is not None:
            style = properties.find(f"{_W}pStyle")
            name = (style.get(f"{_W}val") or "") if style is not None else ""
            found.heading = self._headings.get(name, 0) or (_level(name) if name.lower().startswith("heading") else 0)
            outline = properties.find(f"{_W}outlineLvl")
            if not found.heading and outline is not None:
                found.heading = _level(str(int(outline.get(f"{_W}val") or 0) + 1)) if _is_level(outline) else 0
            found.bullet = (properties.find(f"{_W}numPr") is not None or "list" in name.lower()) and not found.heading
        self._runs(element, found, "")
        return found

    def _runs(self, parent: Element, found: _Paragraph, uri: str) -> None:
        for child in parent:
            if child.tag == f"{_W}r":
                self._run(child, found)
            elif child.tag == f"{_W}hyperlink":
                begin = len(found.text)
                self._runs(child, found, "")
                target = self._links.get(child.get(f"{_R}id") or "")
                if target and len(found.text) > begin:
                    found.links.append((begin, len(found.text), target))
            elif child.tag in (f"{_W}ins", f"{_W}smartTag", f"{_W}sdt", f"{_W}sdtContent", f"{_W}fldSimple"):
                self._runs(child, found, uri)

    def _run(self, run: Element, found: _Paragraph) -> None:
        properties = run.find(f"{_W}rPr")
        bold = properties is not None and _on(properties.find(f"{_W}b"))
        if properties is not None and _on(properties.find(f"{_W}vanish")):
            return
        size = properties.find(f"{_W}sz") if properties is not None else None
        if size is not None and (size.get(f"{_W}val") or "").isdigit() and not found.size:
            found.size = int(size.get(f"{_W}val") or 0) / 2
        before = len(found.text)
        for child in run:
            if child.tag == f"{_W}t":
                found.text += child.text or ""
            elif child.tag == f"{_W}tab":
                found.text += "\t"
            elif child.tag in (f"{_W}br", f"{_W}cr"):
                found.text += "\n"
            elif child.tag == f"{_W}noBreakHyphen":
                found.text += "-"
            else:
                found.boxes += _boxes(child)
        if bold:
            found.bold += len(found.text) - before


def _is_level(outline: Element) -> bool:
    """Levels count from 0; 9 is text."""
    level = outline.get(f"{_W}val") or "0"
    return level.isdigit() and int(level) < 9


def _on(element: Element | None) -> bool:
    return element is not None and element.get(f"{_W}val") not in ("0", "false", "none")


def _boxes(element: Element) -> Iterator[Element]:
    """Text boxes below a drawing. Writers keep each twice, for old readers; the second is left out."""
    if element.tag == f"{_MC}Fallback":
        return
    if element.tag == f"{_W}txbxContent":
        yield element
        return
    for child in element:
        yield from _boxes(child)
