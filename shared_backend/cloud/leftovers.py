"""What is left of uploads that were cut off, of writes that are settled, and of states that are superseded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared_backend.cloud import journal, places
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.comparison import stat_or_none
from shared_backend.cloud.contract import Capability, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudError, CloudNotFound, CloudPrecondition
from shared_backend.cloud.journal import WRITE_ID
from shared_backend.cloud.names import HELD
from shared_backend.cloud.places import KnownObject
from shared_backend.cloud.write_ids import WriteIds
from shared_backend.database.engine import Database
from shared_backend.utils.clock import Clock, utc_now

_PROVIDER_S = 60.0
_PAGE = 200


@dataclass
class Cleaned:
    """What was removed. `parts`: of uploads; `copies`: held for writes that are settled; `earlier`: states of objects
    that have a newer one elsewhere, or were deleted. `unknown`: held copies that no journal entry speaks of; they
    stay."""

    parts: int = 0
    copies: int = 0
    earlier: int = 0
    unknown: int = 0
    problems: list[str] = field(default_factory=list)


class Leftovers:
    """Removes them. Only what can be nobody's any more: settled by the journal, or older than any upload takes."""

    def __init__(self, caller: Caller, database: Database, *, clock: Clock = utc_now) -> None:
        self._caller = caller
        self._database = database
        self._clock = clock
        self._ids = WriteIds(database)

    def clean(self, providers: list[str], *, older_than: timedelta = timedelta(days=1)) -> Cleaned:
        """On these providers; one that is away is named in `problems` and left for the next time."""
        cleaned = Cleaned()
        before = self._clock() - older_than
        for name in providers:
            try:
                parts, _ = self._caller.on_one(
                    name,
                    Capability.BLOBS,
                    lambda store, within: store.clean_leftovers(older_than=before, deadline=within),
                    Deadline(_PROVIDER_S),
                )
                cleaned.parts += parts
                self._held(name, cleaned)
            except CloudError as error:
                cleaned.problems.append(f"{name}: {error}")
        self._earlier(set(providers), cleaned)
        self._buried(set(providers), before, cleaned)
        return cleaned

    def _held(self, name: str, cleaned: Cleaned) -> None:
        after: str | None = None
        deadline = Deadline(_PROVIDER_S)
        while True:
            start = after
            page, _ = self._caller.on_one(
                name,
                Capability.BLOBS,
                lambda store, within, start=start: store.list(HELD, after=start, limit=_PAGE, deadline=within),  # type: ignore[misc]
                deadline,
            )
            held = {info.path.removeprefix(HELD): info for info in page.items}
            with self._database.read() as connection:
                entries = journal.by_write_id(connection, list(held))
            for write_id, info in held.items():
                entry = entries.get(write_id)
                if entry is None:
                    # Of a journal that is gone, perhaps by a restored backup: it may be all that is left of a write.
                    cleaned.unknown += 1
                elif entry.state in journal.UNCARRIED or entry.verified_at is not None:
                    cleaned.copies += self._delete(name, info.path, info.etag, deadline)
            if page.after is None:
                return
            after = page.after

    def _earlier(self, providers: set[str], cleaned: Cleaned) -> None:
        after = ("", "")
        failed: set[str] = set()
        while True:
            with self._database.read() as connection:
                batch = places.superseded(connection, after=after, limit=_PAGE)
            if not batch:
                return
            for path, row in batch:
                after = (path, row.provider)
                if row.provider not in providers or row.provider in failed or not self._ids.ours(row.write_id):
                    continue
                try:
                    cleaned.earlier += self._delete(row.provider, path, row.etag, Deadline(_PROVIDER_S))
                except CloudError as error:
                    failed.add(row.provider)
                    cleaned.problems.append(f"{row.provider}: {error}")
                    continue
                self._database.run(lambda uow, path=path, row=row: places.drop(uow.connection, row.provider, path))  # type: ignore[misc]

    def _buried(self, providers: set[str], before: datetime, cleaned: Cleaned) -> None:
        """What lies where we deleted. Only what is older than any write takes: a younger one of ours may be a new write
        that is about to be noted."""
        after = ("", "")
        failed: set[str] = set()
        while True:
            with self._database.read() as connection:
                batch = places.buried(connection, after=after, limit=_PAGE)
            if not batch:
                return
            for path, row in batch:
                after = (path, row.provider)
                if row.provider not in providers or row.provider in failed:
                    continue
                try:
                    cleaned.earlier += self._remove_buried(path, row, before)
                except CloudError as error:
                    failed.add(row.provider)
                    cleaned.problems.append(f"{row.provider}: {error}")

    def _remove_buried(self, path: str, row: KnownObject, before: datetime) -> bool:
        deadline, removed = Deadline(_PROVIDER_S), False
        there = stat_or_none(self._caller, row.provider, path, deadline)
        if there is not None and self._ids.ours(there.metadata.get(WRITE_ID, "")):
            with self._database.read() as connection:
                now = places.look(connection, path).rows.get(row.provider)
            if there.modified_at >= before or now is None or not now.deleted:
                return False
            removed = self._delete(row.provider, path, there.etag, deadline)
            if not removed:
                return False
        self._database.run(lambda uow: places.seen_gone(uow.connection, path, row))
        return removed

    def _delete(self, name: str, path: str, etag: str, deadline: Deadline) -> bool:
        """Only what is still what we saw."""
        try:
            self._caller.on_one(
                name,
                Capability.BLOBS,
                lambda store, within: store.delete(path, condition=Condition("etag", etag), deadline=within),
                deadline,
            )
        except (CloudNotFound, CloudPrecondition):
            return False
        return True
