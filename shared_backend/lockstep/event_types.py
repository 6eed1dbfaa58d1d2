"""The types of events, each a small frozen dataclass that says what its data holds. docs/events.md lists them all.

Readers ignore what they do not know: data may carry more than the dataclass names, and new types may appear.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from shared_backend.utils.exception_handler import InvalidInput

# A script's own events, without registering: custom.<name>, any data.
CUSTOM_PREFIX = "custom."
_CUSTOM = re.compile(r"custom\.[\w.:-]{1,73}")


@dataclass(frozen=True)
class EntityChanged:
    """An entity has a new version. `changed` names the fields, never their values: those are in the version."""

    action: str = "update"
    changed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class UserUpdate(EntityChanged):
    """A candidate's profile has a new version."""

    user_id: str = ""


@dataclass(frozen=True)
class ConflictOpened:
    """Two edits met on the same fields; the losing values are kept under these conflict ids."""

    kind: str
    entity_id: str
    fields: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ConflictResolved:
    """A conflict was accepted, dismissed or applied."""

    kind: str
    entity_id: str
    resolution: str = ""


@dataclass(frozen=True)
class AccountUpdate:
    """An account was made, locked, unlocked, or given another role; open tabs look again."""

    action: str = "update"


@dataclass(frozen=True)
class Canary:
    """A test of the bridge itself: every portal answers it with an acknowledgement."""

    canary_id: str


@dataclass(frozen=True)
class PortalNotice:
    """A short notice from a script or service to both portals."""

    message: str
    level: str = "info"


@dataclass(frozen=True)
class DataSynced:
    """`sync_data` has written a set of entities."""

    kinds: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class CloudUpdate:
    """An operator, or the reconciler, has changed files, secrets or routes of the clouds. The entity says which;
    `action` what was done."""

    action: str


@dataclass(frozen=True)
class JobUpdate:
    """A background job has come to another state, or somebody wishes it to. Progress is no event."""

    job: str
    state: str
    wish: str = ""


@dataclass(frozen=True)
class DatasetUpdate:
    """A version of a dataset was imported, put in use or removed. The entity is its source; `action` what was done."""

    action: str
    version: str


@dataclass(frozen=True)
class DocumentUpdate:
    """A candidate's document has come to another state. The entity is its owner, or `unassigned`; never a name."""

    action: str
    document_id: str = ""


@dataclass(frozen=True)
class IntakeUpdate:
    """A bulk intake was begun, changed or has ended. The progress of its files is no event."""

    action: str


class EventRegister:
    """The event types that one backend knows, by name."""

    def __init__(self, entity_prefixes: Iterable[str] = ()) -> None:
        self._types: dict[str, type[Any]] = {
            "conflict_opened": ConflictOpened,
            "conflict_resolved": ConflictResolved,
            "account_update": AccountUpdate,
            "canary": Canary,
            "portal_notice": PortalNotice,
            "data_synced": DataSynced,
            "job_update": JobUpdate,
            "cloud_update": CloudUpdate,
            "dataset_update": DatasetUpdate,
            "document_update": DocumentUpdate,
            "intake_update": IntakeUpdate,
        }
        for prefix in entity_prefixes:
            shape = UserUpdate if prefix == "user" else EntityChanged
            self._types.update({f"{prefix}_{verb}": shape for verb in ("update", "delete", "restore")})

    def names(self) -> list[str]:
        """All registered names, sorted."""
        return sorted(self._types)

    def register(self, name: str, shape: type[Any]) -> None:
        """Adds a type of one's own: a dataclass whose docstring says what the event tells."""
        if not dataclasses.is_dataclass(shape):
            raise InvalidInput(f"The event type {name!r} must be described by a dataclass.")
        if name in self._types:
            raise InvalidInput(f"There is an event type {name!r} already.")
        self._types[name] = shape

    def shape_of(self, name: str) -> type[Any] | None:
        """The dataclass of a type; None for custom events. Raises InvalidInput for an unknown name."""
        if isinstance(name, str) and _CUSTOM.fullmatch(name):
            return None
        if not isinstance(name, str) or name not in self._types:
            near = difflib.get_close_matches(str(name), self._types, n=1)
            hint = f"Did you mean {near[0]}? " if near else ""
            raise InvalidInput(
                f"{name!r} is not a registered event type. {hint}Registered: {', '.join(self.names())}. "
                f"For events of your own, use {CUSTOM_PREFIX!r} and a name of letters, digits and . _ : - (80 in all)."
            )
        return self._types[name]

    def check(self, name: str, data: Any) -> dict[str, Any]:
        """Checks what is to be published and answers it. Raises InvalidInput naming the field that is wrong."""
        shape = self.shape_of(name)
        if not isinstance(data, dict):
            raise InvalidInput(f"The data of an event is a dictionary, not {type(data).__name__}.")
        if shape is None:
            return data
        for item in dataclasses.fields(shape):
            required = item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
            if required and item.name not in data:
                raise InvalidInput(f"An event of type {name} needs {item.name!r} in its data.")
            if item.name in data and not isinstance(data[item.name], _python_type(str(item.type))):
                raise InvalidInput(f"{item.name!r} of an event of type {name} must be {item.type}.")
        return data


def _python_type(annotation: str) -> type:
    return {"str": str, "int": int, "bool": bool}.get(annotation, list if annotation.startswith("list") else dict)
