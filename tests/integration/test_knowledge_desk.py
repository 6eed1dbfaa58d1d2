"""Data sources by their desk: imports by a worker, whole or not at all, and switches that every process takes up."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared_backend.config.backend_config import Settings, load_settings
from shared_backend.data_management.unified_data_connector import UnifiedDataConnector
from shared_backend.database.engine import Database
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.jobs.job import Job
from shared_backend.jobs.run import JobRun
from shared_backend.services import knowledge_jobs
from shared_backend.services.backend import Backend
from shared_backend.services.knowledge_desk import KnowledgeDesk
from shared_backend.services.linkedin_industry_classifier import LinkedInIndustryClassifier
from shared_backend.services.release_uploads import PREFIX
from shared_backend.utils.exception_handler import (
    InvalidInput,
    NotFound,
    PayloadTooLarge,
    PermissionDenied,
    StateConflict,
)
from tests.support.jobs import QUICK, SYSTEM, ended, wait_until
from tests.support.knowledge import files_of, industries_release
from tests.support.people import PASSWORD, quick_passwords

PORTAL = "admin_portal"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return load_settings(
        environment="test",
        var_dir=tmp_path / "var",
        database_url=database_url,
        release_roots=str(tmp_path / "releases"),
    )


@pytest.fixture
def backend(settings: Settings) -> Iterator[Backend]:
    opened = Backend.open(settings, portal="script")
    opened.people._passwords = quick_passwords()
    yield opened
    opened.close()


@pytest.fixture
def desk(backend: Backend) -> KnowledgeDesk:
    return KnowledgeDesk(backend)


@pytest.fixture
def grace(backend: Backend) -> Actor:
    return person(backend, "admin")


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return industries_release(tmp_path / "releases" / "industries")


def person(backend: Backend, role: str) -> Actor:
    account = backend.people.create_account(f"{role}@example.org", role, f"The {role}", PASSWORD, actor=Actor.system())
    return Actor(account.id, Role(role), account.name)


def worked(backend: Backend, job: Job) -> Job:
    """The job once a worker has ended it."""
    runner = backend.jobs.runner(pace=QUICK)
    runner.start()
    try:
        return ended(backend.jobs, job.id)
    finally:
        runner.stop()


def uploads(backend: Backend) -> int:
    return len(backend.cloud.list(PREFIX).value.items)


def upload(desk: KnowledgeDesk, files: list[tuple[str, bytes]], actor: Actor, *, use: bool = True) -> Job:
    return desk.import_upload("industries", files, use=use, actor=actor, source_portal=PORTAL)


def test_uploaded_files_become_a_version_in_use_and_leave_nothing_behind(
    backend: Backend, desk: KnowledgeDesk, grace: Actor, whole: Path
) -> None:
    told: list[int] = []
    job = desk.import_upload(
        "industries",
        files_of(whole),
        use=True,
        actor=grace,
        source_portal=PORTAL,
        stored=lambda done, _all: told.append(done),
    )
    assert told == [0, 1, 2] and uploads(backend) == 3
    assert worked(backend, job).state == "done"
    assert uploads(backend) == 0
    version = desk.versions("industries", actor=grace)[0]
    assert version.in_use and version.imported_by == "The admin"
    assert {file.name for file in version.manifest.files} == {name for name, _content in files_of(whole)}
    (run,) = desk.imports(actor=grace)
    assert (run.version, run.origin, run.findings) == (version.manifest.version, "3 files uploaded", [])
    with backend.database.read() as connection:
        audited = connection.exec_driver_sql("SELECT action, actor_id FROM audit ORDER BY action").all()
    assert [row[0] for row in audited if row[0].startswith("dataset")] == ["dataset_ask_import", "dataset_import"]
    assert {row[1] for row in audited if row[0].startswith("dataset")} == {grace.id}


def test_an_archive_is_unpacked_and_a_folder_of_the_server_is_read(
    backend: Backend, desk: KnowledgeDesk, grace: Actor, whole: Path
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files_of(whole):
            archive.writestr(f"release/{name}", content)
    assert worked(backend, upload(desk, [("industries.zip", packed.getvalue())], grace, use=False)).state == "done"
    job = desk.import_folder("industries", whole, use=True, actor=grace, source_portal=PORTAL)
    result = worked(backend, job).result
    assert result is not None and not result["added"], "the same contents are one version, however they came in"
    assert desk.versions("industries", actor=grace)[0].in_use


def test_a_broken_release_changes_nothing_and_says_what_is_wrong(
    backend: Backend, desk: KnowledgeDesk, grace: Actor, whole: Path
) -> None:
    before = desk.versions(actor=grace)
    (name, content), *others = files_of(whole)
    job = worked(backend, upload(desk, [(name, content[: len(content) // 2]), *others[1:]], grace))
    assert job.state == "failed" and "Nothing was changed" in str(job.error)
    assert desk.versions(actor=grace) == before
    (run,) = desk.imports(actor=grace)
    said = " ".join(f"{each['file']} {each['words']}" for each in run.findings)
    assert "as if it were half copied" in said
    assert "is missing in what was uploaded" in said and "intellicv-release" not in said


@pytest.mark.parametrize(
    ("files", "error", "words"),
    [
        ([], InvalidInput, "Choose the files"),
        ([("a.json", b"{}"), ("./a.json", b"{}")], InvalidInput, "Two of the files"),
        ([("../../a.json", b"{}")], InvalidInput, "can't be the name"),
        ([("c:/a.json", b"{}")], InvalidInput, "can't be the name"),
        ([("a.json", b"x" * 1_000)], PayloadTooLarge, "more than"),
        ([(f"{number}.json", b"") for number in range(201)], InvalidInput, "201 files"),
    ],
)
def test_what_can_be_no_release_is_refused_at_once(
    desk: KnowledgeDesk,
    backend: Backend,
    grace: Actor,
    files: list[tuple[str, bytes]],
    error: type[Exception],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared_backend.services.release_uploads.MOST_BYTES", 999)
    with pytest.raises(error, match=words):
        upload(desk, files, grace)
    assert uploads(backend) == 0 and desk.imports(actor=grace) == []


@pytest.mark.parametrize(
    "content",
    [b"no archive", b"PK\x03\x04half", b"bomb"],
)
def test_an_archive_that_is_none_or_too_large_is_said(
    backend: Backend, desk: KnowledgeDesk, grace: Actor, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content == b"bomb":
        monkeypatch.setattr("shared_backend.services.release_uploads.MOST_BYTES", 100_000)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("industry_codes.json", b"\0" * 1_000_000)
        content = packed.getvalue()
    job = worked(backend, upload(desk, [("industries.zip", content)], grace))
    assert job.state == "failed" and "industries.zip" in str(job.error)
    assert len(desk.versions("industries", actor=grace)) == 1


def test_folders_that_are_not_allowed_are_not_read(desk: KnowledgeDesk, grace: Actor, whole: Path) -> None:
    def ask(folder: Path) -> None:
        desk.import_folder("industries", folder, use=True, actor=grace, source_portal=PORTAL)

    with pytest.raises(InvalidInput, match="INTELLICV_RELEASE_ROOTS"):
        ask(whole.parent.parent)
    with pytest.raises(InvalidInput, match="INTELLICV_RELEASE_ROOTS"):
        ask(whole / ".." / ".." / "var")
    with pytest.raises(NotFound):
        ask(whole / "nothing")
    with pytest.raises(InvalidInput, match="is a file"):
        ask(whole / "isic4_en.json")


def test_who_may_not_operate_looks_and_no_more(backend: Backend, desk: KnowledgeDesk, whole: Path) -> None:
    analyst, candidate = person(backend, "analyst"), person(backend, "candidate")
    assert desk.versions(actor=analyst) and desk.imports(actor=analyst) == []
    for call in (
        lambda: upload(desk, files_of(whole), analyst),
        lambda: desk.import_folder("industries", whole, use=True, actor=analyst, source_portal=PORTAL),
        lambda: desk.use("shipped", actor=analyst, source_portal=PORTAL),
        lambda: desk.remove("industries-", actor=analyst, source_portal=PORTAL),
        lambda: desk.roots(actor=analyst),
        lambda: desk.versions(actor=candidate),
        lambda: desk.imports(actor=candidate),
        lambda: desk.compare("a", "b", actor=candidate),
        lambda: backend.industries.look(actor=candidate),
        lambda: backend.industries.people(actor=candidate),
    ):
        with pytest.raises(PermissionDenied):
            call()
    assert len(desk.in_use(actor=candidate)) == 5, "whose figures they read, everybody may know"


def test_whoever_has_lost_the_right_meanwhile_imports_nothing(
    backend: Backend, desk: KnowledgeDesk, grace: Actor, whole: Path
) -> None:
    job = upload(desk, files_of(whole), grace)
    backend.people.set_role(grace.id, "analyst", PORTAL, actor=Actor.system())
    assert worked(backend, job).state == "failed"
    assert len(desk.versions("industries", actor=SYSTEM)) == 1


def test_a_worker_that_dies_after_storing_does_not_switch_back_what_was_switched_since(
    backend: Backend, desk: KnowledgeDesk, grace: Actor, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step is noted with the switch. A second run finds it done, whoever has chosen another version meanwhile."""
    job = upload(desk, files_of(whole), grace)
    real, died = knowledge_jobs._forget, []

    def dies_once(own: Backend, payload: dict[str, object]) -> None:
        if not died:
            died.append(own.knowledge.use("shipped", source="industries", actor=SYSTEM))
            raise ConnectionError("the worker's network went away")
        real(own, payload)

    monkeypatch.setattr(knowledge_jobs, "_forget", dies_once)
    kind = backend.jobs.register.get(knowledge_jobs.IMPORT)
    object.__setattr__(kind, "backoff_s", 0.05)
    assert worked(backend, job).state == "done"
    assert len(died) == 1
    assert [each.shipped for each in desk.versions("industries", actor=grace) if each.in_use] == [True]


