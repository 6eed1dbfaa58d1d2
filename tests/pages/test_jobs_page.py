"""Jobs: what the page shows in each state, and what an operator does there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from shared_backend.jobs import store
from shared_backend.jobs.job import Job
from shared_backend.jobs.kinds import JobKind
from shared_backend.jobs.store import Pulse
from shared_backend.services.job_kinds import RECONCILE
from tests.pages.conftest import Company, words
from tests.support.jobs import SYSTEM


@pytest.fixture
def running(company: Callable[[str], Company]) -> Company:
    made = company("admin_portal")
    made.backend.jobs.register.add(JobKind("test.parse", "Parse <b>CVs</b> *now*", lambda run, payload: None))
    return made


def ask(running: Company, kind: str = "test.parse") -> Job:
    return running.backend.jobs.enqueue(kind, {"folder": "2030"}, actor=running.actor("admin"), source="admin_portal")


def claim(running: Company, pulse: Pulse | None = None) -> Job:
    """As a worker takes the job that is due next."""
    clock, database = running.backend.clock, running.backend.database
    limits = dict.fromkeys(running.backend.jobs.register.names())
    job = database.run(lambda uow: store.claim(uow, limits, at=clock()))
    assert job is not None and job.claim is not None
    if pulse is not None:
        database.run(lambda uow: store.beat(uow, job.id, job.claim or "", pulse, at=clock()))
    return job


def finish(running: Company, job: Job, state: str, **told: Any) -> None:
    at = running.backend.clock()
    assert running.backend.database.run(lambda uow: store.finish(uow, job, state, at=at, **told))


def state(running: Company, job: Job) -> tuple[str, str | None]:
    found = running.backend.jobs.get(job.id, actor=SYSTEM)
    return found.state, found.wish


def keys(app: AppTest) -> set[str]:
    return {str(button.key) for button in app.button}


def badges(app: AppTest) -> str:
    return words(app)


def test_without_a_job_it_says_what_will_be_here(running: Company) -> None:
    assert "No job yet" in words(running.open("jobs", "analyst"))


def test_a_running_job_shows_how_far_it_is_and_is_paused(running: Company) -> None:
    job = ask(running)
    claim(running, Pulse(120, 500, "files", "3 kept beside"))
    app = running.open("jobs", "admin")
    assert not app.exception
    assert "No worker process" in words(app)
    assert "Asked for by" in words(app)
    assert "Running" in badges(app)
    app.button(key=f"pause_job_{job.id}").click().run()
    assert state(running, job) == ("running", "pause")
    assert f"resume_job_{job.id}" in keys(app) and f"pause_job_{job.id}" not in keys(app)
    app.button(key=f"resume_job_{job.id}").click().run()
    assert state(running, job) == ("running", None)
    app.button(key=f"cancel_job_{job.id}").click().run()
    assert state(running, job) == ("running", "cancel")
    assert not {f"cancel_job_{job.id}", f"pause_job_{job.id}"} & keys(app)


def test_a_failed_job_shows_its_error_and_is_retried(running: Company) -> None:
    job = ask(running)
    finish(running, claim(running), "failed", error="Line 3 of <i>x</i> has *no* name.", failed_try=True)
    app = running.open("jobs", "admin")
    assert "Line 3 of <i>x</i> has *no* name." in [each.value for each in app.text]
    app.button(key=f"retry_job_{job.id}").click().run()
    assert state(running, job) == ("waiting", None)
    assert f"retry_job_{job.id}" not in keys(app)


def test_it_filters_by_state_and_kind_from_the_address(running: Company) -> None:
    first, _second = ask(running), ask(running, RECONCILE)
    finish(running, claim(running), "done", result={"n": 1})
    app = running.open("jobs", "analyst", job_state="Ended")
    assert "**1** job" in words(app) and running.backend.jobs.get(first.id, actor=SYSTEM).state == "done"
    app = running.open("jobs", "analyst", job_kind="Carry files to the primary cloud")
    assert "**1** job" in words(app) and "Carry files" in words(app)
    app = running.open("jobs", "analyst", job_state="Failed")
    assert "No job matches" in words(app)


def test_the_list_is_paged_in_the_database(running: Company) -> None:
    for _ in range(30):
        ask(running)
    app = running.open("jobs", "admin")
    assert "**30** jobs" in words(app) and len([key for key in keys(app) if key.startswith("pause_job_")]) == 25
    app = running.open("jobs", "admin", page="2")
    assert len([key for key in keys(app) if key.startswith("pause_job_")]) == 5


def test_one_job_with_its_steps_and_what_it_answered(running: Company) -> None:
    job = ask(running)
    taken = claim(running)
    clock = running.backend.clock
    step = store.Step("file 1.pdf", 1, {"lines": 3}, 0.25, clock())
    running.backend.database.run(lambda uow: store.add_step(uow.connection, job.id, step))
    finish(running, taken, "done", result={"files": 1}, pulse=Pulse(1, 1, "files", ""))
    app = running.open("job", "analyst", id=job.id)
    assert not app.exception and not app.error
    assert [list(frame.value["Name"]) for frame in app.dataframe] == [["file 1.pdf"]]
    assert {str(each.value) for each in app.code} >= {job.id}
    assert any('"files":1' in each.value.replace(" ", "") for each in app.json)
    assert any("2030" in each.value for each in app.json)


def test_a_job_that_is_gone_is_said_in_its_place(running: Company) -> None:
    app = running.open("job", "analyst", id="nobody")
    assert not app.exception and "forgotten" in words(app)


def test_an_analyst_looks_and_does_not_act(running: Company) -> None:
    job = ask(running)
    for page in ("jobs", "job"):
        app = running.open(page, "analyst", id=job.id)
        assert not {key for key in keys(app) if key.startswith(("pause_job", "cancel_job", "retry_job", "resume_job"))}


def test_a_name_from_a_register_is_shown_as_it_is(running: Company) -> None:
    ask(running)
    said = words(running.open("jobs", "analyst"))
    assert "\\<b\\>" in said and "\\*now\\*" in said


def test_without_a_choice_the_page_of_one_job_leads_to_all(running: Company) -> None:
    assert "No job is chosen" in words(running.open("job", "analyst"))
