"""Versions of knowledge on both databases: stored whole or not at all, switched for every process, kept in a backup."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from shared_backend.cli.main import app
from shared_backend.config.backend_config import Settings, child_environment
from shared_backend.data_management import ai_data_manager, dataset_store
from shared_backend.data_management.ai_data_manager import AIDataManager
from shared_backend.data_management.dataset import Dataset, DatasetDamaged
from shared_backend.data_management.releases.findings import ImportReport, Progress, ReleaseRefused
from shared_backend.data_management.unified_data_connector import UnifiedDataConnector, get_connector
from shared_backend.database.backup import backup, restore
from shared_backend.database.engine import Database
from shared_backend.database.tables import DatasetTableRow, DatasetVersionRow
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.services.backend import Backend
from shared_backend.utils.exception_handler import InvalidInput, NotFound, PermissionDenied
from tests.support.knowledge import linked, release, replace, small_onet

SYSTEM = Actor.system("test")


@pytest.fixture
def incoming(monkeypatch: pytest.MonkeyPatch) -> list[Dataset]:
    """What the next imports read, in place of a folder."""
    waiting: list[Dataset] = []

    def read(_source: str, _folder: Path, _report: ImportReport, _progress: Progress) -> Dataset:
        return waiting.pop(0)

    monkeypatch.setattr(ai_data_manager, "read_release", read)
    return waiting


@pytest.fixture
def manager(database: Database) -> AIDataManager:
    return AIDataManager(database)


def take(manager: AIDataManager, incoming: list[Dataset], dataset: Dataset, **given: Any) -> str:
    incoming.append(dataset)
    return manager.import_release("onet", Path("."), actor=SYSTEM, **given).version.manifest.version


def test_the_first_start_knows_what_is_shipped(manager: AIDataManager) -> None:
    versions = manager.versions()
    assert [each.manifest.source for each in versions] == ["onet", "bls", "esco", "industries", "market"]
    assert all(each.shipped and each.in_use for each in versions)
    details = UnifiedDataConnector(manager).get_job_title_details("Registered Nurses")
    assert (details["code"], details["job_zone"]["zone"], details["pay"]["median"]) == ("29-1141.00", 4, 93_600)


def test_an_import_is_in_use_and_the_way_back_is_short(manager: AIDataManager, incoming: list[Dataset]) -> None:
    shipped = manager.versions("onet")[0].manifest.version
    first = take(manager, incoming, small_onet("Testers"))
    second = take(manager, incoming, small_onet("Bug hunters", "O*NET 0.2"))
    connector = UnifiedDataConnector(manager)
    assert connector.get_job_title_details("15-1253.00")["title"] == "Bug hunters"
    assert manager.use(first, actor=SYSTEM).in_use
    answer = connector.get_job_title_details("15-1253.00")
    assert (answer["title"], answer["sources"][0]["version"]) == ("Testers", first)
    assert manager.use("shipped", source="onet", actor=SYSTEM).manifest.version == shipped
    assert connector.get_job_title_details("15-1253.00")["title"] == "Software Quality Assurance Analysts and Testers"
    assert {each.manifest.version: each.in_use for each in manager.versions("onet")} == {
        first: False,
        second: False,
        shipped: True,
    }


def test_the_same_contents_are_one_version(manager: AIDataManager, incoming: list[Dataset]) -> None:
    first = take(manager, incoming, small_onet())
    incoming.append(small_onet())
    again = manager.import_release("onet", Path("."), actor=SYSTEM)
    assert (again.already, again.version.manifest.version) == (True, first)
    assert len([each for each in manager.versions("onet") if not each.shipped]) == 1


def test_without_use_an_import_only_waits(manager: AIDataManager, incoming: list[Dataset]) -> None:
    version = take(manager, incoming, small_onet(), use=False)
    assert not manager.version(version).in_use
    assert len(manager.current()["onet"].table("occupations")) == 1_016


def test_two_versions_are_compared(manager: AIDataManager, incoming: list[Dataset]) -> None:
    first = take(manager, incoming, small_onet("Testers"))
    second = take(manager, incoming, small_onet("Bug hunters", "O*NET 0.2"))
    found = manager.compare(first, second)
    assert [(each.table, each.added, each.removed, each.changed) for each in found.tables] == [("occupations", 0, 0, 1)]
    assert found.tables[0].sample == {"changed": ("15-1253.00",)}
    with pytest.raises(InvalidInput, match="different sources"):
        manager.compare(first, manager.versions("bls")[0].manifest.version)


def test_what_fails_in_the_middle_leaves_nothing(
    database: Database, incoming: list[Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    def publish(*_given: object) -> None:
        raise RuntimeError("the power went out")

    manager = AIDataManager(database, publish=publish)
    incoming.append(small_onet())
    with pytest.raises(RuntimeError):
        manager.import_release("onet", Path("."), actor=SYSTEM)
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(DatasetVersionRow)) == 0
        assert connection.scalar(select(func.count()).select_from(DatasetTableRow)) == 0
        assert dataset_store.uses(connection) == {}


def test_a_broken_release_changes_nothing(manager: AIDataManager, tmp_path: Path) -> None:
    folder = linked(release("industries"), tmp_path / "industries")
    replace(folder / "industry_codes.json", (folder / "industry_codes.json").read_bytes()[:50_000])
    before = manager.versions()
    with pytest.raises(ReleaseRefused, match=r"industry_codes\.json: is not JSON, as if it were half copied"):
        manager.import_release("industries", folder, actor=SYSTEM)
    assert manager.versions() == before


def test_who_may_not_operate_imports_and_switches_nothing(manager: AIDataManager) -> None:
    analyst = Actor("a", Role.ANALYST)
    with pytest.raises(PermissionDenied, match="import data"):
        manager.import_release("onet", Path("."), actor=analyst)
    with pytest.raises(PermissionDenied, match="switch"):
        manager.use("shipped", source="onet", actor=analyst)


def test_a_version_that_there_is_not(manager: AIDataManager) -> None:
    with pytest.raises(NotFound, match="There is no version 'onet-nothing'"):
        manager.use("onet-nothing", actor=SYSTEM)


OTHER_PROCESS = """
import sys
from shared_backend.data_management.unified_data_connector import get_connector
connector = get_connector()
for line in sys.stdin:
    print(connector.get_job_title_details("15-1253.00")["title"], connector.cache_figures().hits, flush=True)
