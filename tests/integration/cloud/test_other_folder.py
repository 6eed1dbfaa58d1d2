"""Two machines on one database, each with a folder of its own: nothing is told to be gone, or deleted, that is not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from shared_backend.cloud.blob_service import BlobService
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudNotFound, CloudOtherFolder, CloudUnavailable
from shared_backend.cloud.local.provider import LocalProvider
from shared_backend.cloud.reconcile import Reconciler
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.config.backend_config import Settings
from shared_backend.config.cloud_config import load_cloud_settings
from shared_backend.config.cloud_local import LocalSettings
from shared_backend.database.backup import backup, restore
from shared_backend.database.engine import Database
from shared_backend.identity.actor import Actor
from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator
from shared_backend.utils.clock import utc_now
from tests.support.cloud_memory import MemoryProvider

HELD, OWN = ("azure", "local"), ("local", None)


class Machine:
    """One machine: a folder of its own, on the database and the cloud of all."""

    def __init__(self, settings: Settings, database: Database, azure: MemoryProvider, folder: Path) -> None:
        self.folder = folder
        self.local = LocalProvider(settings, LocalSettings(folder=folder), database, durable=False)
        self.providers = ProviderRegister(factories={"azure": lambda: azure, "local": lambda: self.local})
        self.caller = Caller(self.providers)
        self.blobs = BlobService(self.caller, database)
        self.reconciler = Reconciler(self.caller, database)

    def put(self, route: Any, path: str, content: bytes = b"cv") -> Any:
        return self.blobs.put(route, path, content, deadline=Deadline(20))

    def get(self, route: Any, path: str) -> bytes:
        return self.blobs.get(route, path, deadline=Deadline(20)).value

    def reconcile(self) -> Any:
        return self.reconciler.run(settle_intents_before=utc_now() + timedelta(hours=1))


@pytest.fixture
def azure() -> MemoryProvider:
    return MemoryProvider("azure")


@pytest.fixture
def machines(settings: Settings, database: Database, azure: MemoryProvider, tmp_path: Path) -> Iterator[list[Machine]]:
    yield [Machine(settings, database, azure, tmp_path / f"machine-{number}") for number in range(2)]


def test_what_one_machine_holds_is_neither_gone_for_the_other_nor_lost(
    machines: list[Machine], azure: MemoryProvider
) -> None:
    one, two = machines
    azure.away = CloudUnavailable("away")
    assert one.put(HELD, "cv").pending_sync
    with pytest.raises(CloudOtherFolder, match="INTELLICV_LOCAL_FOLDER"):
        two.get(HELD, "cv")
    with pytest.raises(CloudOtherFolder, match="adopt-folder"):
        two.put(HELD, "more")
    azure.away = None
    for machine in machines:
        machine.caller.breaker("azure", Capability.BLOBS).reset()
    assert two.reconcile().failed == 1
    assert one.reconcile().synced == 1 and two.get(HELD, "cv") == b"cv"
    assert two.caller.breaker("local", Capability.BLOBS).info().failures == 0


def test_what_another_machine_holds_does_not_hold_up_what_is_held_here(
    machines: list[Machine], azure: MemoryProvider
) -> None:
    one, two = machines
    azure.away = CloudUnavailable("away")
    one.put(HELD, "a")
    # Written there before folders were told from each other.
    home, two.local.blobs._home = two.local.blobs._home, None
    two.put(HELD, "b")
    two.local.blobs._home = home
    azure.away = None
    for machine in machines:
        machine.caller.breaker("azure", Capability.BLOBS).reset()
    done = two.reconcile()
    assert (done.synced, done.failed) == (1, 1) and "another machine" in done.last_error
    assert one.reconcile().synced == 1
    assert set(azure.objects) == {"a", "b"}


def test_a_deletion_that_can_not_reach_the_file_says_so(machines: list[Machine]) -> None:
    one, two = machines
    one.put(OWN, "person/cv")
    with pytest.raises(CloudOtherFolder):
        two.blobs.delete(OWN, "person/cv", deadline=Deadline(20))
    with pytest.raises(CloudOtherFolder):
        two.local.blobs.list("", after=None, limit=10, deadline=Deadline(20))
    assert one.get(OWN, "person/cv") == b"cv"
    one.blobs.delete(OWN, "person/cv", deadline=Deadline(20))
    with pytest.raises(CloudNotFound):
        one.get(OWN, "person/cv")


def test_one_folder_between_all_machines_is_one(machines: list[Machine], tmp_path: Path) -> None:
    one, two = machines
    one.put(OWN, "a")
    two.folder.symlink_to(one.folder)
    assert two.get(OWN, "a") == b"cv"
    two.put(OWN, "b")
    assert one.get(OWN, "b") == b"cv"
    with pytest.raises(CloudNotFound):
        two.get(OWN, "c")


def test_an_installation_from_before_there_were_ids_goes_on_as_it_was(
    machines: list[Machine], settings: Settings, database: Database, azure: MemoryProvider
) -> None:
    old = machines[0]
    old.local.blobs._home = None
    old.put(OWN, "old")
    assert not (old.folder / "blobs" / "folder_id").exists()
    again = Machine(settings, database, azure, old.folder)
    assert again.get(OWN, "old") == b"cv"
    with pytest.raises(CloudNotFound):
        again.get(OWN, "never")
    again.put(OWN, "new")
    assert (again.folder / "blobs" / "folder_id").exists()
    assert again.get(OWN, "old") == b"cv" and again.local.warning(Capability.BLOBS) is None


def test_a_disk_that_is_not_mounted_is_no_empty_folder(machines: list[Machine], tmp_path: Path) -> None:
    one = machines[0]
    one.put(OWN, "a")
    one.folder.rename(tmp_path / "elsewhere")
    with pytest.raises(CloudOtherFolder, match="not mounted"):
        one.get(OWN, "a")
    with pytest.raises(CloudOtherFolder):
        one.put(OWN, "b")
    shutil.rmtree(one.folder, ignore_errors=True)
    (tmp_path / "elsewhere").rename(one.folder)
    assert one.get(OWN, "a") == b"cv"
    one.put(OWN, "b")


def test_a_restore_goes_on_with_the_folder_of_now(
    machines: list[Machine], settings: Settings, database: Database, azure: MemoryProvider, tmp_path: Path
) -> None:
    one, two = machines
    one.put(OWN, "a")
    saved = backup(database, tmp_path / "saved.db").path
    # Elsewhere: a database of its own and an empty folder.
    elsewhere = Database(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    restore(elsewhere, saved, keep_in=tmp_path / "kept")
    moved = Machine(settings, elsewhere, azure, two.folder)
    with pytest.raises(CloudNotFound):
        moved.get(OWN, "a")
    moved.put(OWN, "b")
    assert moved.get(OWN, "b") == b"cv"
    # And again over that one: its folder stays its folder.
    restore(elsewhere, saved, keep_in=tmp_path / "kept")
    afresh = Machine(settings, elsewhere, azure, two.folder)
    assert afresh.local.warning(Capability.BLOBS) is None
    afresh.put(OWN, "c")
    with pytest.raises(CloudOtherFolder):
        Machine(settings, elsewhere, azure, one.folder).put(OWN, "d")
    elsewhere.dispose()


def test_it_is_explained_and_an_operator_may_choose_the_folder(
    machines: list[Machine], settings: Settings, database: Database
) -> None:
    one, two = machines
    one.put(OWN, "a")
    cloud = load_cloud_settings(primary="local", fallback="none")
    orchestrator = CloudServicesOrchestrator(
        settings=cloud, database=database, providers=two.providers, product=settings
    )
    blobs = next(each for each in orchestrator.explain(check=False) if each.capability == "blobs")
    assert len(blobs.warnings) == 1 and "adopt-folder" in blobs.warnings[0]
    assert orchestrator.probe("local", Capability.BLOBS).problem
    assert orchestrator.adopt_folder(actor=Actor.system(), source="script") == str(two.folder)
    assert not any(each.warnings for each in orchestrator.explain(check=False))
    two.put(OWN, "b")
    with pytest.raises(CloudNotFound):
        two.get(OWN, "a")


def test_no_write_or_read_that_finds_its_file_asks_the_database_for_the_folder(
    machines: list[Machine], database: Database
) -> None:
    one = machines[0]
    one.put(OWN, "a")
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    one.put(OWN, "b")
    one.get(OWN, "b")
    assert not [statement for statement in asked if "cloud_identity" in statement]


def test_what_a_wrong_folder_holds_under_a_path_is_neither_read_nor_deleted(machines: list[Machine]) -> None:
    one, two = machines
    home, two.local.blobs._home = two.local.blobs._home, None
    two.put(OWN, "cv", b"old")
    two.local.blobs._home = home
    one.put(OWN, "cv", b"new")
    with pytest.raises(CloudOtherFolder):
        two.get(OWN, "cv")
    with pytest.raises(CloudOtherFolder):
        two.blobs.delete(OWN, "cv", deadline=Deadline(20))
    assert one.get(OWN, "cv") == b"new"


def test_a_folder_on_a_file_system_without_links_is_as_good(
    machines: list[Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_given: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    one = machines[0]
    one.put(OWN, "a")
    assert one.get(OWN, "a") == b"cv" and one.local.warning(Capability.BLOBS) is None


def test_a_folder_that_can_t_be_used_is_explained_in_words(machines: list[Machine]) -> None:
    one = machines[0]
    one.put(OWN, "a")
    shutil.rmtree(one.folder)
    one.folder.write_text("no folder")
    again = machines[1].local.home.__class__(one.folder / "blobs", one.local.database)
    assert "can't be used" in (again.problem() or "")
    with pytest.raises(CloudUnavailable, match="can't be used"):
        again.adopt()
