"""How far carrying has come."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Progress:
    """What a run has done so far. `failed` stay pending and are tried again in the next run."""

    total: int = 0
    synced: int = 0
    conflicts: int = 0
    superseded: int = 0
    voided: int = 0
    failed: int = 0
    last_error: str = ""
    paths: list[str] = field(default_factory=list)
    # The compare pass: found on the primary with their sha256, and what was not, in words.
    compared: int = 0
    missing: list[str] = field(default_factory=list)
    # Somebody else is at it.
    busy: bool = False

    @property
    def done(self) -> int:
        """Entries that need no further run."""
        return self.synced + self.conflicts + self.superseded + self.voided