def test_what_broken_off_imports_left_is_removed_after_a_day(
    backend: Backend, desk: KnowledgeDesk, grace: Actor, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = upload(desk, files_of(whole), grace)
    backend.jobs.cancel(left.id, actor=grace, source=PORTAL)
    waits = upload(desk, files_of(whole), grace)
    assert uploads(backend) == 6
    tidy = backend.jobs.register.get(knowledge_jobs.TIDY).handler
    run = JobRun(backend.database, _claimed(backend, waits), clock=backend.clock)
    assert tidy(run, {}) == {"removed": 0}, "it may still be retried"
    monkeypatch.setattr(knowledge_jobs, "_KEPT", -knowledge_jobs._KEPT)
    assert tidy(run, {}) == {"removed": 3}, "and what waits is read first"
    assert worked(backend, waits).state == "done"


def _claimed(backend: Backend, job: Job) -> Job:
    from dataclasses import replace

    return replace(backend.jobs.get(job.id, actor=SYSTEM), claim="test")


# Removing


def test_a_version_is_removed_unless_it_is_in_use_or_shipped(
    backend: Backend, desk: KnowledgeDesk, grace: Actor, whole: Path, database: Database
) -> None:
    worked(backend, upload(desk, files_of(whole), grace))
    imported, shipped = (each.manifest.version for each in desk.versions("industries", actor=grace))
    with pytest.raises(StateConflict, match="is in use"):
        desk.remove(imported, actor=grace, source_portal=PORTAL)
    desk.use(shipped, actor=grace, source_portal=PORTAL)
    with pytest.raises(InvalidInput, match="comes with the product"):
        desk.remove(shipped, actor=grace, source_portal=PORTAL)
    desk.remove(imported, actor=grace, source_portal=PORTAL)
    assert [each.manifest.version for each in desk.versions("industries", actor=grace)] == [shipped]
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM dataset_table").scalar() == 0
        events = connection.exec_driver_sql("SELECT data FROM event WHERE type = 'dataset_update' ORDER BY seq").all()
    assert "remove" in str(events[-1][0])
    with pytest.raises(NotFound):
        desk.use(imported, actor=grace, source_portal=PORTAL)


def test_what_was_removed_between_looking_and_switching_is_not_put_in_use(
    backend: Backend, desk: KnowledgeDesk, grace: Actor, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked(backend, upload(desk, files_of(whole), grace, use=False))
    version = desk.versions("industries", actor=grace)[0]
    desk.remove(version.manifest.version, actor=grace, source_portal=PORTAL)
    # As whoever had looked just before finds it.
    monkeypatch.setattr(backend.knowledge, "version", lambda _given: version)
    for act in (desk.use, desk.remove):
        with pytest.raises(NotFound, match="removed meanwhile"):
            act(version.manifest.version, actor=grace, source_portal=PORTAL)


# Two processes


@pytest.fixture
def two(settings: Settings) -> Iterator[tuple[Backend, Backend]]:
    """The admin portal and the user portal, each with its own watcher and caches on one database."""
    admin, user = Backend.open(settings, portal="admin_portal"), Backend.open(settings, portal="user_portal")
    for each in (admin, user):
        each.people._passwords = quick_passwords()
        each.start()
    yield admin, user
    user.close()
    admin.close()


def test_a_switch_in_one_portal_is_the_other_ones_next_answer(two: tuple[Backend, Backend], tmp_path: Path) -> None:
    admin, user = two
    grace = person(admin, "admin")
    desk = KnowledgeDesk(admin)
    connector, classifier = UnifiedDataConnector(user.knowledge), LinkedInIndustryClassifier(user.knowledge)

    def answers() -> tuple[str, bool, bool]:
        found = connector.search("Turnip Farming", ("industry",))["results"]
        listed = user.industries.look(actor=grace).tree.search("turnip farming", "linkedin")
        classified = classifier.classify("Turnip Farming Ltd")["linkedin"]
        return (str(found[:1]), bool(listed), any("Turnip" in each["label"] for each in classified))

    shipped = answers()
    assert answers() == shipped and not shipped[1] and connector.cache_figures().hits
    began = user.watcher.topic_seq("dataset", "industries")
    release = industries_release(tmp_path / "other", changed="Turnip Farming")
    job = desk.import_upload("industries", files_of(release), use=True, actor=grace, source_portal=PORTAL)
    assert worked(admin, job).state == "done"
    assert answers()[1:] == (True, True) and "Turnip" in answers()[0]
    wait_until(lambda: user.watcher.topic_seq("dataset", "industries") > began)
    version = next(each for each in desk.versions("industries", actor=grace) if each.shipped)
    desk.use(version.manifest.version, actor=grace, source_portal=PORTAL)
    assert answers() == shipped