"""


@pytest.fixture
def other_process(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS],
        cwd=root,
        env=child_environment(settings, PYTHONPATH=str(root)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.stdin.close()  # type: ignore[union-attr]
    process.wait(30)
    process.stdout.close()  # type: ignore[union-attr]


def test_no_process_gives_a_stale_answer_after_a_switch(
    manager: AIDataManager, incoming: list[Dataset], other_process: subprocess.Popen[str]
) -> None:
    def ask() -> list[str]:
        assert other_process.stdin and other_process.stdout
        other_process.stdin.write("?\n")
        other_process.stdin.flush()
        return other_process.stdout.readline().rsplit(" ", 1)

    shipped = "Software Quality Assurance Analysts and Testers"
    assert ask()[0] == shipped
    title, hits = ask()
    assert title == shipped and int(hits) > 0, "the second answer comes from the cache"
    first = take(manager, incoming, small_onet("Testers"))
    assert ask()[0] == "Testers"
    take(manager, incoming, small_onet("Bug hunters", "O*NET 0.2"))
    assert ask()[0] == "Bug hunters"
    manager.use(first, actor=SYSTEM)
    assert ask()[0] == "Testers"
    manager.use("shipped", source="onet", actor=SYSTEM)
    assert ask()[0] == shipped


def test_versions_come_through_a_backup(
    database: Database, manager: AIDataManager, incoming: list[Dataset], tmp_path: Path
) -> None:
    version = take(manager, incoming, small_onet("Testers"))
    backup(database, tmp_path / "company.db")
    manager.use("shipped", source="onet", actor=SYSTEM)
    restore(database, tmp_path / "company.db", keep_in=tmp_path / "kept")
    again = AIDataManager(database)
    assert again.version(version).in_use
    again.dataset(version).verify()


def test_a_table_that_is_damaged_is_no_answer(
    database: Database, manager: AIDataManager, incoming: list[Dataset]
) -> None:
    take(manager, incoming, small_onet())
    with database.write() as uow:
        table = DatasetTableRow.__table__  # type: ignore[attr-defined]
        uow.connection.execute(table.update().where(table.c.name == "occupations").values(body=b"nothing"))
    with pytest.raises(DatasetDamaged):
        AIDataManager(database).current()["onet"].table("occupations")


def test_a_switch_is_told_and_audited(settings: Settings, incoming: list[Dataset]) -> None:
    backend = Backend.open(settings)
    try:
        version = take(backend.knowledge, incoming, small_onet())
        assert get_connector().knowledge is backend.knowledge
        with backend.database.read() as connection:
            rows = connection.exec_driver_sql("SELECT type, kind, entity_id FROM event ORDER BY seq").all()
            audited = connection.exec_driver_sql("SELECT action, subject_id, after FROM audit").all()
        assert ("dataset_update", "dataset", "onet") in [tuple(row) for row in rows]
        assert [(row[0], row[1]) for row in audited if row[1] == "onet"] == [("dataset_import", "onet")]
        assert version in audited[-1][2]
    finally:
        backend.close()


def test_the_command_imports_lists_shows_switches_and_builds(sqlite_url: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("INTELLICV_DATABASE_URL", sqlite_url)
    folder = release("industries")
    run = CliRunner().invoke

    def said(*words: str) -> str:
        result = run(app, ["knowledge", *words])
        assert result.exit_code == 0, result.output
        return result.output

    assert "is stored and in use" in said("import", "industries", str(folder)) or "and in use" in said("list")
    listed = said("list", "industries")
    version = listed.split()[1]
    assert listed.startswith("* industries-") and version in said("show", version)
    assert "They hold the same" in said("compare", version, version)
    assert "is in use" in said("use", "shipped", "--source", "industries")
    assert "bytes" in said("build", str(tmp_path / "built.zip"))
    refused = run(app, ["knowledge", "import", "industries", str(tmp_path)])
    assert refused.exit_code == 1 and "Nothing was changed" in refused.output


def test_the_title_command_says_what_a_title_names(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTELLICV_DATABASE_URL", sqlite_url)
    found = CliRunner().invoke(app, ["title", "Sr. SWE II – Payments (Remote)"])
    assert found.exit_code == 0 and "15-1252.00" in found.output and "O*NET 30.1" in found.output
    assert CliRunner().invoke(app, ["title", "asdf"]).exit_code == 1
