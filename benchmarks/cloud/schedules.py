"""Seeded fault schedules against the oracle, in memory and through the real SDKs; beside them the planted bugs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from rich.console import Console

from benchmarks.cloud.setup import SERVERS, server, template
from benchmarks.cloud.torture.model import Verdict
from benchmarks.cloud.torture.planted import PLANTS
from benchmarks.cloud.torture.schedule import run_seed
from benchmarks.cloud.torture.wire import DEADLINE_S, WirePrimary
from benchmarks.figures import Figure, Report
from benchmarks.lockstep.setup import folder

_WIRE_STEPS = 15


def run(report: Report, *, quick: bool, seed: int | None = None) -> None:
    """schedules, acknowledged_bytes_lost, false_conflicts, overwrites_of_others, corruption_undetected and
    schedules_resurrected: sums over all schedules."""
    many, wired = (150, 10) if quick else (1200, 75)
    total = Verdict()
    with folder() as path:
        database = template(path)
        seeds = range(many) if seed is None else [seed]
        _all(total, "memory", seeds, lambda one: run_seed(one, database), told=seed is not None)
        for name in SERVERS:
            with server(name, path) as running:
                if running is None:
                    continue
                # Seeds of their own, so that no schedule is counted twice.
                seeds = range(many, many + wired) if seed is None else [seed]

                def through(one: int, running=running) -> Verdict:  # type: ignore[no-untyped-def]
                    return run_seed(
                        one,
                        database,
                        steps=_WIRE_STEPS,
                        primary=lambda chance: WirePrimary(running, chance),
                        deadline_s=DEADLINE_S,
                    )

                _all(total, name, seeds, through, told=seed is not None)
        caught = _plants(database, 40 if quick else 100) if seed is None else "replayed"
    _report(report, total, caught)


def _all(total: Verdict, name: str, seeds: Iterable[int], one: Callable[[int], Verdict], *, told: bool) -> None:
    console, begin, count = Console(), time.monotonic(), 0
    for seed in seeds:
        verdict = one(seed)
        count += 1
        if told:
            console.print("\n".join([f"[bold]{name}, seed {seed}[/bold]", *verdict.story]), highlight=False)
        if not verdict.good:
            console.print(f"  [red]{name}, --seed {seed}[/red]: {'; '.join(verdict.words)}", highlight=False)
        for key in ("lost", "false_conflicts", "overwrites", "corruption", "resurrected", "stuck", "schedules"):
            setattr(total, key, getattr(total, key) + getattr(verdict, key))
        total.steps += verdict.steps
        total.acknowledged += verdict.acknowledged
        total.words += verdict.words
    console.print(f"  {count} schedules on {name} in {time.monotonic() - begin:.0f} s", highlight=False)


def _plants(database: Path, most: int) -> str:
    """The control: how soon each planted bug is noticed."""
    caught = {}
    for plant in PLANTS:
        with plant.planted():
            for seed in range(most):
                if plant.complaint(run_seed(seed, database, checks=plant.checks)):
                    caught[plant.name] = seed + 1
                    break
    worst = max(caught.values(), default=0)
    missed = [plant.name for plant in PLANTS if plant.name not in caught]
    words = f"{len(caught)} of {len(PLANTS)} planted bugs noticed, each within {worst} schedules"
    return words + (f"; not noticed: {', '.join(missed)}" if missed else "")


def _report(report: Report, total: Verdict, caught: str) -> None:
    beside = f"{total.steps:,} steps, {total.acknowledged:,} bytes acknowledged"
    report.add(Figure("schedules", total.schedules, "schedules", 1000, "higher", beside))
    report.add(Figure("acknowledged_bytes_lost", total.lost, "bytes", 0, "lower", caught))
    report.add(Figure("false_conflicts", total.false_conflicts, "conflicts", 0, "lower", caught))
    report.add(Figure("overwrites_of_others", total.overwrites, "objects", 0, "lower", caught))
    report.add(Figure("corruption_undetected", total.corruption, "reads", 0, "lower", caught))
    report.add(Figure("schedules_resurrected", total.resurrected, "objects", 0, "lower", caught))
    report.add(Figure("journals_stuck", total.stuck, "journals", 0, "lower", "that do not drain in calm weather"))
