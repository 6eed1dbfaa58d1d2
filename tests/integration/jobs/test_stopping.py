"""Jobs that people or a shutdown stop: paused, cancelled, given back."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from shared_backend.jobs.errors import JobStopped
from shared_backend.jobs.run import JobRun
from shared_backend.utils.exception_handler import (
    StateConflict,
)
from tests.support.job_stage import ADMIN, Stage
from tests.support.jobs import QUICK, effects, ended, note, wait_until


def waiting_handler(stage: Stage) -> Any:
    def handle(run: JobRun, payload: dict[str, Any]) -> None:
        run.step("before", lambda uow: note(uow.connection, run, "before"))
        while not stage.go_on.is_set():
            stage.entered.set()
            run.check()
            time.sleep(0.005)
        run.step("after", lambda uow: note(uow.connection, run, "after"))

    return handle


def test_a_running_job_is_paused_at_its_next_check_and_goes_on_where_it_was(stage: Stage) -> None:
    stage.handle = waiting_handler(stage)
    stage.begin()
    job_id = stage.ask()
    stage.entered.wait(30)
    assert stage.jobs.pause(job_id, actor=ADMIN, source="admin_portal").wish == "pause"
    stage.runner.hint()
    wait_until(lambda: stage.job(job_id).state == "paused")
    time.sleep(0.3)
    assert stage.job(job_id).state == "paused"
    stage.go_on.set()
    stage.jobs.resume(job_id, actor=ADMIN, source="admin_portal")
    stage.runner.hint()
    assert ended(stage.jobs, job_id).state == "done"
    assert list(effects(stage.database).values()) == [1, 1]


def test_a_running_job_is_cancelled_at_its_next_check(stage: Stage) -> None:
    stage.handle = waiting_handler(stage)
    stage.begin()
    job_id = stage.ask()
    stage.entered.wait(30)
    stage.jobs.cancel(job_id, actor=ADMIN, source="admin_portal")
    job = ended(stage.jobs, job_id)
    assert (job.state, job.wish) == ("cancelled", None)
    assert [step for _job, step in effects(stage.database)] == ["before"]


def test_a_waiting_job_is_paused_resumed_and_cancelled_without_running(stage: Stage) -> None:
    job_id = stage.ask()
    assert stage.jobs.pause(job_id, actor=ADMIN, source="admin_portal").state == "paused"
    stage.begin()
    time.sleep(0.3)
    assert stage.job(job_id).state == "paused"
    assert stage.jobs.cancel(job_id, actor=ADMIN, source="admin_portal").state == "cancelled"
    with pytest.raises(StateConflict):
        stage.jobs.resume(job_id, actor=ADMIN, source="admin_portal")
    with pytest.raises(StateConflict):
        stage.jobs.pause(job_id, actor=ADMIN, source="admin_portal")


def test_a_handler_that_catches_every_error_is_stopped_all_the_same(stage: Stage) -> None:
    def handle(run: JobRun, payload: dict[str, Any]) -> None:
        while True:
            stage.entered.set()
            try:
                run.check()
            except Exception as error:
                raise AssertionError("caught what it must not") from error
            time.sleep(0.005)

    stage.handle = handle
    stage.begin()
    job_id = stage.ask()
    stage.entered.wait(30)
    stage.jobs.cancel(job_id, actor=ADMIN, source="admin_portal")
    assert ended(stage.jobs, job_id).state == "cancelled"


def test_a_stop_gives_a_running_job_back_and_the_next_start_goes_on_with_it(stage: Stage) -> None:
    stage.handle = waiting_handler(stage)
    stage.begin()
    job_id = stage.ask()
    stage.entered.wait(30)
    stage.runner.stop()
    job = stage.job(job_id)
    assert (job.state, job.attempts, job.crashes) == ("waiting", 0, 0)
    stage.go_on.set()
    stage.runner = stage.jobs.runner(pace=QUICK)
    stage.runner.start()
    assert ended(stage.jobs, job_id).state == "done"
    assert list(effects(stage.database).values()) == [1, 1]


def test_a_run_that_does_not_stop_in_time_loses_its_job_and_can_write_no_more(stage: Stage) -> None:
    lost = threading.Event()

    def handle(run: JobRun, payload: dict[str, Any]) -> None:
        stage.entered.set()
        stage.go_on.wait(60)
        try:
            run.step("late", lambda uow: note(uow.connection, run, "late"))
        except JobStopped:
            lost.set()
            raise

    stage.handle = handle
    stage.begin()
    job_id = stage.ask()
    stage.entered.wait(30)
    stage.runner.stop(within_s=0.1)
    assert stage.job(job_id).state == "waiting"
    stage.go_on.set()
    assert lost.wait(30)
    assert effects(stage.database) == {} and stage.job(job_id).state == "waiting"
