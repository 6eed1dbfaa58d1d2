"""Clocks hours apart, jumping back: the outcome is the one of clocks that agree."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import text

from shared_backend.database.engine import Database
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.lockstep.requests import SaveRequest
from tests.integration.lockstep.writers import processes, save_by_another_clock

CREW = (
    Actor("admin-1", Role.ADMIN, "Grace"),
    Actor("admin-2", Role.ADMIN, "Edsger"),
    Actor("c1", Role.CANDIDATE, "Ada"),
)
STEPS = 150


def script() -> list[tuple[int, SaveRequest]]:
    """Who saves what, in which order; many edits start from an old version."""
    dice = random.Random(7)
    steps = []
    for _step in range(STEPS):
        who = dice.randrange(len(CREW))
        data = {field: dice.choice("abcdef") for field in dice.sample(["name", "label", "phone"], dice.randint(1, 2))}
        source = "user_portal" if CREW[who].role is Role.CANDIDATE else "admin_portal"
        base = dice.choice([None, None, 0, 1, 2, 5])
        steps.append((who, SaveRequest("user_profile", "c1", {"basics": data}, source, CREW[who], base)))
    return steps


def play(url: str, offsets_h: tuple[float, ...], jumps: bool) -> dict[str, Any]:
    """Plays the script in processes with these clocks; answers everything that is stored but the times."""
    database = Database(url)
    with database.write() as uow:
        for table in ("event", "entity_version", "entity_head", "conflict", "audit", "idempotency"):
            uow.connection.execute(text(f"DELETE FROM {table}"))
        uow.connection.execute(text("UPDATE log_counter SET seq = 0, floor = 0"))
        uow.connection.execute(text("DROP TABLE IF EXISTS newest_wins"))
        uow.connection.execute(
            text("CREATE TABLE newest_wins (key VARCHAR(100) PRIMARY KEY, value VARCHAR(100), at VARCHAR(40))")
        )
    context, dice = processes(), random.Random(11)
    crew = []
    for offset in offsets_h:
        ours, theirs = context.Pipe()
        process = context.Process(target=save_by_another_clock, args=(url, offset, theirs))
        process.start()
        crew.append((ours, theirs, process))
    answers = []
    for step, (who, request) in enumerate(script()):
        crew[who][0].send((step, request, dice.uniform(-6, 1) if jumps else 0.0))
        answers.append(crew[who][0].recv())
    for ours, theirs, process in crew:
        ours.send(None)
        process.join(20)
        ours.close()
        theirs.close()
    found: dict[str, Any] = {"answers": answers}
    with database.read() as connection:
        for name, query in {
            "heads": "SELECT entity_id, version, data, deleted, updated_by FROM entity_head ORDER BY entity_id",
            "versions": "SELECT version, base_version, data, changed, author_id, authority FROM entity_version "
            "ORDER BY version",
            "events": "SELECT seq, type, entity_id, version, actor_id FROM event ORDER BY seq",
            "conflicts": "SELECT path, winning_value, losing_value, loser_id, reason, status, version, base_version "
            "FROM conflict ORDER BY version, path, base_version, losing_value, winning_value",
            "control": "SELECT key, value FROM newest_wins ORDER BY key",
        }.items():
            found[name] = [tuple(row) for row in connection.execute(text(query))]
    database.dispose()
    return found


@pytest.mark.slow
def test_the_outcome_does_not_depend_on_anybodys_clock(database_url: str) -> None:
    agreed = play(database_url, (0.0, 0.0, 0.0), jumps=False)
    skewed = play(database_url, (-5.0, 3.5, 0.0), jumps=True)
    control_agreed, control_skewed = agreed.pop("control"), skewed.pop("control")
    assert len(agreed["conflicts"]) > 20, "hardly anybody met: this shows nothing"
    assert skewed == agreed
    assert control_skewed != control_agreed, "the control does not care either: the clocks are not far enough apart"
