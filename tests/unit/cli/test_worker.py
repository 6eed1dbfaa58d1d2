from __future__ import annotations

import threading

from shared_backend.cli.worker import Task, Worker


def test_each_task_runs_at_once_and_then_at_its_interval() -> None:
    runs: list[str] = []
    worker = Worker([("quick", 0.1, lambda: runs.append("quick")), ("rare", 3600, lambda: runs.append("rare"))])
    timer = threading.Timer(0.55, worker.stop)
    timer.start()
    worker.run()
    assert runs.count("rare") == 1
    assert 3 <= runs.count("quick") <= 6


def test_a_failing_task_stops_neither_the_others_nor_itself() -> None:
    outcomes = iter([RuntimeError("away"), None])
    done: list[str] = []

    def flaky() -> None:
        outcome = next(outcomes)
        if outcome:
            raise outcome
        done.append("flaky")
        worker.stop()

    worker = Worker([("flaky", 0.05, flaky), ("steady", 0.05, lambda: done.append("steady"))])
    worker.run()
    assert "flaky" in done
    assert "steady" in done


def test_a_rare_task_that_failed_is_tried_again_within_a_minute() -> None:
    def fail() -> None:
        raise OSError("disk")

    task = Task("rare", 3600, fail)
    task.run(now=100.0)
    assert (task.failures, task.due_at) == (1, 160.0)
    task.work = lambda: None
    task.run(now=160.0)
    assert (task.failures, task.due_at) == (0, 3760.0)


def test_without_tasks_it_waits_to_be_stopped() -> None:
    worker = Worker([])
    threading.Timer(0.1, worker.stop).start()
    worker.run()
