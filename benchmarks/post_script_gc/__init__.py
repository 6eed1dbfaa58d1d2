"""`intellicv bench post_script_gc`: what Streamlit's full garbage collection after every run costs, and what it saves.

Two products one after the other, the same pages and the same tabs, with `runner.postScriptGC` off and on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from benchmarks.figures import Figure, Report
from benchmarks.lockstep.idle_sessions import portal_process
from benchmarks.lockstep.product import CANDIDATE, PASSWORD, Product, running_product
from benchmarks.lockstep.streamlit_client import IdleTab


def run(report: Report, *, quick: bool, only: Sequence[str] = ()) -> None:
    """runs_per_s without the collection, the ratio to the default, and the memory that many runs leave behind."""
    tabs, rounds = (8, 6) if quick else (20, 40)
    found = {}
    for name in ("false", "true"):
        with running_product(STREAMLIT_RUNNER_POST_SCRIPT_GC=name) as product:
            found[name] = asyncio.run(_burst(product, tabs, rounds))
    (off, off_mb), (on, on_mb) = found["false"], found["true"]
    beside = f"the default, on: {on:.1f} runs/s, {on_mb:+.1f} MiB"
    report.add(Figure("runs_per_s", round(off, 1), "runs/s", None, "higher", beside))
    report.add(Figure("speed_ratio", round(off / on, 2), "×", 1.0, "higher", beside))
    report.add(
        Figure("memory_growth_mib", round(off_mb, 1), "MiB", None, "lower", f"over {tabs * rounds} runs; {beside}")
    )


async def _burst(product: Product, count: int, rounds: int) -> tuple[float, float]:
    """Runs a second with all tabs running at once, and MiB that the process has grown by."""
    people = product.backend.people
    cookie = people.exchange(people.sign_in(CANDIDATE, PASSWORD, "user_portal"), "user_portal")
    tabs = [IdleTab(product.settings.user_url, "home", f"intellicv_user_session={cookie}") for _ in range(count)]
    process = portal_process(product)
    try:
        for tab in tabs:
            await tab.open()
        await asyncio.gather(*(tab.rerun() for tab in tabs))
        before, begin = process.memory_info().rss, time.monotonic()
        for _ in range(rounds):
            await asyncio.gather(*(tab.rerun() for tab in tabs))
        elapsed = time.monotonic() - begin
        return count * rounds / elapsed, (process.memory_info().rss - before) / 2**20
    finally:
        for tab in tabs:
            await tab.close()
