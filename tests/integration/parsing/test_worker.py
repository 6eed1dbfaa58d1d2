"""The worker process: warm, lost without harm, inheriting nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from shared_backend.data_management.complete_data_parser import CompleteDataParser
from shared_backend.data_management.documents.errors import Outcome
from shared_backend.data_management.documents.limits import Limits
from shared_backend.data_management.worker.process import WorkerProcess
from tests.support.cv import CV, ROOT, pdf


def test_threads_share_the_workers() -> None:
    with CompleteDataParser(workers=2) as parser:
        results = []
        threads = [threading.Thread(target=lambda: results.append(parser.parse(pdf(CV), "cv.pdf"))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [result.outcome for result in results] == [Outcome.PARSED] * 6


def test_a_worker_that_is_lost_is_replaced() -> None:
    with CompleteDataParser() as parser:
        assert parser.parse(CV.encode(), "cv.txt").ok
        os.kill(parser._pool._idle[0]._process.pid, 9)
        lost = parser.parse(CV.encode(), "cv.txt")
        # Either it was seen to be gone before, or the death is this document's outcome; the next is read in any case.
        assert lost.outcome in (Outcome.CRASHED, Outcome.PARSED)
        assert parser.parse(CV.encode(), "cv.txt").ok


def test_a_document_that_takes_too_long_is_ended() -> None:
    with CompleteDataParser(limits=Limits(seconds=0.001)) as parser:
        assert parser.parse(pdf(CV * 40), "cv.pdf").outcome is Outcome.TOO_SLOW


def test_a_document_that_takes_too_much_memory_is_ended() -> None:
    from shared_backend.data_management.worker.frames import packed

    worker = WorkerProcess(Limits(memory_mb=700, file_bytes=10**9))
    try:
        # Its own frame is already more than it may hold.
        result = worker.parse(b"a" * 800_000_000, "cv.txt")
        assert result.outcome in (Outcome.TOO_MUCH_MEMORY, Outcome.CRASHED)
    finally:
        worker.close()
    assert packed({})


def test_nothing_of_ours_is_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTELLICV_SECRET_KEY", "x" * 40)
    worker = WorkerProcess(Limits())
    try:
        environment = psutil.Process(worker._process.pid).environ()
        assert environment and not any(name.startswith("INTELLICV") for name in environment)
    finally:
        worker.close()


def test_the_parent_s_main_is_not_run_again(tmp_path: Path) -> None:
    script = tmp_path / "page.py"
    script.write_text(
        "import sys\nprint('run')\nsys.path.insert(0, sys.argv[1])\n"
        "from shared_backend.data_management.complete_data_parser import CompleteDataParser\n"
        "with CompleteDataParser() as parser:\n    print(parser.parse(b'x', 'x.txt').outcome.value)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script), str(ROOT)], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.split() == ["run", "no_cv"]


def test_a_file_that_is_not_there_is_an_outcome(tmp_path: Path) -> None:
    with CompleteDataParser() as parser:
        assert parser.parse(tmp_path / "gone.pdf").outcome is Outcome.BROKEN


def test_a_date_before_very_many_spaces_is_read_within_the_limits() -> None:
    gap = "\u2009" * 30_000
    text = f"Grace Mensah\ngrace@example.org\n\nEXPERIENCE\nNurse, Mercy Hospital, 2012 - 2014\n2019{gap}x\n"
    with CompleteDataParser(limits=replace(Limits(), seconds=15.0)) as parser:
        result = parser.parse(text.encode(), "cv.txt")
    assert result.outcome is Outcome.PARSED
