"""Complete bridge writes a second through the public call, beside bare driver transactions with the same rows."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from benchmarks.figures import Figure, Report
from benchmarks.lockstep.bare_writes import ENTITY, BareWriter
from benchmarks.lockstep.setup import postgres_backend, sqlite_backend
from shared_backend.services.backend import Backend

_PROFILE = {
    "basics": {
        "name": "Ada Lovelace",
        "label": "Engineer",
        "email": "ada@example.org",
        "summary": "A few sentences. " * 8,
    },
    "work": [{"name": f"Company {n}", "position": "Engineer", "startDate": f"20{10 + n}-01"} for n in range(4)],
    "skills": [{"name": f"Skill {n}"} for n in range(12)],
}


def run(report: Report, *, quick: bool) -> None:
    """write_ratio_sqlite and write_ratio_postgres: alternating blocks, median of the blocks' ratios."""
    for key, opened, goal in (
        ("write_ratio_sqlite", sqlite_backend, 0.2),
        ("write_ratio_postgres", postgres_backend, 0.5),
    ):
        with opened() as backend:
            ratio, ours, bare = _measure(backend, block=20 if quick else 60, rounds=7 if quick else 21)
        beside = f"ours {ours:,.0f}/s, bare driver {bare:,.0f}/s, full durability"
        report.add(Figure(key, round(ratio, 3), "×", goal, "higher", beside))


def _measure(backend: Backend, *, block: int, rounds: int) -> tuple[float, float, float]:
    bridge = backend.bridge
    for user in ("ours", ENTITY):
        answer = bridge.sync_user_data(user, _PROFILE)
        assert answer["success"], answer
    bare = BareWriter(backend.database, bridge.get("user_profile", ENTITY).data, version=1)
    number = iter(range(10**9))

    def ours() -> None:
        saved = bridge.sync_user_data("ours", {"basics": {"label": f"Engineer {next(number)}"}})
        assert saved["success"], saved

    try:
        _rate(ours, 10)
        _rate(bare.write, 10)
        rates = [(_rate(ours, block), _rate(bare.write, block)) for _ in range(rounds)]
    finally:
        bare.close()
    return (
        statistics.median(mine / control for mine, control in rates),
        statistics.median(mine for mine, _control in rates),
        statistics.median(control for _mine, control in rates),
    )


def _rate(action: Callable[[], None], calls: int) -> float:
    begin = time.perf_counter()
    for _ in range(calls):
        action()
    return calls / (time.perf_counter() - begin)
