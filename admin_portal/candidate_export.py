"""The list of candidates as a CSV file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from shared_backend.identity.actor import Actor
from shared_backend.portal_ui.csv_export import csv_bytes
from shared_backend.services.backend import Backend
from shared_backend.services.candidates import Candidate, Candidates, Filter

COLUMNS: Final = (
    "id",
    "name",
    "headline",
    "email",
    "account",
    "completeness",
    "version",
    "created",
    "changed",
    "changed_by",
)


def candidates_csv(backend: Backend, wanted: Filter, sort: str, actor: Actor) -> Callable[[], bytes]:
    """What makes the file of all that the filter lets through, when it is called."""
    directory = Candidates(backend.database)
    return lambda: csv_bytes(COLUMNS, map(_cells, directory.export(wanted, actor=actor, sort=sort)))


def _cells(each: Candidate) -> tuple[object, ...]:
    account = (each.id, each.name, each.headline, each.email, each.status)
    return (*account, each.completeness, each.version, each.created_at, each.updated_at, each.updated_by_name)
