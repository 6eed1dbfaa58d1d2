from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from shared_backend.cli import main
from shared_backend.config.backend_config import load_settings
from shared_backend.database.engine import Database
from shared_backend.database.tables import AuditRow
from shared_backend.services import portal_bridge

AUDIT = AuditRow.__table__  # type: ignore[attr-defined]


def intellicv(*arguments: str) -> Result:
    return CliRunner().invoke(main.app, list(arguments))


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "b.db")


def label() -> str:
    return portal_bridge.get("user_profile", "ana").data["basics"]["label"]


def test_backup_and_restore_and_back_again(file: str) -> None:
    portal_bridge.sync_user_data("ana", {"label": "one"})
    made = intellicv("backup", file)
    assert made.exit_code == 0, made.output
    assert re.search(
        r"Backed up to \S+b\.db \([\d,]+ bytes\): 0 accounts, 1 entity, 1 version, log at 1\.", made.output
    )
    portal_bridge.sync_user_data("ana", {"label": "two"})
    done = intellicv("restore", file)
    assert done.exit_code == 0, done.output
    assert label() == "one" and "Everybody has to sign in again" in done.output
    kept = re.search(r"To take this back: intellicv restore (\S+)", done.output)
    assert kept and str(load_settings().var_dir / "backups") in kept[1]
    assert intellicv("restore", kept[1]).exit_code == 0
    assert label() == "two"


def test_a_restore_is_in_the_audit(file: str) -> None:
    portal_bridge.sync_user_data("ana", {"label": "one"})
    intellicv("backup", file)
    intellicv("restore", file)
    database = Database(load_settings().database_url)
    with database.read() as connection:
        row = connection.execute(select(AUDIT).where(AUDIT.c.action == "restore")).one()
    database.dispose()
    assert row.actor_id == "system:intellicv restore" and row.subject_kind == "database" and row.after["seq"] == 1


def test_a_restore_onto_a_fresh_machine(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    portal_bridge.sync_user_data("ana", {"label": "one"})
    intellicv("backup", file)
    monkeypatch.setenv("INTELLICV_VAR_DIR", str(tmp_path / "elsewhere"))
    done = intellicv("restore", file)
    assert done.exit_code == 0 and "before" not in done.output.replace(str(tmp_path), "")
    assert (tmp_path / "elsewhere" / "intellicv.db").exists()


def test_what_goes_wrong_is_one_line(file: str, tmp_path: Path) -> None:
    nothing = intellicv("backup", file)
    assert nothing.exit_code == 1 and "nothing to back up" in nothing.output and not Path(file).exists()
    Path(file).write_text("no backup")
    refused = intellicv("restore", file)
    assert refused.exit_code == 1 and refused.output.count("\n") == 1 and file in refused.output
    assert not (tmp_path / "var" / "intellicv.db").exists()


def test_migrate_makes_the_schema() -> None:
    assert re.match(r"The database has schema \w+", intellicv("migrate").output)
    assert intellicv("migrate").exit_code == 0
