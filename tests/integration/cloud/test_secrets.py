"""Secrets over switches, and the copies that stand in: stale, for a while, and never in place of something newer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared_backend.cloud import secret_places
from shared_backend.cloud.breaker import Breaker
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudCorrupted, CloudDenied, CloudNotFound, CloudUnavailable
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.cloud.secret_copies import SecretCopies
from shared_backend.config.cloud_config import load_cloud_settings
from shared_backend.database.engine import Database
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator
from tests.support.cloud_fakes import FakeProvider, MemorySecrets

OPERATOR = Actor("ada", Role.ADMIN, "Ada")
AWAY = CloudUnavailable("away")
VALUE = "value-that-must-not-show"


class World:
    """Two vaults, and orchestrators of several machines over one database."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.now = datetime(2026, 11, 23, tzinfo=UTC)
        self.azure, self.aws = MemorySecrets("azure"), MemorySecrets("aws")
        self.stack = ExitStack()
        self.cloud = self.machine("one")

    def machine(self, name: str, *, hours: float = 24, key: str = "k" * 48) -> CloudServicesOrchestrator:
        providers = {"azure": FakeProvider("azure", secrets=self.azure), "aws": FakeProvider("aws", secrets=self.aws)}
        register = ProviderRegister(factories={name: (lambda p=made: p) for name, made in providers.items()})  # type: ignore[misc]
        copies = SecretCopies(self.folder / name, key, lifetime=timedelta(hours=hours), clock=lambda: self.now)
        cloud = CloudServicesOrchestrator(
            {"primary": "azure", "fallback": "aws"},
            settings=load_cloud_settings(),
            database=self.database,
            providers=register,
            copies=copies,
        )
        # A breaker that never opens: what it does has tests of its own.
        cloud.caller._new_breaker = lambda: Breaker(threshold=10**9)
        self.stack.callback(cloud.close)
        return cloud

    def set(self, name: str, value: str) -> None:
        self.cloud.set_secret(name, SecretStr(value))

    def get(self, name: str, **options: str) -> str:
        return self.cloud.get_secret(name, **options).value.value.get_secret_value()

    def switch(self, primary: str) -> None:
        self.cloud.switch(Capability.SECRETS, primary, None, actor=OPERATOR, source="script")


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    made = World(database, tmp_path)
    yield made
    made.stack.close()


def test_a_copy_stands_in_and_says_that_it_is_stale(world: World) -> None:
    world.set("key", VALUE)
    world.get("key")
    world.azure.away = AWAY
    world.now += timedelta(minutes=5)
    outcome = world.cloud.get_secret("key")
    assert outcome.value.stale and outcome.degraded and "5 min old" in outcome.notes[0]
    assert outcome.value.value.get_secret_value() == VALUE
    assert outcome.value.info.version == "azure1"
    world.azure.away = None
    assert not world.cloud.get_secret("key").value.stale


def test_a_copy_expires(world: World) -> None:
    world.set("key", VALUE)
    world.get("key")
    world.azure.away = AWAY
    world.now += timedelta(hours=24)
    with pytest.raises(CloudUnavailable):
        world.get("key")
    world.now -= timedelta(hours=48)
    with pytest.raises(CloudUnavailable):
        world.get("key")
    assert not list(world.folder.rglob("*.copy")), "an expired copy lies about"


@pytest.mark.parametrize("error", [CloudDenied("no"), CloudCorrupted("bad")])
def test_a_copy_is_for_a_provider_that_is_away_and_not_for_one_that_refuses(world: World, error: Exception) -> None:
    world.set("key", VALUE)
    world.get("key")
    world.azure.away = error  # type: ignore[assignment]
    if isinstance(error, CloudDenied):
        with pytest.raises(CloudDenied):
            world.get("key")
    else:
        assert world.cloud.get_secret("key").value.stale


