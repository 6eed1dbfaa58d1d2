"""A few of the schedules through the real SDKs, to moto and to Azurite, over a wire that breaks."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from benchmarks.cloud.torture.schedule import run_seed
from benchmarks.cloud.torture.wire import DEADLINE_S, Server, WirePrimary, azurite_server, moto_server

SEEDS = range(20)


@pytest.fixture(scope="module", params=[moto_server, azurite_server], ids=["aws", "azure"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with request.param(tmp_path_factory.mktemp("authority")) as running:
        yield running


def test_no_schedule_on_the_wire_loses_or_overwrites_anything(server: Server, sqlite_template: Path) -> None:
    bad = {}
    for seed in SEEDS:
        verdict = run_seed(
            seed,
            sqlite_template,
            steps=15,
            primary=lambda chance: WirePrimary(server, chance),
            deadline_s=DEADLINE_S,
        )
        if not verdict.good:
            bad[seed] = verdict.words
    assert not bad, "\n".join(f"seed {seed}: {words}" for seed, words in bad.items())
