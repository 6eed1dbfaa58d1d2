"""Jobs over both databases: asked for with their asker, run, resumed, retried, stopped."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from shared_backend.database.engine import Database
from shared_backend.jobs.errors import RetryLater
from shared_backend.jobs.kinds import JobKind, JobRegister, Recurring
from shared_backend.jobs.run import JobRun
from shared_backend.services.jobs import Jobs
from shared_backend.utils.exception_handler import (
    InvalidInput,
    NotFound,
    PayloadTooLarge,
    StateConflict,
)
from tests.support.job_stage import ADMIN, Stage
from tests.support.jobs import QUICK, SYSTEM, effects, ended, jobs_of, note, wait_until


def test_a_job_runs_and_says_what_it_did(stage: Stage) -> None:
    job_id = stage.ask("test.steps", {"steps": 4})
    assert stage.job(job_id).state == "waiting"
    stage.begin()
    job = ended(stage.jobs, job_id)
    assert (job.state, job.result, job.error) == ("done", {"steps": 4}, None)
    assert (job.progress_done, job.progress_total, job.progress_unit) == (4, 4, "steps")
    assert job.started_at and job.ended_at and job.claim is None
    steps, count = stage.jobs.steps(job_id, actor=SYSTEM)
    assert [step.name for step in steps] == [f"step {number}" for number in range(4)] and count == 4
    assert set(effects(stage.database).values()) == {1}


def test_a_job_is_there_when_and_only_when_its_asker_is(stage: Stage) -> None:
    with pytest.raises(RuntimeError), stage.database.write() as uow:
        stage.jobs.enqueue_in(uow, "test.steps", {}, actor=SYSTEM)
        raise RuntimeError
    assert stage.jobs.find(actor=SYSTEM).total == 0
    with stage.database.write() as uow:
        stage.jobs.enqueue_in(uow, "test.steps", {}, actor=SYSTEM)
        assert stage.jobs.find(actor=SYSTEM).total == 0 or stage.database.dialect == "sqlite"
    assert stage.jobs.find(actor=SYSTEM).total == 1


def test_of_a_key_one_job_is_open_at_most(stage: Stage) -> None:
    first, again = stage.ask(key="company"), stage.ask(key="company")
    other = stage.ask(key="another")
    assert first == again != other
    stage.begin()
    ended(stage.jobs, first)
    assert stage.ask(key="company") != first


def test_twenty_askers_of_one_key_get_one_job(stage: Stage) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(stage.ask(key="one"))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20 and len(set(found)) == 1


@pytest.mark.parametrize(
    ("kind", "payload", "key", "error"),
    [
        ("test.steppes", {}, None, InvalidInput),
        ("test.steps", [1], None, InvalidInput),
        ("test.steps", {"it": object()}, None, InvalidInput),
        ("test.steps", {"it": "x" * 70_000}, None, PayloadTooLarge),
        ("test.steps", {}, "", InvalidInput),
        ("test.steps", {}, "x" * 201, InvalidInput),
    ],
)
def test_what_cannot_be_asked_for_is_refused(
    stage: Stage, kind: str, payload: Any, key: str | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        stage.ask(kind, payload, key=key)
    assert stage.jobs.find(actor=SYSTEM).total == 0


def test_an_error_that_may_is_tried_again_and_the_done_steps_are_not(stage: Stage) -> None:
    tries: list[str] = []

    def handle(run: JobRun, payload: dict[str, Any]) -> dict[str, Any]:
        answer = run.call("outside", lambda: tries.append("outside") or {"n": len(tries)})
        run.step("inside", lambda uow: note(uow.connection, run, "inside"))
        tries.append("try")
        if tries.count("try") < 3:
            raise RetryLater("Not yet.", after_s=0.0)
        return answer

    stage.handle = handle
    stage.begin()
    job = ended(stage.jobs, stage.ask())
    assert (job.state, job.result, job.attempts) == ("done", {"n": 1}, 2)
    assert tries == ["outside", "try", "try", "try"]
    assert set(effects(stage.database).values()) == {1}


def test_a_job_that_never_succeeds_ends_in_a_persons_words(stage: Stage) -> None:
    def handle(run: JobRun, payload: dict[str, Any]) -> None:
        raise RetryLater("The archive does not answer.")

    stage.handle = handle
    stage.begin()
    job = ended(stage.jobs, stage.ask())
    assert (job.state, job.attempts) == ("failed", 3)
    assert job.error == "Tried 3 times. The archive does not answer."


def test_an_unforeseen_error_is_not_tried_again_and_tells_no_secret(stage: Stage) -> None:
    def handle(run: JobRun, payload: dict[str, Any]) -> None:
        raise ValueError("ada@example.org")

    stage.handle = handle
    stage.begin()
    job = ended(stage.jobs, stage.ask())
    assert (job.state, job.attempts) == ("failed", 1)
    assert job.error and "ValueError" in job.error and job.correlation_id in job.error and "ada" not in job.error


def test_a_step_whose_work_fails_leaves_nothing(stage: Stage) -> None:
    def handle(run: JobRun, payload: dict[str, Any]) -> None:
        def work(uow: Any) -> None:
            note(uow.connection, run, "half")
            raise InvalidInput("Line 3 has no name.")

        run.step("half", work)

    stage.handle = handle
    stage.begin()
    job = ended(stage.jobs, stage.ask())
    assert (job.state, job.error) == ("failed", "Line 3 has no name.")
    assert effects(stage.database) == {} and stage.jobs.steps(job.id, actor=SYSTEM) == ([], 0)


def test_a_failed_job_is_retried_by_a_person_from_where_it_was(stage: Stage) -> None:
    broken = [True]

    def handle(run: JobRun, payload: dict[str, Any]) -> None:
        run.step("first", lambda uow: note(uow.connection, run, "first"))
        if broken:
            raise InvalidInput("The file is empty.")
        run.step("second", lambda uow: note(uow.connection, run, "second"))

    stage.handle = handle
    stage.begin()
    job_id = stage.ask(key="file")
    assert ended(stage.jobs, job_id).state == "failed"
    broken.clear()
    stage.jobs.retry(job_id, actor=ADMIN, source="admin_portal")
    stage.runner.hint()
    job = ended(stage.jobs, job_id)
    assert (job.state, job.error, job.attempts) == ("done", None, 0)
    assert sorted(step for (_job, step), count in effects(stage.database).items() if count == 1) == ["first", "second"]
    with pytest.raises(StateConflict, match="done"):
        stage.jobs.retry(job_id, actor=ADMIN, source="admin_portal")


def test_a_retry_gives_way_to_a_newer_job_of_its_key(stage: Stage) -> None:
    old = stage.ask(key="file")
    stage.jobs.cancel(old, actor=ADMIN, source="admin_portal")
    stage.ask(key="file")
    with pytest.raises(StateConflict, match="newer"):
        stage.jobs.retry(old, actor=ADMIN, source="admin_portal")


def test_a_kind_with_a_limit_runs_once_at_a_time_in_the_whole_fleet(stage: Stage) -> None:
    now, most = [0], [0]
    lock = threading.Lock()

    def handle(run: JobRun, payload: dict[str, Any]) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.02)
        with lock:
            now[0] -= 1

    stage.handle = handle
    ids = [stage.ask("test.alone") for _ in range(8)]
    others = [stage.jobs.runner(pace=QUICK) for _ in range(2)]
    for runner in (*others, stage.begin()):
        runner.start()
    try:
        assert {ended(stage.jobs, job_id).state for job_id in ids} == {"done"}
    finally:
        for runner in others:
            runner.stop()
    assert most == [1]


def test_many_jobs_over_three_runners_are_each_run_once(stage: Stage) -> None:
    ids = [stage.ask("test.steps", {"steps": 1}) for _ in range(60)]
    others = [stage.jobs.runner(pace=QUICK) for _ in range(2)]
    for runner in (*others, stage.begin()):
        runner.start()
    try:
        assert {ended(stage.jobs, job_id).state for job_id in ids} == {"done"}
    finally:
        for runner in others:
            runner.stop()
    assert len(effects(stage.database)) == 60 and set(effects(stage.database).values()) == {1}


def test_what_recurs_is_asked_for_by_one_of_many(database: Database) -> None:
    register, ran = JobRegister(), []
    register.add(JobKind("test.often", "Often", lambda run, payload: ran.append(run.job.id)))
    register.every(Recurring("test.often", 3_600.0))
    jobs = Jobs(database, register, lambda _uow, _job, _actor: None)
    runners = [jobs.runner(pace=QUICK) for _ in range(3)]
    for runner in runners:
        runner.start()
    try:
        wait_until(lambda: jobs.counts(actor=SYSTEM)["done"] == 1)
        time.sleep(0.5)
    finally:
        for runner in runners:
            runner.stop()
    assert len(ran) == 1 and jobs.find(actor=SYSTEM).total == 1


def test_what_recurs_is_not_asked_for_while_there_is_nothing_to_do(database: Database) -> None:
    register = JobRegister()
    register.add(JobKind("test.often", "Often", lambda run, payload: None))
    register.every(Recurring("test.often", 0.05, when=lambda connection: False))
    jobs = Jobs(database, register, lambda _uow, _job, _actor: None)
    runner = jobs.runner(pace=QUICK)
    runner.start()
    time.sleep(0.4)
    runner.stop()
    assert jobs.find(actor=SYSTEM).total == 0


def test_a_kind_of_another_release_waits_for_its_worker(stage: Stage) -> None:
    later = jobs_of(stage.database, JobKind("test.later", "Later", lambda run, payload: {}))
    job = later.enqueue("test.later", {}, actor=SYSTEM, source="script")
    stage.begin()
    assert ended(stage.jobs, stage.ask("test.steps")).state == "done"
    assert stage.job(job.id).state == "waiting"


def test_the_history_is_bounded(stage: Stage) -> None:
    jobs = jobs_of(stage.database, keep=5)
    stage.begin()
    ids = [stage.ask("test.steps", {"steps": 1}) for _ in range(9)]
    for job_id in ids:
        ended(stage.jobs, job_id)
    waiting = jobs.enqueue("test.steps", {}, actor=SYSTEM, source="script")
    jobs.pause(waiting.id, actor=SYSTEM, source="script")
    ended_before = jobs.counts(actor=SYSTEM)["done"]
    first_to_end = min(ids, key=lambda job_id: stage.job(job_id).ended_at or datetime.max.replace(tzinfo=UTC))
    assert jobs.prune() == ended_before - 5
    assert jobs.prune() == 0
    assert jobs.counts(actor=SYSTEM)["done"] == 5
    with pytest.raises(NotFound):
        stage.job(first_to_end)
