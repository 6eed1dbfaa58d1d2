"""Where the CVs are, and what is known of them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared_backend.config.backend_config import project_root
from shared_backend.utils.exception_handler import InvalidInput


def folder(name: str = "") -> Path:
    """Below the CVs. Raises InvalidInput where they are not."""
    path = project_root().parent / "shared" / "data" / "cv" / name
    if not path.exists():
        raise InvalidInput(f"This benchmark reads {path}, which is not there.")
    return path


def files(name: str = "", suffix: str = ".pdf") -> list[Path]:
    """All files of that kind, in order."""
    return sorted(path for path in folder(name).rglob(f"*{suffix}") if path.is_file())


@dataclass(frozen=True)
class Annotated:
    """A text and what people marked in it: (kind, words as they stand)."""

    name: str
    text: str
    labels: tuple[tuple[str, str], ...]

    @property
    def flat(self) -> bool:
        """Whether its line breaks were lost."""
        return self.text.strip().count("\n") < 3

    def marked(self, kind: str) -> list[str]:
        """What is marked as that kind."""
        return [" ".join(words.split()) for one, words in self.labels if one == kind]

    def lines(self, kind: str) -> list[list[str]]:
        """The lines of what is marked as that kind: some marks run over the end of a line into the next value."""
        return [
            [" ".join(line.split()) for line in words.splitlines() if line.strip()]
            for one, words in self.labels
            if one == kind
        ]


@cache
def annotated() -> tuple[Annotated, ...]:
    """The annotated CVs, their marks taken out of the text."""
    found = []
    for path in files("annotated_dotin", ".xml"):
        content = path.read_text(encoding="utf-8", errors="replace")
        match = re.search(r"<cv>\n?(.*?)\n?</cv>", content, re.DOTALL)
        body = match[1] if match else content
        marks = re.findall(r'<label type="([^"]+)">(.*?)</label>', body, re.DOTALL)
        labels = tuple((kind, _bare(words)) for kind, words in marks)
        found.append(Annotated(path.name, _bare(body), labels))
    return tuple(found)


def _bare(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", text))
