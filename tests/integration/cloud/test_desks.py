"""The desks behind the operators' pages: who may, what is recorded, and what a page is told."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from shared_backend.cloud.contract import Capability
from shared_backend.cloud.errors import (
    CloudAlreadyExists,
    CloudInvalid,
    CloudNotFound,
    CloudPrecondition,
    CloudUnavailable,
)
from shared_backend.config.backend_config import Settings
from shared_backend.database.tables import AuditRow, EventRow
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.services.backend import Backend
from shared_backend.services.cloud_desk import CloudDesk
from shared_backend.services.provider_desk import CONFLICTS, WAITING, ProviderDesk
from shared_backend.services.secret_desk import SecretDesk
from shared_backend.utils.exception_handler import PermissionDenied
from tests.support.cloud_desks import cloud_of_two

ADMIN, ANALYST, CANDIDATE = (Actor(role, Role(role), role) for role in ("admin", "analyst", "candidate"))
HERE = "admin_portal"
SECRET = "correct horse battery staple"


@pytest.fixture
def backend(settings: Settings) -> Iterator[Backend]:
    opened = Backend.open(settings)
    yield opened
    opened.close()


def audited(backend: Backend) -> list[tuple[str, str]]:
    query = select(AuditRow.action, AuditRow.subject_id).where(AuditRow.subject_kind == "cloud")
    with backend.database.read() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(AuditRow.at))]  # type: ignore[misc]


def put(desk: CloudDesk, path: str, content: bytes = b"x", **how: object) -> object:
    folder, slash, name = path.rpartition("/")
    return desk.upload(folder + slash, name, io.BytesIO(content), actor=ADMIN, source=HERE, **how)  # type: ignore[arg-type]


def test_a_folder_shows_folders_and_files_page_by_page(backend: Backend) -> None:
    cloud_of_two(backend)
    desk = CloudDesk(backend)
    for number in range(12):
        put(desk, f"many/{number:02}/deep/file.txt")
    for number in range(30):
        put(desk, f"flat/{number:02}.txt")
    for path in ("flat.txt", "flat0", "flat/sub/x.txt", "ünï/x"):
        put(desk, path)
    top = desk.browse(actor=ADMIN)
    assert set(top.folders) == {"many", "flat", "ünï"}
    assert {file.path for file in top.files} == {"flat.txt", "flat0"}
    many = desk.browse("many/", limit=5, actor=ADMIN)
    assert many.folders == ("00", "01", "02", "03", "04")
    seen, after, pages = list(many.folders), many.after, 1
    while after:
        page = desk.browse("many/", after=after, limit=5, actor=ADMIN)
        seen, after, pages = [*seen, *page.folders], page.after, pages + 1
    assert seen == [f"{number:02}" for number in range(12)]
    assert pages == 3
    flat = desk.browse("flat/", actor=ADMIN)
    rest = desk.browse("flat/", after=flat.after, actor=ADMIN)
    assert len(flat.files) == 25
    assert [file.name for file in (*flat.files, *rest.files)] == [f"{number:02}.txt" for number in range(30)]
    assert rest.folders == ("sub",)
    assert [file.name for file in desk.browse("flat/", starts="1", actor=ADMIN).files] == [
        f"1{n}.txt" for n in range(10)
    ]
    assert all(file.provider == "azure" and not file.waits for file in flat.files)


def test_ten_thousand_in_a_folder_below_cost_one_question(backend: Backend) -> None:
    azure, _local = cloud_of_two(backend)
    for number in range(10_000):
        azure.hold(f"big/{number:05}", b"")
    azure.hold("small.txt", b"")
    azure.calls = 0
    top = CloudDesk(backend).browse(actor=ADMIN)
    assert (top.folders, [file.path for file in top.files], top.after) == (("big",), ["small.txt"], None)
    assert azure.calls <= 3


def test_an_upload_never_replaces_by_accident(backend: Backend) -> None:
    cloud_of_two(backend)
    desk = CloudDesk(backend)
    assert put(desk, "a/report.pdf", b"one", content_type="application/pdf").status == "stored"
    again = put(desk, "a/report.pdf", b"two")
    assert again.status == "exists"
    assert again.present is not None
    both = put(desk, "a/report.pdf", b"two", way="both")
    assert both.path == "a/report (2).pdf"
    assert put(desk, "a/report.pdf", b"three", way="replace", etag=again.present.etag).status == "stored"
    with pytest.raises(CloudPrecondition):
        put(desk, "a/report.pdf", b"four", way="replace", etag=again.present.etag)
    assert desk.read("a/report.pdf", actor=ANALYST) == b"three"
    assert [action for action, _path in audited(backend)] == ["cloud.upload"] * 3


@pytest.mark.parametrize("name", ["../x", "a\\b", "x.", " x", "con.txt", "", "a\nb", "x" * 300, "a/b", "..", "\ud800"])
def test_a_name_that_some_provider_would_not_take_is_refused(backend: Backend, name: str) -> None:
    azure, _local = cloud_of_two(backend)
    with pytest.raises(CloudInvalid):
        CloudDesk(backend).upload("a/", name, b"x", actor=ADMIN, source=HERE)
    assert not azure.objects
    assert audited(backend) == []


def test_while_the_primary_is_away_files_wait_and_are_read(backend: Backend) -> None:
    azure, _local = cloud_of_two(backend)
    desk = CloudDesk(backend)
    put(desk, "a/before.txt", b"before")
    azure.away = CloudUnavailable("azure is away")
    stored = put(desk, "a/waits.txt", b"waits")
    assert (stored.provider, stored.waits) == ("local", True)
    assert desk.read("a/waits.txt", actor=ADMIN) == b"waits"
    shelf = desk.browse("a/", actor=ADMIN)
    assert {file.path: file.provider for file in shelf.files if file.waits} == {"a/waits.txt": "local"}
    assert "azure is away" in shelf.notice
    assert desk.waiting(actor=ANALYST)["pending"] == 1
    azure.away = None
    for _ in range(3):
        backend.cloud.caller.breaker("azure", Capability.BLOBS).reset()
    asked = ProviderDesk(backend).reconcile(actor=ADMIN, source=HERE)
    assert ProviderDesk(backend).reconcile(actor=ADMIN, source=HERE).id == asked.id
    assert backend.cloud.reconciler.run().synced == 1
    file = next(file for file in desk.browse("a/", actor=ADMIN).files if file.name == "waits.txt")
    assert (file.provider, file.waits) == ("azure", False)


def test_a_delete_takes_what_was_seen_and_nothing_newer(backend: Backend) -> None:
    cloud_of_two(backend)
    desk = CloudDesk(backend)
    put(desk, "a.txt", b"one")
    (file,) = desk.browse(actor=ADMIN).files
    put(desk, "a.txt", b"two", way="replace", etag=file.etag)
    with pytest.raises(CloudPrecondition):
        desk.delete("a.txt", etag=file.etag, actor=ADMIN, source=HERE)
    (file,) = desk.browse(actor=ADMIN).files
    assert desk.delete("a.txt", etag=file.etag, actor=ADMIN, source=HERE) is False
    assert desk.browse(actor=ADMIN).files == ()
    assert audited(backend)[-1] == ("cloud.delete", "a.txt")


def test_a_secret_goes_in_and_never_comes_out(backend: Backend, caplog: pytest.LogCaptureFixture) -> None:
    cloud_of_two(backend)
    desk = SecretDesk(backend)
    first = desk.add("smtp-password", SecretStr(SECRET), actor=ADMIN, source=HERE)
    with pytest.raises(CloudAlreadyExists):
        desk.add("smtp-password", SecretStr(SECRET), actor=ADMIN, source=HERE)
    second = desk.rotate("smtp-password", SecretStr(SECRET + "2"), actor=ADMIN, source=HERE)
    assert [info.version for info in desk.versions("smtp-password", actor=ANALYST)] == [second.version, first.version]
    (listed,) = desk.all(actor=ANALYST).secrets
    assert (listed.name, listed.version, listed.due) == ("smtp-password", second.version, False)
    with pytest.raises(CloudNotFound):
        desk.rotate("unknown", SecretStr(SECRET), actor=ADMIN, source=HERE)
    desk.delete("smtp-password", actor=ADMIN, source=HERE)
    assert desk.all(actor=ADMIN).secrets == ()
    with backend.database.read() as connection:
        rows = [*connection.execute(select(AuditRow.__table__)), *connection.execute(select(EventRow.__table__))]  # type: ignore[attr-defined]
    assert len(rows) >= 6
    assert SECRET not in repr(rows) + caplog.text


def test_errands_are_for_operators_and_tell_how_far_they_are(backend: Backend) -> None:
    cloud_of_two(backend)
    desk = ProviderDesk(backend)
    errand = desk.probe(actor=ADMIN)
    assert errand.wait(20)
    assert errand.done == errand.total > 0
    assert errand.result is not None
    assert errand.result[("azure", "blobs")].problem is None
    desk.switch(Capability.BLOBS, "local", "azure", reason="a try", actor=ADMIN, source=HERE)
    assert [(each.route.primary, each.reason) for each in desk.history(actor=ANALYST)] == [("local", "a try")]
    desk.roll_back(Capability.BLOBS, actor=ADMIN, source=HERE)
    assert desk.overview(actor=ANALYST)[0].route.primary == "azure"
    assert [action for action, _subject in audited(backend)] == ["cloud.switch", "cloud.switch"]


@pytest.mark.parametrize("actor", [ANALYST, CANDIDATE], ids=lambda actor: str(actor.role))
def test_writing_is_for_operators(backend: Backend, actor: Actor) -> None:
    cloud_of_two(backend)
    files, secrets, providers = CloudDesk(backend), SecretDesk(backend), ProviderDesk(backend)
    value = SecretStr(SECRET)
    calls: list[Callable[[], object]] = [
        lambda: files.upload("", "a", b"", actor=actor, source=HERE),
        lambda: files.delete("a", etag="", actor=actor, source=HERE),
        lambda: secrets.add("a", value, actor=actor, source=HERE),
        lambda: secrets.rotate("a", value, actor=actor, source=HERE),
        lambda: secrets.delete("a", actor=actor, source=HERE),
        lambda: providers.probe(actor=actor),
        lambda: providers.reconcile(actor=actor, source=HERE),
        lambda: providers.switch(Capability.BLOBS, "local", None, reason="", actor=actor, source=HERE),
        lambda: providers.roll_back(Capability.BLOBS, actor=actor, source=HERE),
    ]
    if actor is CANDIDATE:
        calls += [
            lambda: files.browse(actor=actor),
            lambda: files.read("a", actor=actor),
            lambda: files.waiting(actor=actor),
            lambda: secrets.all(actor=actor),
            lambda: secrets.versions("a", actor=actor),
            lambda: providers.overview(actor=actor),
            lambda: providers.journal(WAITING + CONFLICTS, actor=actor),
            lambda: providers.history(actor=actor),
        ]
    for call in calls:
        with pytest.raises(PermissionDenied):
            call()
    assert audited(backend) == []
