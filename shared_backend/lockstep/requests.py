"""What a writer asks for, and what they are answered."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any, Final

from shared_backend.database.types import to_json
from shared_backend.identity.actor import Actor
from shared_backend.lockstep.merging import Authorship

SOURCES = ("admin_portal", "user_portal", "api", "worker", "script")
ENTITY_ID: Final = re.compile(r"[\w.@:+-]{1,128}")  # to be matched in full
# Levels of objects and lists in each other. Readers of JSON give up near a thousand, sooner the deeper they are called.
MAX_DEPTH: Final = 100


def is_too_deep(data: Any) -> bool:
    """Whether objects and lists are nested beyond MAX_DEPTH, as what contains itself is."""
    level = [data]
    for _depth in range(MAX_DEPTH):
        inside = (part for node in level for part in (node.values() if isinstance(node, dict) else node))
        level = list({id(part): part for part in inside if isinstance(part, dict | list | tuple)}.values())
        if not level:
            return False
    return True


@dataclass(frozen=True)
class SaveRequest:
    """One edit. `data` is a JSON merge patch (RFC 7386) on the state at `base_version`; None means: on the newest."""

    kind: str
    entity_id: str
    data: dict[str, Any]
    source: str
    actor: Actor
    base_version: int | None = None
    idempotency_key: str | None = None
    override: bool = False
    correlation_id: str = ""
    action: str = "update"

    @property
    def authorship(self) -> Authorship:
        """Who writes. What comes from the user portal has a candidate's authority, whoever signs it."""
        authority = 1 if self.source == "user_portal" else self.actor.role.authority
        return Authorship(self.actor.id, self.actor.name, self.source, authority)

    def fingerprint(self) -> str:
        """SHA-256 over what is asked for: the same key with another fingerprint is a mistake."""
        asked = [self.kind, self.entity_id, self.data, self.source, self.base_version, self.override, self.action]
        return hashlib.sha256(to_json(asked).encode()).hexdigest()


@dataclass(frozen=True)
class ConflictSummary:
    """What an edit met: the fields, the conflicts' ids, and whose values stand (`mine`, `theirs` or `both`)."""

    fields: list[str]
    ids: list[str]
    kept: str

    def to_dict(self) -> dict[str, Any]:
        """As the public face answers it."""
        return {"fields": self.fields, "ids": self.ids, "kept": self.kept}


@dataclass(frozen=True)
class SaveAnswer:
    """What a write did. `changed` is empty when nothing had to be written: version and seq are those that stand."""

    version: int
    seq: int
    epoch: str
    changed: list[str] = field(default_factory=list)
    conflict: ConflictSummary | None = None

    def to_json(self) -> dict[str, Any]:
        """The form that is kept under an idempotency key."""
        conflict = self.conflict.to_dict() if self.conflict else None
        return {
            "version": self.version,
            "seq": self.seq,
            "epoch": self.epoch,
            "changed": self.changed,
            "conflict": conflict,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> SaveAnswer:
        """The answer that was kept."""
        conflict = ConflictSummary(**kept["conflict"]) if kept["conflict"] else None
        return cls(kept["version"], kept["seq"], kept["epoch"], kept["changed"], conflict)
