"""Bulk intake: nothing is dropped, nothing is read twice, and whose a document is gets said once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from shared_backend.config.backend_config import PREFIX, Settings, load_settings
from shared_backend.database.tables import DocumentRow
from shared_backend.identity.actor import Actor
from shared_backend.services.intake import IntakeDesk
from shared_backend.services.intake_store import IntakeFilter
from shared_backend.utils.exception_handler import (
    IntelliCVError,
    InvalidInput,
    NotFound,
    PermissionDenied,
    StateConflict,
)
from tests.integration.documents.conftest import Office
from tests.support.documents import ADA, document
from tests.support.jobs import SYSTEM, wait_until

ROOT = Path(__file__).resolve().parents[3]
EVERY = IntakeFilter()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "cvs"
    made.mkdir()
    return made


@pytest.fixture
def settings(database_url: str, tmp_path: Path, folder: Path) -> Settings:
    return load_settings(
        environment="test", var_dir=tmp_path / "var", database_url=database_url, intake_roots=str(folder)
    )


def read_all(office: Office, intake_id: str) -> None:
    runner = office.runner()
    runner.start()
    try:
        desk = IntakeDesk(office.backend)
        wait_until(lambda: all(not job.is_open for job in desk.progress(intake_id, actor=SYSTEM).jobs))
    finally:
        runner.stop()


def test_uploaded_files_are_read_and_given_to_the_candidates_whose_address_is_in_them(office: Office) -> None:
    desk, grace = IntakeDesk(office.backend), office.person("admin", "Grace")
    ada = office.person(email="ada@example.org")
    intake_id = desk.open_upload("Autumn", actor=grace, source="admin_portal")
    contents = [
        ADA,
        ADA,
        document("encrypted"),
        b"MZ",
        b"",
        document("basics.name: Bob", "basics.email: bob@example.org"),
    ]
    for number, content in enumerate(contents):
        desk.add_file(intake_id, f"../{number}.txt", content, actor=grace, source="admin_portal")
    desk.begin(intake_id, actor=grace, source="admin_portal")
    read_all(office, intake_id)
    files, total = desk.files(intake_id, EVERY, actor=grace)
    assert total == 6 and [each.name for each in files] == [f"{number}.txt" for number in range(6)]
    assert [each.state for each in files] == ["read", "duplicate", "failed", "failed", "failed", "read"]
    assert all(each.words for each in files if each.state != "read")
    assert desk.progress(intake_id, actor=grace).state == "done"

    assert desk.assign_by_email(intake_id, actor=grace, source="admin_portal") == (1, 1)
    (own,) = office.documents.of_owner(ada.id, actor=ada)
    assert own.state == "draft" and own.number == 1
    (left,), _ = desk.files(intake_id, IntakeFilter(unassigned=True), actor=grace)
    assert left.document_id is not None
    with pytest.raises(StateConflict):
        desk.assign(own.id, ada.id, actor=grace, source="admin_portal")
    link = desk.invite(left.document_id, "bob@example.org", "Bob", actor=grace, source="admin_portal")
    assert link.startswith("http")
    bob = office.backend.people.find("bob@example.org", actor=grace)
    assert bob is not None and office.documents.get(left.document_id, actor=grace).owner_id == bob.id
    office.documents.confirm(own.id, actor=ada, source="user_portal")
    assert office.profile(ada)["work"][0]["name"] == "Analytical Engines Ltd"


def test_no_document_is_given_away_by_an_address_that_may_be_somebody_elses(office: Office) -> None:
    desk, grace = IntakeDesk(office.backend), office.person("admin", "Grace")
    ada = office.person(email="ada@example.org")
    intake_id = desk.open_upload("", actor=grace, source="admin_portal")
    content = document("basics.name: Bob", "basics.email: ~ada@example.org")
    desk.add_file(intake_id, "bob.txt", content, actor=grace, source="admin_portal")
    desk.begin(intake_id, actor=grace, source="admin_portal")
    read_all(office, intake_id)
    assert desk.assign_by_email(intake_id, actor=grace, source="admin_portal") == (0, 1)
    assert not office.documents.of_owner(ada.id, actor=ada)
    (left,), _ = desk.files(intake_id, IntakeFilter(unassigned=True), actor=grace)
    assert left.document_id is not None
    found = desk.suggestion(left.document_id, actor=grace)
    assert (found.owner_id, found.sure) == (ada.id, False)
    # Somebody has looked, and says that it is theirs.
    office.documents.check(left.document_id, "basics.email", actor=grace)
    assert desk.suggestion(left.document_id, actor=grace).sure


def test_what_failed_is_read_again_and_nothing_else(office: Office) -> None:
    desk, grace = IntakeDesk(office.backend), office.person("admin", "Grace")
    intake_id = desk.open_upload("", actor=grace, source="admin_portal")
    for content in (ADA, document("scanned")):
        desk.add_file(intake_id, "cv.txt", content, actor=grace, source="admin_portal")
    desk.begin(intake_id, actor=grace, source="admin_portal")
    read_all(office, intake_id)
    assert office.reader.read_count == 2
    desk.retry(intake_id, actor=grace, source="admin_portal")
    read_all(office, intake_id)
    assert office.reader.read_count == 3
    assert [each.tries for each in desk.files(intake_id, EVERY, actor=grace)[0]] == [1, 2]


def test_an_intake_is_paused_resumed_and_cancelled(office: Office) -> None:
    desk, grace = IntakeDesk(office.backend), office.person("admin", "Grace")
    intake_id = desk.open_upload("", actor=grace, source="admin_portal")
    for number in range(60):
        desk.add_file(intake_id, "cv.txt", ADA + f"\n{number}".encode(), actor=grace, source="admin_portal")
    intake = desk.begin(intake_id, actor=grace, source="admin_portal")
    assert intake.parts == 3
    desk.pause(intake_id, actor=grace, source="admin_portal")
    assert desk.progress(intake_id, actor=grace).state == "paused"
    desk.resume(intake_id, actor=grace, source="admin_portal")
    desk.cancel(intake_id, actor=grace, source="admin_portal")
    assert desk.progress(intake_id, actor=grace).state == "cancelled"
    desk.retry(intake_id, actor=grace, source="admin_portal")
    with pytest.raises(StateConflict):
        desk.retry(intake_id, actor=grace, source="admin_portal")
    read_all(office, intake_id)
    assert desk.progress(intake_id, actor=grace).by_state == {"read": 60} and office.reader.read_count == 60


def test_only_allowed_folders_are_read_and_links_lead_nowhere(office: Office, folder: Path, tmp_path: Path) -> None:
    desk, grace = IntakeDesk(office.backend), office.person("admin", "Grace")
    secret = tmp_path / "secret.txt"
    secret.write_bytes(ADA)
    for bad, error in ((tmp_path, InvalidInput), (folder / "..", InvalidInput), (folder / "no", NotFound)):
        with pytest.raises(error):
            desk.begin_folder(bad, "", actor=grace, source="admin_portal")
    with pytest.raises(InvalidInput):
        desk.begin_folder(folder, "", actor=grace, source="admin_portal")
    (folder / "below").mkdir()
    (folder / "below" / "a.txt").write_bytes(ADA)
    (folder / "b.png").write_bytes(b"png")
    (folder / "c.txt").symlink_to(secret)
    intake = desk.begin_folder(folder, "", actor=grace, source="admin_portal")
    read_all(office, intake.id)
    files, _ = desk.files(intake.id, EVERY, actor=grace)
    assert [(each.name, each.state) for each in files] == [("below/a.txt", "read"), ("c.txt", "failed")]


def test_of_the_same_file_twice_at_once_one_is_read_and_the_other_a_duplicate(office: Office, folder: Path) -> None:
    """Two workers have both seen that nobody has these bytes, and both store them."""
    desk, grace = IntakeDesk(office.backend), office.person("admin", "Grace")
    for number in range(60):
        (folder / f"{number:02}.txt").write_bytes(ADA)
    meet = threading.Barrier(2)
    storage = office.documents._storage
    put_at: list[int] = []

    class Together:
        """Holds the first two uploads until both are there."""

        def put(self, path: str, content: bytes) -> None:
            put_at.append(1)
            if len(put_at) <= 2:
                meet.wait(30)
            storage().put(path, content)

        def get(self, path: str) -> bytes:
            return storage().get(path)

        def delete(self, path: str) -> None:
            storage().delete(path)

        def ours(self, prefix: str) -> Iterable[tuple[str, datetime]]:
            return storage().ours(prefix)

    office.documents._storage = Together
    intake = desk.begin_folder(folder, "", actor=grace, source="admin_portal")
    assert intake.parts == 3
    runners = [office.runner(), office.runner()]
    for runner in runners:
        runner.start()
    try:
        wait_until(lambda: all(not job.is_open for job in desk.progress(intake.id, actor=SYSTEM).jobs))
    finally:
        for runner in runners:
            runner.stop()
    assert len(put_at) == 2
    assert desk.progress(intake.id, actor=grace).by_state == {"read": 1, "duplicate": 59}
    files, _ = desk.files(intake.id, EVERY, actor=grace, limit=100)
    assert len({each.document_id for each in files}) == 1 and office.reader.read_count == 1
    with office.backend.database.read() as connection:
        assert len(connection.execute(select(DocumentRow.__table__)).all()) == 1  # type: ignore[attr-defined]


def test_a_file_and_its_document_become_known_together_or_not_at_all(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, grace = IntakeDesk(office.backend), office.person("admin", "Grace")
    intake_id = desk.open_upload("", actor=grace, source="admin_portal")
    monkeypatch.setattr("shared_backend.services.intake.MOST_FILES", 1)
    assert desk.add_file(intake_id, "cv.txt", ADA, actor=grace, source="admin_portal").state == "waiting"
    # One too many: it is refused, and nothing of it is kept.
    with pytest.raises(StateConflict):
        desk.add_file(intake_id, "other.txt", ADA + b"x", actor=grace, source="admin_portal")
    (file,), _ = desk.files(intake_id, EVERY, actor=grace)
    with office.backend.database.read() as connection:
        (kept,) = connection.execute(select(DocumentRow.__table__)).all()  # type: ignore[attr-defined]
    assert file.document_id == kept.id
    assert [path for path, _at in office.documents._storage().ours("documents/")] == [f"documents/{kept.id}"]


def test_two_people_who_upload_the_same_file_at_once_have_it_once(office: Office) -> None:
    grace = office.person("admin", "Grace")
    meet, put = threading.Barrier(2), office.documents._storage().put
    held = office.documents._storage()

    def together(path: str, content: bytes) -> None:
        meet.wait(30)
        put(path, content)

    held.put = together  # type: ignore[method-assign]
    office.documents._storage = lambda: held
    desks = [IntakeDesk(office.backend) for _ in range(2)]
    ids = [desk.open_upload("", actor=grace, source="admin_portal") for desk in desks]
    states: list[str] = []
    threads = [
        threading.Thread(
            target=lambda desk=desk, intake=intake: states.append(
                desk.add_file(intake, "cv.txt", ADA, actor=grace, source="admin_portal").state
            )
        )
        for desk, intake in zip(desks, ids, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(states) == ["duplicate", "waiting"]


def test_what_else_is_to_be_done_does_not_wait_for_an_intake(office: Office, folder: Path) -> None:
    desk, grace = IntakeDesk(office.backend), office.person("admin", "Grace")
    for number in range(80):
        (folder / f"{number:02}.txt").write_bytes(document(f"basics.name: Person {number}"))
    go_on, reading = threading.Event(), threading.Event()

    def hold(_content: bytes) -> None:
        reading.set()
        assert go_on.wait(60)

    office.reader.before = hold
    intake = desk.begin_folder(folder, "", actor=grace, source="admin_portal")
    assert intake.parts == 4
    # One process, of two threads, and an intake of four jobs.
    runner = office.runner()
    runner.start()
    try:
        assert reading.wait(60)
        asked = office.backend.jobs.enqueue("documents.tidy", {}, actor=SYSTEM, source="script")
        wait_until(lambda: not office.backend.jobs.get(asked.id, actor=SYSTEM).is_open)
        states = sorted(job.state for job in desk.progress(intake.id, actor=SYSTEM).jobs)
        assert states == ["running", "waiting", "waiting", "waiting"]
        go_on.set()
        wait_until(lambda: desk.progress(intake.id, actor=SYSTEM).done == 80)
    finally:
        go_on.set()
        runner.stop()


@pytest.mark.parametrize("role", ["analyst", "candidate"])
def test_nobody_else_takes_in_anything(office: Office, folder: Path, role: str) -> None:
    desk, grace, who = IntakeDesk(office.backend), office.person("admin", "Grace"), office.person(role)
    intake_id = desk.open_upload("", actor=grace, source="admin_portal")
    desk.add_file(intake_id, "cv.txt", ADA, actor=grace, source="admin_portal")
    for call in (
        lambda: desk.open_upload("", actor=who, source="admin_portal"),
        lambda: desk.add_file(intake_id, "cv.txt", ADA + b"x", actor=who, source="admin_portal"),
        lambda: desk.begin(intake_id, actor=who, source="admin_portal"),
        lambda: desk.begin_folder(folder, "", actor=who, source="admin_portal"),
        lambda: desk.pause(intake_id, actor=who, source="admin_portal"),
        lambda: desk.retry(intake_id, actor=who, source="admin_portal"),
    ):
        with pytest.raises(PermissionDenied):
            call()
    if role == "candidate":
        for call in (
            lambda: desk.intakes(actor=who),
            lambda: desk.progress(intake_id, actor=who),
            lambda: desk.files(intake_id, EVERY, actor=who),
        ):
            with pytest.raises(IntelliCVError):
                call()


Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(settings: Settings, tmp_path: Path) -> Iterator[Start]:
    """Starts a worker process of its own on this test's database."""
    started: list[subprocess.Popen[bytes]] = []

    def one() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.support.intake_worker", str(tmp_path / "begun"), "0.004"]
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            f"{PREFIX}DATABASE_URL": settings.database_url,
            f"{PREFIX}VAR_DIR": str(settings.var_dir),
            f"{PREFIX}INTAKE_ROOTS": settings.intake_roots,
            f"{PREFIX}LOG_LEVEL": "ERROR",
        }
        worker = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert worker.stdout is not None and worker.stdout.readline() == b"up\n"
        started.append(worker)
        return worker

    yield one
    for worker in started:
        worker.kill()
        worker.wait()
        for pipe in (worker.stdin, worker.stdout):
            assert pipe is not None
            pipe.close()


