"""What 200 signed-in tabs cost that do nothing, beside sessions that each ask the database once a second."""

from __future__ import annotations

import asyncio
import time

import psutil
from sqlmodel import Session, select

from benchmarks.figures import Figure, Report
from benchmarks.lockstep.product import PASSWORD, Product, running_product
from benchmarks.lockstep.streamlit_client import IdleTab
from shared_backend.database.tables import LogCounter
from shared_backend.identity.actor import Actor

_TABS = 200
_TABS_A_PERSON = 10


def run(report: Report, *, quick: bool) -> None:
    """idle_sessions_cpu: share of one core that the user portal's process uses."""
    with running_product() as product:
        process = portal_process(product)
        # A whole turn of the slow timer, so that every tab looks once within it.
        seconds = 20.0 if quick else product.settings.poll_slack_s + 5
        alone = _share(process, 5.0)
        share, runs = asyncio.run(_with_tabs(product, process, 40 if quick else _TABS, seconds))
        query = _query_cost(product)
    tabs = 40 if quick else _TABS
    beside = (
        f"{tabs} tabs, {runs} runs in {seconds:.0f} s; no tab {alone:.3f}; "
        f"one SQLModel query a second in each {tabs * query:.3f}"
    )
    report.add(Figure("idle_sessions_cpu", round(share, 4), "of a core", 0.05, "lower", beside))


async def _with_tabs(product: Product, process: psutil.Process, count: int, seconds: float) -> tuple[float, int]:
    people = product.backend.people
    tabs: list[IdleTab] = []
    try:
        system = Actor.system("bench")
        for number in range(count):
            if number % _TABS_A_PERSON == 0:
                email = f"tab-{number}@example.org"
                people.create_account(email, "candidate", "Tab", PASSWORD, actor=system)
                cookie = people.exchange(people.sign_in(email, PASSWORD, "user_portal"), "user_portal")
            tab = IdleTab(product.settings.user_url, "home", f"intellicv_user_session={cookie}")
            await tab.open()
            tabs.append(tab)
        await asyncio.sleep(3)
        before = sum(tab.script_runs for tab in tabs)
        share = await asyncio.to_thread(_share, process, seconds)
        assert not sum(tab.exceptions for tab in tabs), "a page drew an exception"
        return share, sum(tab.script_runs for tab in tabs) - before
    finally:
        for tab in tabs:
            await tab.close()


def _share(process: psutil.Process, seconds: float) -> float:
    begin, used = time.monotonic(), process.cpu_times()
    time.sleep(seconds)
    now = process.cpu_times()
    return (now.user + now.system - used.user - used.system) / (time.monotonic() - begin)


def portal_process(product: Product) -> psutil.Process:
    """The user portal's."""
    for child in psutil.Process(product.process.pid).children(recursive=True):
        if any("user_portal/app.py" in part for part in child.cmdline()) and child.name().startswith("python"):
            return child
    raise RuntimeError("the user portal's process was not found")


def _query_cost(product: Product) -> float:
    """CPU seconds of one query through a SQLModel session."""
    calls = 300
    begin = time.process_time()
    for _ in range(calls):
        with Session(product.backend.database.engine) as session:
            session.exec(select(LogCounter)).first()
    return (time.process_time() - begin) / calls
