"""What was found while a release was read: what keeps it from being used, what is odd, and how much there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from shared_backend.utils.exception_handler import InvalidInput

Level = Literal["error", "warning", "info"]
_SHOWN = 5

# (steps done, steps in all, what is being done)
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Finding:
    """One thing that was found. An error keeps the whole release from being used."""

    level: Level
    file: str
    words: str


@dataclass
class ImportReport:
    """All findings of one import, and the counts of what was read."""

    findings: list[Finding] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def error(self, file: str, words: str) -> None:
        """What keeps the release from being used."""
        self.findings.append(Finding("error", file, words))

    def warn(self, file: str, words: str) -> None:
        """What a person should know and what does no harm."""
        self.findings.append(Finding("warning", file, words))

    def note(self, file: str, words: str) -> None:
        """What was done with something that is no ordinary value."""
        self.findings.append(Finding("info", file, words))

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.level == "error"]

    def count(self, name: str, number: int, *, least: int, most: int, file: str) -> None:
        """Notes how many there are of something, which must be between `least` and `most`."""
        self.counts[name] = number
        if not least <= number <= most:
            hint = "; the file seems to be cut short" if number < least else ""
            self.error(file, f"has {number:,} {name}, where a release has {least:,} to {most:,}{hint}")

    def joins(self, file: str, what: str, codes: Iterable[str], known: Iterable[str]) -> None:
        """Every code must be a known one."""
        strange = sorted(set(codes) - set(known))
        if strange:
            self.error(file, f"has {len(strange):,} {what} that are not known: {shown(strange)}")

    def covers(self, file: str, what: str, codes: Iterable[str], expected: Iterable[str]) -> None:
        """Every expected code must be there: what is cut off at the end of a line shows here."""
        lacking = sorted(set(expected) - set(codes))
        if lacking:
            self.error(file, f"lacks {len(lacking):,} {what}, as if it were half copied: {shown(lacking)}")

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"findings": [asdict(finding) for finding in self.findings], "counts": dict(self.counts)}

    def raise_errors(self, source: str) -> None:
        """Raises ReleaseRefused when there is an error."""
        if self.errors:
            raise ReleaseRefused(source, self)


class ReleaseRefused(InvalidInput):
    """The release can't be used. Nothing was changed."""

    code = "release_refused"

    def __init__(self, source: str, report: ImportReport) -> None:
        self.report = report
        lines = [f"  - {finding.file}: {finding.words}" for finding in report.errors]
        super().__init__("\n".join([f"The {source} release can't be used. Nothing was changed.", *lines]))


def shown(values: list[str]) -> str:
    """The first few, and how many more."""
    more = f" and {len(values) - _SHOWN:,} more" if len(values) > _SHOWN else ""
    return ", ".join(values[:_SHOWN]) + more
