"""The list of candidates as a CSV file."""

from __future__ import annotations

from typing import Final

from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.csv_export import csv_bytes
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


def candidates_csv(wanted: Filter, sort: str) -> bytes:
    """The file of all that the filter lets through, for who is there now."""
    context = page_context()
    directory = Candidates(context.backend.database)
    return csv_bytes(COLUMNS, map(_cells, directory.export(wanted, actor=context.actor, sort=sort)))


def _cells(each: Candidate) -> tuple[object, ...]:
    account = (each.id, each.name, each.headline, each.email, each.status)
    return (*account, each.completeness, each.version, each.created_at, each.updated_at, each.updated_by_name)
