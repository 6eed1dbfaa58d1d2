"""Our own disk for temporary files is full: told in words, no provider is blamed, and nothing else is held up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared_backend.cloud.blob_service import BlobService
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudSpoolFull, CloudUnavailable
from shared_backend.cloud.reconcile import Reconciler
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.cloud.spool import IN_MEMORY
from shared_backend.database.engine import Database
from shared_backend.utils.clock import utc_now
from tests.support.cloud_memory import MemoryProvider
from tests.support.full_disk import fill_the_disk_for_temporary_files

ROUTE = ("primary", "fallback")
LARGE = b"x" * (IN_MEMORY + 1)
SOON = 20.0


@pytest.fixture
def primary() -> MemoryProvider:
    return MemoryProvider("primary")


@pytest.fixture
def caller(primary: MemoryProvider) -> Caller:
    fallback = MemoryProvider("fallback")
    return Caller(ProviderRegister(factories={"primary": lambda: primary, "fallback": lambda: fallback}))


def test_neither_writing_nor_reading_blames_the_provider(
    database: Database, caller: Caller, primary: MemoryProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = BlobService(caller, database)
    blobs.put(ROUTE, "large", LARGE, deadline=Deadline(SOON))
    fill_the_disk_for_temporary_files(monkeypatch)
    for _ in range(4):
        with pytest.raises(CloudSpoolFull, match="temporary files"):
            blobs.put(ROUTE, "more", iter([LARGE]), deadline=Deadline(SOON))
        with (
            pytest.raises(CloudSpoolFull, match="temporary files"),
            blobs.open(ROUTE, "large", deadline=Deadline(SOON)),
        ):
            pass
    assert caller.breaker("primary", Capability.BLOBS).info().failures == 0
    assert caller.tally("primary", Capability.BLOBS).failures == 0
    assert "more" not in primary.objects
    assert blobs.put(ROUTE, "small", b"x", deadline=Deadline(SOON)).durable_at == ("primary",)


def test_what_is_too_large_for_the_disk_does_not_hold_up_what_waits_behind_it(
    database: Database, caller: Caller, primary: MemoryProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = BlobService(caller, database)
    primary.away = CloudUnavailable("away")
    for path, content in (("large", LARGE), ("small", b"x")):
        assert blobs.put(ROUTE, path, content, deadline=Deadline(SOON)).pending_sync
    primary.away = None
    caller.breaker("primary", Capability.BLOBS).reset()
    reconciler = Reconciler(caller, database)
    with monkeypatch.context() as patched:
        fill_the_disk_for_temporary_files(patched)
        progress = reconciler.run(settle_intents_before=utc_now() + timedelta(hours=1))
    assert (progress.synced, progress.failed) == (1, 1) and "temporary files" in progress.last_error
    assert set(primary.objects) == {"small"}
    assert caller.breaker("fallback", Capability.BLOBS).info().failures == 0
    assert reconciler.run(settle_intents_before=utc_now() + timedelta(hours=1)).synced == 1
    assert set(primary.objects) == {"small", "large"}
