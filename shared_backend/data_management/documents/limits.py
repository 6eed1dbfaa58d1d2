"""How much of a document is read at most. A CV is far below all of these."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bytes, pages, characters, seconds and megabytes."""

    file_bytes: int = 20_000_000
    pages: int = 60
    characters: int = 400_000
    unpacked_bytes: int = 60_000_000
    unpacked_ratio: int = 200
    archive_members: int = 2_000
    xml_depth: int = 200
    seconds: float = 30.0
    memory_mb: int = 1_536
    ocr_pages: int = 10
