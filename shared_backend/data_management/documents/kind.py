"""What a file is, told from its bytes; its name only decides between kinds of plain text."""

from __future__ import annotations

import codecs
import io
import json
import zipfile
from typing import Literal

from shared_backend.data_management.documents.errors import Outcome, UnreadableDocument

Kind = Literal["pdf", "docx", "odt", "rtf", "html", "markdown", "text", "json", "doc"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BY_SUFFIX: dict[str, Kind] = {
    "pdf": "pdf", "docx": "docx", "docm": "docx", "dotx": "docx", "odt": "odt", "ott": "odt", "rtf": "rtf",
    "html": "html", "htm": "html", "xhtml": "html", "md": "markdown", "markdown": "markdown", "txt": "text",
    "text": "text", "json": "json", "doc": "doc", "dot": "doc",
}  # fmt: skip
_BINARY_SHARE = 0.02


def suffix_of(name: str) -> str:
    """The ending of a file's name, in lower case, without the dot."""
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""


def kind_by_name(name: str) -> Kind | None:
    """What the name says."""
    return _BY_SUFFIX.get(suffix_of(name))


def kind_of(content: bytes, name: str = "") -> Kind:
    """What the content is. Raises UnreadableDocument for what can't be read."""
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.startswith(b"PK\x03\x04") or content.startswith(b"PK\x05\x06"):
        return _archive(content)
    if content.startswith(_OLE):
        return _compound(content)
    if head.startswith(b"{\\rtf"):
        return "rtf"
    low = head[:512].lower()
    if low.startswith((b"<!doctype html", b"<html")) or (low.startswith(b"<?xml") and b"<html" in low):
        return "html"
    return _plain(content, name)


def _archive(content: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if "word/document.xml" in names or any(one.startswith("word/document") for one in names):
                return "docx"
            if "content.xml" in names and "mimetype" in names:
                with archive.open("mimetype") as file:
                    if file.read(80).startswith(b"application/vnd.oasis.opendocument.text"):
                        return "odt"
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError) as error:
        raise UnreadableDocument(Outcome.BROKEN) from error
    raise UnreadableDocument(Outcome.UNSUPPORTED, "an archive that is neither DOCX nor ODT")


def _compound(content: bytes) -> Kind:
    # An encrypted DOCX is a compound file with these two streams; names in it are UTF-16.
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise UnreadableDocument(Outcome.ENCRYPTED)
    if "WordDocument".encode("utf-16-le") in content:
        return "doc"
    raise UnreadableDocument(Outcome.UNSUPPORTED, "an Office file that is not a text document")


def _plain(content: bytes, name: str) -> Kind:
    text = decoded(content[:65_536])
    strange = sum(1 for letter in text if (letter < " " and letter not in "\t\r\n\f\v\x1b") or letter == "\ufffd")
    if text and strange / len(text) > _BINARY_SHARE:
        raise UnreadableDocument(Outcome.UNSUPPORTED)
    named = kind_by_name(name)
    if named in ("html", "markdown", "text"):
        return named
    if text.lstrip().startswith("{"):
        try:
            if isinstance(json.loads(decoded(content)), dict):
                return "json"
        except (ValueError, RecursionError):
            if named == "json":
                raise UnreadableDocument(Outcome.BROKEN, "this is no JSON") from None
    return "text"


def decoded(content: bytes) -> str:
    """Text of unknown encoding: by its mark, else UTF-8, else Windows' Western European."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        # A window cut in the middle of a character is no sign of another encoding.
        if error.start >= len(content) - 4:
            return content.decode("utf-8", errors="ignore")
    # Two zero bytes in four are UTF-16 without a mark.
    if content[:200].count(0) > len(content[:200]) // 3:
        return content.decode("utf-16-le", errors="replace")
    return content.decode("cp1252", errors="replace")
