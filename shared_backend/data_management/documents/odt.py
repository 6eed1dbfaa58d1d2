"""ODT: headings, paragraphs, lists and tables, in order."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from shared_backend.data_management.documents.archive import Archive
from shared_backend.data_management.documents.builder import Builder
from shared_backend.data_management.documents.document import Document
from shared_backend.data_management.documents.errors import Outcome, UnreadableDocument
from shared_backend.data_management.documents.limits import Limits

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_MANIFEST = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"


def read_odt(content: bytes, limits: Limits) -> Document:
    """Raises UnreadableDocument: broken, encrypted, a bomb."""
    archive = Archive(content, limits)
    if "META-INF/manifest.xml" in archive.names:
        manifest = archive.xml("META-INF/manifest.xml")
        if any(True for _ in manifest.iter(f"{_MANIFEST}encryption-data")):
            raise UnreadableDocument(Outcome.ENCRYPTED)
    body = archive.xml("content.xml").find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise UnreadableDocument(Outcome.BROKEN)
    builder = Builder("odt", limits.characters)
    _blocks(body, builder, bullet=False)
    return builder.document()


def _blocks(parent: Element, builder: Builder, *, bullet: bool) -> None:
    for child in parent:
        if child.tag == f"{_TEXT}h":
            builder.add(_text(child), heading=_level(child))
        elif child.tag == f"{_TEXT}p":
            builder.add(_text(child), bullet=bullet)
            for box in child.iter(f"{_DRAW}text-box"):
                _blocks(box, builder, bullet=False)
        elif child.tag == f"{_TEXT}list":
            _blocks(child, builder, bullet=True)
        elif child.tag == f"{_TABLE}table-row":
            cells = [
                [_text(one) for one in cell.iter() if one.tag in (f"{_TEXT}p", f"{_TEXT}h")]
                for cell in child.findall(f"{_TABLE}table-cell")
            ]
            filled = [[one for one in cell if one.strip()] for cell in cells]
            if all(len(cell) <= 1 for cell in filled):
                builder.add("\t".join(cell[0].replace("\t", " ") for cell in filled if cell))
            else:
                for cell in cells:
                    for text in cell:
                        builder.add(text)
        elif child.tag.startswith((_TEXT, _TABLE, _DRAW)) and child.tag not in (
            f"{_TEXT}tracked-changes",
            f"{_TEXT}sequence-decls",
        ):
            _blocks(child, builder, bullet=bullet)


def _level(heading: Element) -> int:
    level = heading.get(f"{_TEXT}outline-level", "1")
    return max(1, int(level)) if level.isdigit() else 1


def _text(element: Element) -> str:
    """The element's text, without notes and boxes."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}tab":
            parts.append("\t")
        elif child.tag == f"{_TEXT}s":
            parts.append(" " * min(int(child.get(f"{_TEXT}c", "1") or 1), 40))
        elif child.tag == f"{_TEXT}line-break":
            parts.append("\n")
        elif child.tag not in (f"{_TEXT}note", f"{_OFFICE}annotation") and not child.tag.startswith(_DRAW):
            parts.append(_text(child))
        parts.append(child.tail or "")
    return "".join(parts)
