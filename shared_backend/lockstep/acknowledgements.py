"""Acknowledgements, on their way back to the writer: gathered in memory, written in batches, never in the log.

A thousand readers of one announcement are one row and a handful of batches, and wake nobody but who waits for them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from shared_backend.database.engine import Database
from shared_backend.database.tables import AckCounter, AcknowledgementReader, AcknowledgementRow, EntityVersion
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.lockstep import event_log
from shared_backend.lockstep.acknowledgement_reads import Ack, acks_of
from shared_backend.lockstep.requests import ENTITY_ID
from shared_backend.lockstep.watcher import Batch
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.exception_handler import DatabaseUnavailable

_ACK = AcknowledgementRow.__table__  # type: ignore[attr-defined]
_COUNTER = AckCounter.__table__  # type: ignore[attr-defined]
_VERSION = EntityVersion.__table__  # type: ignore[attr-defined]

# (kind, entity_id, version)
Ref = tuple[str, str, int]
Pending = dict[tuple[Ref, str], dict[str | None, datetime]]
_CANARY = "canary"


class Acknowledgements:
    """Collects what one portal process has seen and shown, and writes it: the first at once, more each `interval_s`."""

    def __init__(
        self,
        database: Database,
        portal: str,
        *,
        clock: Clock = utc_now,
        interval_s: float = 0.05,
        remember: int = 10_000,
    ) -> None:
        self.database = database
        self.portal = portal
        self._clock = clock
        self._interval_s = interval_s
        self._remember = remember
        self._lock = threading.Lock()
        self._pending: Pending = {}
        self._epoch: str | None = None
        self._resyncs = 0
        self._canaries: OrderedDict[Ref, datetime] = OrderedDict()
        self._told: OrderedDict[tuple[Ref, str | None], None] = OrderedDict()
        self._due = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._log = structlog.get_logger(__name__)

    def start(self) -> None:
        """Starts the writing thread."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="acknowledgements", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Writes what is pending and ends the thread."""
        self._stopping.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join(timeout=5.0)
            self._thread = None

    def on_batch(self, batch: Batch) -> None:
        """A listener for the watcher: whatever it brings, this portal has now seen."""
        with self._lock:
            self._epoch = batch.epoch
            if batch.resync:
                # After a restore the numbers of versions come again, with other contents and other times.
                self._resyncs += 1
                self._pending.clear()
                self._told.clear()
                self._canaries.clear()
        for event in batch.events:
            if event.type == _CANARY and ENTITY_ID.fullmatch(str(event.data.get("canary_id"))):
                ref = (_CANARY, str(event.data["canary_id"]), 0)
                with self._lock:
                    _bounded(self._canaries, ref, event.at, self._remember)
            elif event.version is not None and event.kind and event.entity_id:
                ref = (event.kind, event.entity_id, event.version)
            else:
                continue
            self.report(*ref, "seen")

    def report(self, kind: str, entity_id: str, version: int, stage: str, account_id: str | None = None) -> None:
        """Notes one acknowledgement; returns at once. The same person's second tab, or second look, adds nothing."""
        ref = (kind, entity_id, version)
        now = self._clock()
        with self._lock:
            if stage == "shown":
                if (ref, account_id) in self._told:
                    return
                _bounded(self._told, (ref, account_id), None, self._remember)
            self._pending.setdefault((ref, stage), {}).setdefault(account_id, now)
        self._due.set()

    def for_version(self, kind: str, entity_id: str, version: int) -> list[Ack]:
        """What has been acknowledged of one version, in all portals."""
        with self.database.read() as connection:
            return acks_of(connection, kind, entity_id, version)

    def flush(self) -> int:
        """Writes what is pending in one transaction; answers how many rows that were. Left out is what is of no version
        that exists, and what the database refuses whatever is tried."""
        with self._lock:
            pending, self._pending = self._pending, {}
            epoch, resyncs = self._epoch, self._resyncs
        if not pending:
            return 0
        try:
            return self._write_sound(pending, epoch)
        except BaseException:
            with self._lock:
                for key, people in pending.items() if resyncs == self._resyncs else ():
                    self._pending[key] = {**people, **self._pending.get(key, {})}
            raise

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._due.wait()
            self._due.clear()
            pause = self._interval_s
            try:
                self.flush()
            except DatabaseUnavailable as error:
                # Kept, and tried again: an acknowledgement that is late is better than one that is lost.
                self._log.warning("acknowledgements.waiting", reason=error.code)
                pause = 1.0
                self._due.set()
            except Exception:
                self._log.exception("acknowledgements.failed")
                pause = 1.0
                self._due.set()
            self._stopping.wait(pause)
        try:
            self.flush()
        except DatabaseUnavailable as error:
            self._log.warning("acknowledgements.lost_at_stop", reason=error.code)

    def _write_sound(self, pending: Pending, epoch: str | None) -> int:
        """Writes a batch. Where something in it can't be written, its halves, until that stands alone and is dropped:
        one bad acknowledgement must not hold up everybody else's."""
        try:
            return self.database.run(lambda uow: self._write(uow, pending, epoch))
        except DatabaseUnavailable:
            raise
        except Exception as error:
            if len(pending) == 1:
                (((kind, entity_id, version), stage),) = pending
                about = f"{kind}:{ascii(entity_id)[:200]}:{version}"
                self._log.error("acknowledgements.dropped", about=about, stage=stage, reason=type(error).__name__)
                return 0
        items = sorted(pending.items(), key=_order)
        middle = len(items) // 2
        return sum(self._write_sound(dict(half), epoch) for half in (items[:middle], items[middle:]))

    def _write(self, uow: UnitOfWork, pending: Pending, epoch: str | None) -> int:
        if uow.dialect == "postgresql":
            # A restore lets readers go on: the epoch of before would be read, and the rows written once it is done.
            # Writers of acknowledgements don't exclude each other by this, and a restore takes it before the other
            # tables that they write.
            uow.connection.execute(text(f"LOCK TABLE {_COUNTER.name} IN ROW EXCLUSIVE MODE"))
        present = event_log.position(uow.connection).epoch
        if epoch is None:
            with self._lock:
                self._epoch = self._epoch or present
        elif epoch != present:
            # A restore that the watcher has yet to notice: what is in hand is of the state before it.
            return 0
        found = [self._row(uow, ref, stage, people) for (ref, stage), people in sorted(pending.items(), key=_order)]
        rows = [row for row in found if row is not None]
        if not rows:
            return 0
        ack_seq = uow.connection.execute(
            update(_COUNTER).values(seq=_COUNTER.c.seq + 1).returning(_COUNTER.c.seq)
        ).scalar_one()
        for row in rows:
            changed = uow.connection.execute(
                update(AcknowledgementRow)
                .where(
                    _ACK.c.kind == row["kind"],
                    _ACK.c.entity_id == row["entity_id"],
                    _ACK.c.version == row["version"],
                    _ACK.c.portal == row["portal"],
                    _ACK.c.stage == row["stage"],
                )
                .values(people=_ACK.c.people + row["people"], ack_seq=ack_seq)
            ).rowcount
            if not changed:
                uow.connection.execute(self._insert_missing(uow, AcknowledgementRow), {**row, "ack_seq": ack_seq})
        return len(rows)

    def _row(
        self, uow: UnitOfWork, ref: Ref, stage: str, people: dict[str | None, datetime]
    ) -> dict[str, object] | None:
        kind, entity_id, version = ref
        committed = self._canaries.get(ref) if kind == _CANARY else self._committed_at(uow, ref)
        if committed is None:
            # Never written, or gone since with its entity or by a restore: there is nothing to acknowledge.
            return None
        key = {"kind": kind, "entity_id": entity_id, "version": version, "portal": self.portal}
        new = 0
        for account_id in people:
            if account_id is None:
                continue
            new += uow.connection.execute(
                self._insert_missing(uow, AcknowledgementReader),
                {**key, "account_id": account_id},
                # Of an INSERT, SQLAlchemy keeps the count only when asked; psycopg's cursor answers -1 afterwards.
                execution_options={"preserve_rowcount": True},
            ).rowcount
        if not new and stage == "shown":
            return None
        at = min(people.values())
        elapsed = max(0.0, (at - committed).total_seconds() * 1000)
        return {**key, "stage": stage, "at": at, "elapsed_ms": round(elapsed, 1), "people": new}

    def _insert_missing(self, uow: UnitOfWork, table: type) -> Any:
        dialect = postgresql if uow.dialect == "postgresql" else sqlite
        return dialect.insert(table).on_conflict_do_nothing()

    def _committed_at(self, uow: UnitOfWork, ref: Ref) -> datetime | None:
        kind, entity_id, version = ref
        query = select(_VERSION.c.at).where(
            _VERSION.c.kind == kind, _VERSION.c.entity_id == entity_id, _VERSION.c.version == version
        )
        return uow.connection.execute(query).scalar_one_or_none()


def prune(uow: UnitOfWork, older_than: datetime) -> int:
    """Removes the canaries' acknowledgements of before `older_than`; answers how many. Edits keep theirs."""
    return uow.connection.execute(_ACK.delete().where(_ACK.c.at < older_than, _ACK.c.kind == _CANARY)).rowcount


def _bounded(store: OrderedDict[Any, Any], key: Any, value: Any, limit: int) -> None:
    store[key] = value
    while len(store) > limit:
        store.popitem(last=False)


def _order(item: tuple[tuple[Ref, str], dict[str | None, datetime]]) -> tuple[Ref, str]:
    # One order for all writers: two batches that lock the same rows on PostgreSQL can't deadlock.
    return item[0]