@pytest.mark.slow
def test_six_hundred_files_survive_kills_and_none_is_read_twice_or_dropped(
    office: Office, folder: Path, tmp_path: Path, start: Start
) -> None:
    for number in range(600):
        (folder / f"{number:04}.txt").write_bytes(document(f"basics.name: Person {number}"))
    desk = IntakeDesk(office.backend)
    intake = desk.begin_folder(folder, "", actor=Actor.system(), source="script")
    victim, survivor = start(), start()
    done = lambda: desk.progress(intake.id, actor=SYSTEM).done  # noqa: E731
    wait_until(lambda: done() >= 100)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    wait_until(lambda: done() >= 250)
    survivor.send_signal(signal.SIGKILL)
    survivor.wait()
    left = done()
    assert left < 600
    ended = (tmp_path / "begun").read_bytes().splitlines()
    start()
    wait_until(lambda: done() == 600, within_s=180)
    files, total = desk.files(intake.id, EVERY, actor=SYSTEM, limit=700)
    assert total == 600 and {each.state for each in files} == {"read"}
    assert len({each.document_id for each in files}) == 600 and {each.tries for each in files} == {1}
    begun = (tmp_path / "begun").read_bytes().splitlines()
    # Twice begun are only those that a worker, of two threads, was at when it was killed.
    assert len(set(begun)) == 600 and len(begun) - 600 <= 4
    assert len(ended) <= len(begun)
