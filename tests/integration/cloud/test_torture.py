"""Seeded schedules of writes, faults, kills and a second writer: nothing acknowledged is lost, nothing overwritten.

A failing seed is replayed, with every step, by `intellicv bench cloud --only schedules --seed N`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from benchmarks.cloud.torture.planted import PLANTS, Plant
from benchmarks.cloud.torture.schedule import run_seed

BLOCK = 50


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of failovers are not worth a line each."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("first", range(0, 300, BLOCK))
def test_no_schedule_loses_or_overwrites_anything(first: int, sqlite_template: Path) -> None:
    bad = {
        seed: verdict for seed in range(first, first + BLOCK) if not (verdict := run_seed(seed, sqlite_template)).good
    }
    assert not bad, "\n".join(f"seed {seed}: {verdict.words}" for seed, verdict in bad.items())


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_the_oracle_catches_a_planted_bug(plant: Plant, sqlite_template: Path) -> None:
    with plant.planted():
        caught = any(plant.complaint(run_seed(seed, sqlite_template, checks=plant.checks)) for seed in range(200))
    assert caught, f"200 schedules did not notice: {plant.name}"


def test_a_seed_replays_its_schedule(sqlite_template: Path) -> None:
    def story(seed: int) -> list[str]:
        # Write ids are drawn by the product, from the system.
        return [re.sub(r"conflict-\w+", "conflict", line) for line in run_seed(seed, sqlite_template).story]

    assert story(7) == story(7)
    assert story(7) != story(8)
