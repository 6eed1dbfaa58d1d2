"""What runs in other processes: writers that hesitate, die and live by other clocks, and readers that follow them."""

from __future__ import annotations

import multiprocessing
import random
import threading
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from typing import Any

from sqlalchemy import text

from shared_backend.database.engine import Database
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.lockstep import event_log
from shared_backend.lockstep.event_log import Draft
from shared_backend.lockstep.requests import SaveRequest
from shared_backend.lockstep.watcher import Batch, Watcher
from shared_backend.utils.exception_handler import DatabaseUnavailable
from tests.support.lockstep import shared_state

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def processes() -> Any:
    """Fresh processes that need not import everything again: a server forks them, never this process with its
    threads."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def write_events(url: str, writer: int, count: int, batch: int, hold_ms: float, seed: int) -> None:
    """Writes `count` numbered events in transactions of 1 to `batch`, each with random pauses while it is open. Where
    there is a table `control`, each transaction first inserts a row there."""
    dice = random.Random(seed)
    database = Database(url, busy_timeout_s=60, synchronous="NORMAL")
    controlled = database.dialect == "postgresql"
    number = 0
    while number < count:
        size = min(dice.randint(1, batch), count - number)
        drafts = [
            Draft("custom.numbered", "script", {"writer": writer, "number": number + step}) for step in range(size)
        ]
        with database.write() as uow:
            if controlled:
                uow.connection.execute(text("INSERT INTO control (writer) VALUES (:writer)"), {"writer": writer})
            time.sleep(dice.uniform(0, hold_ms) / 1000)
            event_log.append(uow, drafts, actor_id=f"w{writer}", actor_name="", at=NOW, correlation_id="")
            if dice.random() < 0.05:
                time.sleep(dice.uniform(0, hold_ms) / 1000)
        number += size
    database.dispose()


def follow_events(url: str, total: int, pipe: Pipe) -> None:
    """Follows by watcher until `total` events have come; sends what came, in order, as (seq, writer, number)."""
    database = Database(url)
    watcher = Watcher(database)
    came: list[tuple[int, int, int]] = []
    complete = threading.Event()
    resyncs = 0

    def on_batch(batch: Batch) -> None:
        nonlocal resyncs
        resyncs += batch.resync
        came.extend((event.seq, event.data["writer"], event.data["number"]) for event in batch.events)
        if len(came) >= total:
            complete.set()

    watcher.add_listener(on_batch)
    watcher.start()
    pipe.send("following")
    complete.wait(600)
    # Something that comes twice would come now.
    time.sleep(0.3)
    pipe.send((came, resyncs, watcher.health().gaps))
    watcher.stop()
    database.dispose()


def follow_by_id(url: str, stop: Any, pipe: Pipe) -> None:
    """The control: polls a table with a sequence for what lies behind its cursor; sends how many rows it has seen."""
    import psycopg

    cursor = seen = 0
    with psycopg.connect(Database(url).driver_dsn(), autocommit=True) as connection:
        pipe.send("following")
        while True:
            last = stop.is_set()
            rows = connection.execute("SELECT id FROM control WHERE id > %s ORDER BY id", [cursor]).fetchall()
            seen += len(rows)
            cursor = rows[-1][0] if rows else cursor
            if last:
                break
            time.sleep(0.005)
    pipe.send(seen)


def save_until_killed(url: str, run: int, pipe: Pipe) -> None:
    """Saves without end, and tells of each save after the call has returned: (entity, version, seq, label)."""
    database = Database(url, busy_timeout_s=60)
    state = shared_state(database)
    actor = Actor("admin-1", Role.ADMIN, "Grace")
    dice = random.Random(run)
    for number in range(1_000_000):
        entity, label = f"k{dice.randint(0, 4)}", f"{run}-{number}"
        base = dice.choice([None, 0])
        request = SaveRequest("user_profile", entity, {"basics": {"label": label}}, "admin_portal", actor, base)
        answer = state.save(request)
        pipe.send((entity, answer.version, answer.seq, label))


def save_by_another_clock(url: str, offset_h: float, pipe: Pipe) -> None:
    """Saves what it is told to, dated by a clock that is `offset_h` off and now and then jumps back. Keeps a control
    beside it: a table in which the newest time wins."""
    database = Database(url, busy_timeout_s=60, synchronous="NORMAL")
    jump_h = 0.0
    shown = NOW

    def clock() -> datetime:
        return shown + timedelta(hours=offset_h + jump_h)

    state = shared_state(database, clock=clock)
    while (told := pipe.recv()) is not None:
        step, request, jump_h = told
        shown = NOW + timedelta(seconds=step)
        try:
            answer: Any = state.save(request)
            answer = (answer.version, answer.seq, answer.changed, answer.conflict and answer.conflict.kept)
        except DatabaseUnavailable:
            raise
        except Exception as error:
            answer = type(error).__name__
        with database.write() as uow:
            for field, value in request.data["basics"].items():
                key = {"key": f"{request.entity_id}.{field}", "value": str(value), "at": clock().isoformat()}
                uow.connection.execute(
                    text(
                        "INSERT INTO newest_wins VALUES (:key, :value, :at) ON CONFLICT (key) DO UPDATE "
                        "SET value = excluded.value, at = excluded.at WHERE excluded.at >= newest_wins.at"
                    ),
                    key,
                )
        pipe.send(answer)
    database.dispose()
