"""The compare pass: what was carried is held against its primary before the fallback's copy goes.

It also removes the copies of writes that were never carried. They are removed here alone, and the entry is marked only
afterwards: a process that is killed between settling an entry and removing its copy leaves both to the next pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import structlog

from shared_backend.cloud import journal, places
from shared_backend.cloud.blob_reader import held_at
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import BlobInfo, Capability, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudError, CloudNotFound
from shared_backend.cloud.journal import WRITE_ID, Entry
from shared_backend.cloud.progress import Progress
from shared_backend.database.engine import Database
from shared_backend.utils.clock import Clock

_ONE_S = 30.0
_MOST_NAMED = 20


class Comparison:
    """Looks at every settled entry that it has not looked at yet."""

    def __init__(self, caller: Caller, database: Database, clock: Clock) -> None:
        self._caller = caller
        self._database = database
        self._clock = clock
        self._log = structlog.get_logger(__name__)

    def run(self, progress: Progress, on_progress: Callable[[Progress], None], keep_going: Callable[[], bool]) -> None:
        """Counts in `progress.compared` what is on its primary with its sha256, or was rightly replaced or deleted
        since. What is not there any more though nobody here deleted it is named in `missing`, each time, and the
        fallback's copy stays."""
        after = 0
        while keep_going():
            with self._database.read() as connection:
                batch = journal.unverified(connection, after=after, limit=100)
            if not batch:
                return
            found: list[Entry] = []
            try:
                for entry in batch:
                    after = entry.id
                    if not keep_going():
                        return
                    problem = self._problem(entry)
                    if problem is None:
                        found.append(entry)
                    elif len(progress.missing) < _MOST_NAMED:
                        progress.missing.append(problem)
            except CloudError as error:
                progress.last_error = str(error)
                return
            finally:
                self._verified(found)
                progress.compared += sum(entry.state not in journal.UNCARRIED for entry in found)
                on_progress(progress)

    def _problem(self, entry: Entry) -> str | None:
        if entry.state in journal.UNCARRIED:
            return None
        path = entry.conflict_path or entry.path
        there = stat_or_none(self._caller, entry.primary, path, Deadline(_ONE_S))
        if there is not None and there.metadata.get(WRITE_ID) == entry.write_id:
            if there.sha256 == entry.sha256:
                return None
            # Our write with other bytes: it is carried again, from the copy that is still held.
            self._database.run(lambda uow: journal.settle(uow.connection, entry.id, "pending", at=self._clock()))
            return f"{path} on {entry.primary} is not what was written; it is carried again"
        with self._database.read() as connection:
            look = places.look(connection, path)
        known = look.newest(entry.primary)
        if there is not None or known is None or known.deleted or known.write_id != entry.write_id:
            # Written again since, by us or somebody else, or deleted by us.
            return None
        problem = (
            f"{path} is not on {entry.primary} any more, though nobody here deleted it; "
            f"{entry.fallback} keeps its copy as {held_at(entry.write_id)}"
        )
        self._log.warning("reconcile.missing", entry=entry.id, provider=entry.primary)
        self._database.run(lambda uow: journal.failed(uow.connection, entry.id, problem, at=self._clock()))
        return problem

    def _verified(self, entries: list[Entry]) -> None:
        if not entries:
            return
        for entry in entries:
            drop_held(self._caller, entry, Deadline(_ONE_S))
        self._database.run(lambda uow: journal.verified(uow.connection, [e.id for e in entries], at=self._clock()))


def drop_held(caller: Caller, entry: Entry, deadline: Deadline) -> bool:
    """Removes the fallback's copy. One that can't be removed now is an orphan, no danger, and goes with the leftovers;
    False then."""
    if entry.operation != "put":
        return True
    try:
        caller.on_one(
            entry.fallback,
            Capability.BLOBS,
            lambda store, within: store.delete(held_at(entry.write_id), condition=Condition(), deadline=within),
            deadline,
        )
    except CloudNotFound:
        return True
    except CloudError as error:
        structlog.get_logger(__name__).info("reconcile.copy_kept", entry=entry.id, reason=error.code)
        return False
    return True


def stat_or_none(caller: Caller, provider: str, path: str, deadline: Deadline) -> BlobInfo | None:
    """What a provider has under a path, or None."""
    try:
        found, _ = caller.on_one(
            provider, Capability.BLOBS, lambda store, within: store.stat(path, deadline=within), deadline
        )
        return replace(found, path=path)
    except CloudNotFound:
        return None
