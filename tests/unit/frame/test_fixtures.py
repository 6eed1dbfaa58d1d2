from __future__ import annotations

import socket

import pytest
from sqlalchemy import insert, select, text

from shared_backend.config.backend_config import Settings
from shared_backend.database.engine import Database
from shared_backend.database.migrate import is_current, migrate
from shared_backend.database.tables import LogCounter
from tests.support.network import NetworkBlocked


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_has_a_migrated_database_to_itself(database: Database, turn: int) -> None:
    assert is_current(database)
    with database.read() as connection:
        assert connection.execute(select(LogCounter.seq)).scalar_one() == 0
    with database.write() as uow:
        uow.connection.execute(text("UPDATE log_counter SET seq = 7"))


def test_the_empty_one_is_empty(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    assert not is_current(database)
    migrate(database)
    assert is_current(database)
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"), database.write() as uow:
        uow.connection.execute(insert(LogCounter).values(id=1, epoch="x", seq=0, floor=0))
    database.dispose()


def test_settings_name_the_database(settings: Settings, database: Database) -> None:
    assert settings.database_url == database.url.render_as_string(hide_password=False)


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org"])
def test_other_machines_are_out_of_reach(host: str) -> None:
    with pytest.raises(NetworkBlocked):
        socket.create_connection((host, 443), timeout=0.1)
