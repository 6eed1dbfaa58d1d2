"""What is done where an upload did not end as it should: nothing is left, and nothing is taken that is somebody's."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared_backend.cloud.errors import CloudUnavailable
from shared_backend.data_management import document_store
from shared_backend.database.backup import backup, restore
from shared_backend.utils.clock import utc_now
from shared_backend.utils.exception_handler import StateConflict
from tests.integration.documents.conftest import Office
from tests.support.documents import ADA


def test_a_broken_off_upload_is_finished_by_the_next_and_tidied_otherwise(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = office.person()

    def away(_path: str, _content: bytes) -> None:
        raise KeyboardInterrupt

    storage = office.documents._storage()
    monkeypatch.setattr(type(storage), "put", lambda _self, path, content: away(path, content))
    with pytest.raises(KeyboardInterrupt):
        office.documents.upload(ADA, "cv.txt", owner_id=ada.id, actor=ada, source="user_portal")
    assert office.documents.of_owner(ada.id, actor=ada) == []
    monkeypatch.setattr(office.documents, "_clock", lambda: utc_now() + timedelta(hours=1))
    assert office.documents.tidy() == 1

    def refuse(_self: object, _path: str, _content: bytes) -> None:
        raise CloudUnavailable("away")

    monkeypatch.setattr(type(storage), "put", refuse)
    with pytest.raises(CloudUnavailable):
        office.documents.upload(ADA, "cv.txt", owner_id=ada.id, actor=ada, source="user_portal")
    assert office.documents.tidy() == 0
    monkeypatch.undo()
    assert not office.documents.upload(ADA, "cv.txt", owner_id=ada.id, actor=ada, source="user_portal").duplicate


def test_an_upload_that_fails_takes_nothing_from_another_one_of_the_same_bytes(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = office.person()
    kind = type(office.documents._storage())
    put = kind.put

    def upload() -> str:
        return office.documents.upload(ADA, "cv.txt", owner_id=ada.id, actor=ada, source="user_portal").document.id

    stored: list[str] = []

    def fail_after_another(self: Any, path: str, content: bytes) -> None:
        monkeypatch.setattr(kind, "put", put)
        stored.append(upload())
        raise CloudUnavailable("away")

    monkeypatch.setattr(kind, "put", fail_after_another)
    with pytest.raises(CloudUnavailable):
        upload()
    assert [each.id for each in office.documents.of_owner(ada.id, actor=ada)] == stored
    assert office.documents.content(stored[0], actor=ada) == ADA


def test_an_upload_that_is_begun_anew_is_not_broken_off(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = office.person()
    kind = type(office.documents._storage())
    put = kind.put

    def broken_off(_self: Any, _path: str, _content: bytes) -> None:
        raise KeyboardInterrupt

    def upload() -> str:
        return office.documents.upload(ADA, "cv.txt", owner_id=ada.id, actor=ada, source="user_portal").document.id

    monkeypatch.setattr(kind, "put", broken_off)
    with pytest.raises(KeyboardInterrupt):
        upload()
    monkeypatch.setattr(office.documents, "_clock", lambda: utc_now() + timedelta(hours=1))

    def tidied_meanwhile(self: Any, path: str, content: bytes) -> None:
        put(self, path, content)
        assert office.documents.tidy() == 0

    monkeypatch.setattr(kind, "put", tidied_meanwhile)
    assert office.documents.content(upload(), actor=ada) == ADA


def test_what_was_being_uploaded_when_a_backup_was_made_is_not_tidied_up_when_it_is_restored(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ada = office.person()
    kind = type(office.documents._storage())
    put = kind.put

    def put_and_back_up(self: Any, path: str, content: bytes) -> None:
        put(self, path, content)
        backup(office.backend.database, tmp_path / "then.db")

    monkeypatch.setattr(kind, "put", put_and_back_up)
    office.documents.upload(ADA, "cv.txt", owner_id=ada.id, actor=ada, source="user_portal")
    assert len(_stored(office)) == 1
    restore(office.backend.database, tmp_path / "then.db", keep_in=tmp_path)
    monkeypatch.setattr(office.documents, "_clock", lambda: utc_now() + timedelta(days=2))
    assert [office.documents.tidy() for _ in range(2)] == [0, 0]
    assert len(_stored(office)) == 1


def _stored(office: Office) -> list[str]:
    return [path for path, _at in office.documents._storage().ours("documents/")]


@pytest.mark.parametrize("when", ["before its bytes", "after its bytes"])
def test_of_a_document_that_is_deleted_while_it_is_stored_nothing_is_left(
    office: Office, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    ada = office.person()
    kind = type(office.documents._storage())
    put = kind.put

    def remove(path: str) -> None:
        office.documents.delete(path.rpartition("/")[2], actor=ada, source="user_portal")

    def put_and_remove(self: Any, path: str, content: bytes) -> None:
        if when == "before its bytes":
            remove(path)
        put(self, path, content)
        if when == "after its bytes":
            remove(path)

    monkeypatch.setattr(kind, "put", put_and_remove)
    with pytest.raises(StateConflict, match="deleted while"):
        office.documents.upload(ADA, "cv.txt", owner_id=ada.id, actor=ada, source="user_portal")
    assert _stored(office) == [] and office.documents.of_owner(ada.id, actor=ada) == []


def test_an_upload_that_ends_while_its_document_is_deleted_leaves_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = office.person()
    kind = type(office.documents._storage())
    put, delete = kind.put, kind.delete
    ids: list[str] = []

    def broken_off(_self: Any, path: str, _content: bytes) -> None:
        ids.append(path.rpartition("/")[2])
        raise KeyboardInterrupt

    monkeypatch.setattr(kind, "put", broken_off)
    with pytest.raises(KeyboardInterrupt):
        office.documents.upload(ADA, "cv.txt", owner_id=ada.id, actor=ada, source="user_portal")

    def late(self: Any, path: str) -> None:
        monkeypatch.undo()
        delete(self, path)
        put(self, path, ADA)
        office.backend.database.run(lambda uow: document_store.change(uow.connection, ids[0], state="stored"))

    monkeypatch.setattr(kind, "delete", late)
    office.documents.delete(ids[0], actor=ada, source="user_portal")
    assert _stored(office) == []


def test_bytes_that_come_in_after_their_document_was_deleted_are_tidied_up_and_no_others(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = office.person()
    kept = office.upload(ADA, ada)
    storage = office.documents._storage()
    deleted = office.upload(ADA + b"\n", ada)
    office.documents.delete(deleted, actor=ada, source="user_portal")
    lost = f"documents/{deleted}"
    storage.put(lost, b"somebody's CV")
    # Of a document that an older backup, or a copy of the database, knows nothing of.
    unknown = "documents/0d0e8a4e-5a0c-4a4b-9f52-6e9b0b1f7a11"
    storage.put(unknown, b"a newer CV")
    storage.put(f"{lost}.conflict-1", b"another of it")
    # Another installation's, in the same container.
    other = "documents/1d0e8a4e-5a0c-4a4b-9f52-6e9b0b1f7a11"
    with monkeypatch.context() as patch:
        patch.setattr(office.backend.cloud.blobs._ids, "_key", b"another's")
        storage.put(other, b"not ours")

    def tidied(days: float) -> int:
        total = 0
        for hour in range(16):
            at = utc_now() + timedelta(days=days, hours=hour)
            monkeypatch.setattr(office.documents, "_clock", lambda at=at: at)
            total += office.documents.tidy()
        return total

    assert tidied(0.1) == 0
    assert tidied(2) == 2
    monkeypatch.undo()
    assert sorted(_stored(office)) == sorted([f"documents/{kept}", unknown])
    assert office.backend.cloud.get(other).value == b"not ours"
