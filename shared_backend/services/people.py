"""The front door to people: who they are, how they come in, and what is done to their accounts."""

from __future__ import annotations

from shared_backend.services.people_admin import PeopleAdministration
from shared_backend.services.people_entry import Absence, LinkInfo, PeopleEntry, Recognition

__all__ = ["Absence", "LinkInfo", "People", "Recognition"]


class People(PeopleEntry, PeopleAdministration):
    """Everything about people. `publish` and `ensure_profile` run in the transaction of what they belong to."""