def test_a_copy_never_takes_the_place_of_a_newer_version_set_on_another_machine(world: World) -> None:
    world.set("key", "old")
    world.get("key")
    world.machine("two").set_secret("key", SecretStr("new"))
    world.azure.away = AWAY
    with pytest.raises(CloudUnavailable):
        world.get("key")


def test_a_copy_is_gone_after_a_deletion_on_another_machine(world: World) -> None:
    world.set("key", "old")
    world.get("key")
    world.machine("two").delete_secret("key")
    world.azure.away = AWAY
    with pytest.raises((CloudUnavailable, CloudNotFound)):
        world.get("key")


def test_a_write_whose_answer_was_lost_leaves_no_copy_that_is_trusted(world: World) -> None:
    world.set("key", "old")
    world.get("key")
    other = world.machine("two")
    other.get_secret("key")
    world.azure.lose_answer = [CloudUnavailable("cut", ambiguous=True)]
    with pytest.raises(CloudUnavailable):
        world.set("key", "new")
    world.azure.away = AWAY
    for machine in (world.cloud, other):
        with pytest.raises(CloudUnavailable):
            machine.get_secret("key")
    world.azure.away = None
    assert world.get("key") == "new"
    world.azure.away = AWAY
    assert world.get("key") == "new"
    with pytest.raises(CloudUnavailable):
        other.get_secret("key")


def test_a_write_that_surely_did_not_happen_changes_nothing(world: World) -> None:
    world.set("key", "old")
    other = world.machine("two")
    other.get_secret("key")
    world.azure.away = AWAY
    with pytest.raises(CloudUnavailable):
        world.set("key", "new")
    assert other.get_secret("key").value.value.get_secret_value() == "old"


def test_what_was_changed_in_the_vault_without_us_is_noted_when_it_is_seen(world: World) -> None:
    world.set("key", "old")
    other = world.machine("two")
    other.get_secret("key")
    world.azure.set("key", SecretStr("by hand"), deadline=Deadline(1))
    assert world.get("key") == "by hand"
    world.azure.away = AWAY
    assert world.get("key") == "by hand"
    with pytest.raises(CloudUnavailable):
        other.get_secret("key")


def test_copies_can_be_turned_off_and_are_of_no_use_with_another_key(world: World) -> None:
    world.set("key", VALUE)
    off, on = world.machine("off", hours=0), world.machine("on")
    off.get_secret("key")
    on.get_secret("key")
    assert not (world.folder / "off").exists()
    world.azure.away = AWAY
    for machine in (off, world.machine("on", key="z" * 48)):
        with pytest.raises(CloudUnavailable):
            machine.get_secret("key")


def test_a_copy_that_was_tampered_with_is_not_used(world: World) -> None:
    world.set("key", VALUE)
    world.get("key")
    (file,) = world.folder.rglob("*.copy")
    assert VALUE not in file.read_text() and file.stat().st_mode & 0o777 == 0o600
    world.azure.away = AWAY
    intact = file.read_text()
    later = (world.now + timedelta(hours=1)).isoformat()
    for broken in (intact.replace(world.now.isoformat(), later), intact.replace("azure1", "azure2"), "{}", ""):
        assert broken != intact
        file.write_text(broken)
        with pytest.raises(CloudUnavailable):
            world.get("key")
    file.rename(file.with_name("another.copy"))
    with pytest.raises(CloudUnavailable):
        world.get("another")


