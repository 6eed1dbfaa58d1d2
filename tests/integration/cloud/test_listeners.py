"""What the journal asks for and tells, in the transactions in which it changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from shared_backend.cloud import journal
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.errors import CloudUnavailable
from shared_backend.config.backend_config import Settings
from shared_backend.database.tables import EventRow
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.jobs.reads import JobFilter
from shared_backend.services.backend import Backend
from shared_backend.services.job_kinds import RECONCILE
from shared_backend.utils.clock import utc_now
from tests.support.cloud_desks import cloud_of_two

ADMIN = Actor("admin", Role.ADMIN, "Ada")


@pytest.fixture
def backend(settings: Settings) -> Iterator[Backend]:
    opened = Backend.open(settings)
    yield opened
    opened.close()


def told(backend: Backend) -> list[tuple[str, str]]:
    query = select(EventRow).where(EventRow.type == "cloud_update").order_by(EventRow.seq)
    with backend.database.read() as connection:
        return [(row.entity_id, row.data["action"]) for row in connection.execute(query)]


def jobs(backend: Backend) -> int:
    return backend.jobs.find(JobFilter(kinds=(RECONCILE,)), actor=ADMIN).total


def test_a_write_that_waits_asks_to_be_carried_and_the_end_is_told(backend: Backend) -> None:
    azure, local = cloud_of_two(backend)
    assert not backend.cloud.put(b"x", "well").pending_sync
    assert jobs(backend) == 0
    azure.away = CloudUnavailable("away")
    for path in ("a", "b"):
        assert backend.cloud.put(b"x", path).pending_sync
    backend.cloud.delete("a")
    assert jobs(backend) == 1, "one at a time, whoever asks for it"
    assert told(backend) == []
    azure.away = None
    backend.cloud.caller.breaker("azure", Capability.BLOBS).reset()
    azure.hold("b", b"somebody else's")
    assert backend.cloud.reconcile().conflicts == 1
    both = ("files", "providers")
    assert told(backend) == [*((topic, "conflict_kept") for topic in both), *((topic, "drained") for topic in both)]
    backend.cloud.reconcile()
    assert len(told(backend)) == 4, "nothing was done, so there is nothing to tell"
    assert not local.objects


def test_a_journal_that_is_not_empty_yet_has_not_drained(backend: Backend) -> None:
    azure, _local = cloud_of_two(backend)
    azure.away = CloudUnavailable("away")
    backend.cloud.put(b"x", "a")
    with backend.database.write() as uow:
        # A write under way, in another process.
        journal.begin(
            uow.connection,
            write_id="another",
            operation="put",
            path="b",
            primary="azure",
            fallback="local",
            at=utc_now() + timedelta(hours=1),
        )
    azure.away = None
    backend.cloud.caller.breaker("azure", Capability.BLOBS).reset()
    assert backend.cloud.reconcile().synced == 1
    assert told(backend) == []


def test_what_is_not_journaled_asks_for_nothing(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    azure, _local = cloud_of_two(backend)
    azure.away = CloudUnavailable("away")
    settle = journal.settle

    def dies(*arguments: Any, **named: Any) -> bool:
        settle(*arguments, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(journal, "settle", dies)
    with pytest.raises(KeyboardInterrupt):
        backend.cloud.put(b"x", "a")
    monkeypatch.undo()
    assert jobs(backend) == 0 and backend.cloud.pending() == {"intent": 1}
