"""Bugs to plant, so that the oracle shows that it can fail: each is one that such systems really had."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from benchmarks.cloud.torture.model import Verdict
from shared_backend.cloud import journal, places
from shared_backend.cloud.blob_service import BlobService
from shared_backend.cloud.comparison import drop_held
from shared_backend.cloud.outcome import Outcome
from shared_backend.cloud.reconcile import Reconciler


@dataclass(frozen=True)
class Plant:
    """A bug, and which of the oracle's complaints it must bring up. `checks`: whether the primary's client holds bytes
    against their SHA-256."""

    name: str
    planted: Callable[[], AbstractContextManager[Any]]
    complaint: Callable[[Verdict], int]
    checks: bool = True


@contextmanager
def _acknowledged_too_soon() -> Iterator[None]:
    """The caller is answered, and the journal never hears that the bytes are there."""
    settle = journal.settle

    def forgetful(connection: Any, entry: int, state: str, **given: Any) -> bool:
        return state == "pending" or settle(connection, entry, state, **given)

    with patch.object(journal, "settle", forgetful):
        yield


@contextmanager
def _dropped_before_carried() -> Iterator[None]:
    put = Reconciler._put

    def hasty(self: Any, entry: Any, *args: Any) -> Any:
        drop_held(self._caller, entry, *args)
        return put(self, entry, *args)

    with patch.object(Reconciler, "_put", hasty):
        yield


@contextmanager
def _out_of_order() -> Iterator[None]:
    """A write goes straight to the primary although an earlier one of its path has yet to get there."""
    put, look = BlobService.put, places.look

    def hasty(self: BlobService, *args: Any, **kwargs: Any) -> Any:
        with patch.object(places, "look", lambda *given: replace(look(*given), waiting=None)):
            return put(self, *args, **kwargs)

    with patch.object(BlobService, "put", hasty):
        yield


def _no_tombstone(self: BlobService, route: tuple[str, str], *_: Any, **__: Any) -> Outcome[None]:
    return Outcome(None, route[1], degraded=True, durable_at=(route[1],), pending_sync=True)


def _ours(answer: bool) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: patch.object(Reconciler, "_is_ours", lambda *_args, **_given: answer)


PLANTS = (
    Plant("acknowledged before the journal knows", _acknowledged_too_soon, lambda verdict: verdict.lost),
    Plant("the fallback's copy goes before it is carried", _dropped_before_carried, lambda verdict: verdict.lost),
    Plant("a write does not wait behind an earlier one", _out_of_order, lambda verdict: verdict.lost),
    Plant("reconciling overwrites whatever is there", _ours(True), lambda verdict: verdict.overwrites),
    Plant("nothing is taken for ours", _ours(False), lambda verdict: verdict.false_conflicts),
    Plant("bytes are not held against their SHA-256", nullcontext, lambda verdict: verdict.corruption, checks=False),
    Plant(
        "tombstones are dropped",
        lambda: patch.object(BlobService, "_tombstone", _no_tombstone),
        lambda verdict: verdict.resurrected,
    ),
)