def test_values_are_in_no_log_error_or_text(
    world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    world.set("key", VALUE)
    outcome = world.cloud.get_secret("key")
    world.azure.away = AWAY
    stale = world.cloud.get_secret("key")
    with pytest.raises(CloudUnavailable) as raised:
        world.cloud.set_secret("key", SecretStr(VALUE))
    world.azure.away = None
    world.cloud.carry_over(Capability.SECRETS, target="aws")
    told = capsys.readouterr()
    said = [repr(outcome), str(stale), repr(raised.value), caplog.text, told.out, told.err]
    with world.database.read() as connection:
        for table in ("cloud_secret", "audit", "event", "cloud_use"):
            said.append(repr(connection.exec_driver_sql(f"SELECT * FROM {table}").fetchall()))
    assert not [text for text in said if VALUE in text]


def test_after_a_switch_secrets_are_found_where_they_are(world: World) -> None:
    world.set("old", "1")
    world.set("both", "1")
    world.switch("aws")
    world.set("both", "2")
    assert (world.get("old"), world.get("both")) == ("1", "2")
    assert [info.name for info in world.cloud.list_secrets().value] == ["both", "old"]
    world.switch("azure")
    assert (world.get("old"), world.get("both")) == ("1", "2"), "the older value is nearer, but not the newest"
    assert {info.version for info in world.cloud.list_secrets().value} == {"azure1", "aws1"}
    world.cloud.delete_secret("both")
    for primary in ("aws", "azure"):
        world.switch(primary)
        with pytest.raises(CloudNotFound):
            world.get("both")


def test_a_deletion_that_does_not_reach_the_primary_fails_and_no_earlier_value_comes_back(world: World) -> None:
    world.set("both", "old")
    world.switch("aws")
    world.set("both", "new")
    world.switch("azure")
    world.azure.away = CloudUnavailable("away")
    with pytest.raises(CloudUnavailable):
        world.cloud.delete_secret("both")
    world.azure.away = None
    assert world.get("both") == "new"
    world.cloud.delete_secret("both")
    assert not world.azure.kept and not world.aws.kept
    with pytest.raises(CloudNotFound):
        world.get("both")


def test_a_deletion_names_who_still_holds_an_earlier_value_and_forgets_who_does_not(world: World) -> None:
    world.set("both", "old")
    world.switch("aws")
    world.set("both", "new")
    world.switch("azure")
    world.aws.away = CloudUnavailable("away")
    assert "aws still holds" in world.cloud.delete_secret("both").notes[0]
    world.aws.away = None
    for primary in ("azure", "aws"):
        world.switch(primary)
        with pytest.raises(CloudNotFound):
            world.get("both")
    world.set("both", "newest")
    world.switch("azure")
    world.cloud.delete_secret("both")
    with world.database.read() as connection:
        assert {row.provider: row.state for row in secret_places.look(connection, "both").values()} == {
            "azure": "deleted"
        }
    assert not world.azure.kept and not world.aws.kept


def test_who_served_before_and_is_away_is_no_not_found(world: World) -> None:
    world.set("old", "1")
    world.switch("aws")
    world.azure.away = AWAY
    with pytest.raises(CloudUnavailable):
        world.get("old")
    with pytest.raises(CloudUnavailable):
        world.get("unheard-of")


def test_secrets_are_carried_over(world: World) -> None:
    for name in ("a", "b", "c"):
        world.set(name, f"{name} on azure")
    world.switch("aws")
    world.set("b", "b on aws")
    (difference,) = world.cloud.difference(Capability.SECRETS)
    assert (difference.objects, difference.examples) == (2, ("a", "c"))
    done = world.cloud.carry_over(Capability.SECRETS)["azure"]
    assert (done.copied, done.complete) == (2, True)
    world.azure.away = AWAY
    assert [world.get(name) for name in "abc"] == ["a on azure", "b on aws", "c on azure"]
    assert world.cloud.difference(Capability.SECRETS) == []


@pytest.mark.parametrize("what", ["set", "delete"])
def test_what_happens_to_a_secret_while_it_is_carried_counts(world: World, what: str) -> None:
    world.set("a", "old")
    world.switch("aws")

    def meanwhile() -> None:
        if what == "set":
            world.set("a", "new")
        else:
            world.cloud.delete_secret("a")

    world.aws.before_set = meanwhile
    world.cloud.carry_over(Capability.SECRETS)
    if what == "set":
        assert world.get("a") == "new"
    else:
        with pytest.raises(CloudNotFound):
            world.get("a")
