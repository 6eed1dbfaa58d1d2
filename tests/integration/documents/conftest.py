"""A company whose documents are read by a reader that tests can write for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from shared_backend.config.backend_config import Settings
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.jobs.runner import JobRunner
from shared_backend.services.backend import Backend
from tests.support.documents import TextReader
from tests.support.jobs import QUICK
from tests.support.people import PASSWORD, quick_passwords


class Office:
    """One process of the product on this test's database; documents are stored on this machine."""

    def __init__(self, settings: Settings) -> None:
        self.backend = Backend.open(settings, portal="script")
        self.backend.people._passwords = quick_passwords()
        self.reader = TextReader()
        self.backend.parser._make = lambda: self.reader
        self.documents = self.backend.documents
        self._numbers = itertools.count(1)

    def person(self, role: str = "candidate", name: str = "Ada Lovelace", email: str = "") -> Actor:
        email = email or f"person{next(self._numbers)}@example.org"
        account = self.backend.people.create_account(email, role, name, PASSWORD, actor=Actor.system())
        return Actor(account.id, Role(role), name)

    def upload(self, content: bytes, owner: Actor, name: str = "cv.txt") -> str:
        """Uploaded by its owner and read."""
        uploaded = self.documents.upload(content, name, owner_id=owner.id, actor=owner, source="user_portal")
        self.documents.parse(uploaded.document.id)
        return uploaded.document.id

    def profile(self, owner: Actor) -> dict[str, Any]:
        return dict(self.backend.bridge.get("user_profile", owner.id, actor=Actor.system()).data)

    def runner(self) -> JobRunner:
        return self.backend.jobs.runner(pace=QUICK)


@pytest.fixture
def office(settings: Settings) -> Iterator[Office]:
    opened = Office(settings)
    yield opened
    opened.backend.close()
