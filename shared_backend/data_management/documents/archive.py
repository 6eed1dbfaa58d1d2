"""Archives (DOCX, ODT) opened so that none can unpack to more than it should, and XML that defines nothing."""

from __future__ import annotations

import io
import zipfile
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from shared_backend.data_management.documents.errors import Outcome, UnreadableDocument
from shared_backend.data_management.documents.limits import Limits

# Below this, a high ratio is no attack: white space packs well.
_SMALL = 2_000_000


class Archive:
    """The members of an archive that are asked for; nothing is written to disk, no name is taken as a path."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.unpacked_bytes
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise UnreadableDocument(Outcome.BROKEN) from error
        members = self._zip.infolist()
        if len(members) > limits.archive_members:
            raise UnreadableDocument(Outcome.BOMB, f"{len(members):,} files in it")
        self.names = {member.filename for member in members}
        if any(member.flag_bits & 1 for member in members):
            raise UnreadableDocument(Outcome.ENCRYPTED)

    def read(self, name: str) -> bytes:
        """One member. Raises UnreadableDocument: a bomb, or broken. What its header says of its size isn't believed."""
        try:
            member = self._zip.getinfo(name)
            with self._zip.open(member) as file:
                content = file.read(self._left + 1)
        except (
            zipfile.BadZipFile,
            KeyError,
            OSError,
            EOFError,
            ValueError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise UnreadableDocument(Outcome.BROKEN) from error
        except Exception as error:
            # zlib.error is no OSError.
            if type(error).__module__ in ("zlib", "lzma", "_lzma"):
                raise UnreadableDocument(Outcome.BROKEN) from error
            raise
        self._left -= len(content)
        packed = max(member.compress_size, 1)
        if self._left < 0 or (len(content) > _SMALL and len(content) / packed > self._limits.unpacked_ratio):
            raise UnreadableDocument(Outcome.BOMB)
        return content

    def xml(self, name: str) -> Element:
        """One member as XML."""
        return parsed_xml(self.read(name), self._limits)


def parsed_xml(content: bytes, limits: Limits) -> Element:
    """XML without entities of its own, not deeper than allowed. Raises UnreadableDocument."""
    root: Element | None = None
    depth = 0
    try:
        for event, element in iterparse(io.BytesIO(content), events=("start", "end"), forbid_dtd=False):
            if event == "start":
                root = element if root is None else root
                depth += 1
                if depth > limits.xml_depth:
                    raise UnreadableDocument(Outcome.BOMB, "nested too deeply")
            else:
                depth -= 1
    except DefusedXmlException as error:
        raise UnreadableDocument(Outcome.BOMB, "it defines entities") from error
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableDocument(Outcome.BROKEN) from error
    if root is None:
        raise UnreadableDocument(Outcome.BROKEN)
    return root
