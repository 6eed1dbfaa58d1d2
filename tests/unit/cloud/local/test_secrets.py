from __future__ import annotations

import json
import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudCorrupted, CloudDenied, CloudNotFound
from shared_backend.cloud.local.sealing_key import KeySource
from shared_backend.cloud.local.secrets import LocalSecrets

LONG = Deadline(86_400)  # made when the tests are collected: longer than any run of them


def store_in(folder: Path, given: str = "") -> LocalSecrets:
    return LocalSecrets(folder / "cloud", KeySource(folder, given))


def value_of(store: LocalSecrets, name: str, version: str | None = None) -> str:
    return store.get(name, version=version, deadline=LONG).value.get_secret_value()


def sealed_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.sealed"))


@pytest.fixture
def store(tmp_path: Path) -> LocalSecrets:
    return store_in(tmp_path)


def test_the_value_is_nowhere_on_the_disk_and_the_key_is_for_its_owner_alone(
    store: LocalSecrets, tmp_path: Path
) -> None:
    store.set("api-key", SecretStr("open sesame"), deadline=LONG)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(b"sesame" in path.read_bytes() for path in files)
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    assert (tmp_path / "secrets" / "cloud_key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def test_a_key_that_others_could_read_is_closed_again(store: LocalSecrets, tmp_path: Path) -> None:
    store.set("a", SecretStr("x"), deadline=LONG)
    key = tmp_path / "secrets" / "cloud_key"
    key.chmod(0o644)
    assert value_of(store, "a") == "x"
    assert key.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("field", ["format", "name", "version", "created_at", "key", "nonce", "sealed"])
def test_whatever_is_changed_is_found_out(store: LocalSecrets, tmp_path: Path, field: str) -> None:
    store.set("a", SecretStr("value"), deadline=LONG)
    (file,) = sealed_files(tmp_path)
    known = json.loads(file.read_text())
    old = str(known[field])
    known[field] = old[:-3] + ("AAA" if old[-3:] != "AAA" else "BBB")
    if field == "created_at":
        known[field] = "2020-01-01T00:00:00+00:00"
    file.write_text(json.dumps(known))
    with pytest.raises((CloudCorrupted, CloudDenied)):
        value_of(store, "a")


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b"null", b"\xff", b'{"format": 1'])
def test_a_file_that_is_no_secret_is_corrupted(store: LocalSecrets, tmp_path: Path, damage: bytes) -> None:
    store.set("a", SecretStr("value"), deadline=LONG)
    sealed_files(tmp_path)[0].write_bytes(damage)
    with pytest.raises(CloudCorrupted, match="a is damaged"):
        value_of(store, "a")


def test_a_secret_does_not_open_under_another_name_or_version(store: LocalSecrets, tmp_path: Path) -> None:
    store.set("low", SecretStr("harmless"), deadline=LONG)
    first = store.set("high", SecretStr("first"), deadline=LONG)
    second = store.set("high", SecretStr("second"), deadline=LONG)
    names = tmp_path / "cloud" / "names"
    old = (names / "high" / f"{first.version}.sealed").read_text()
    # The file says that it is the newer version; the seal knows better.
    (names / "high" / f"{second.version}.sealed").write_text(old.replace(first.version, second.version))
    with pytest.raises(CloudCorrupted):
        value_of(store, "high")
    (names / "low" / f"{first.version}.sealed").write_text(old.replace('"high"', '"low"'))
    with pytest.raises(CloudCorrupted):
        value_of(store, "low", first.version)


def test_another_key_is_denied_in_words(store: LocalSecrets, tmp_path: Path) -> None:
    store.set("a", SecretStr("value"), deadline=LONG)
    other = store_in(tmp_path, "qW7nR2vX9kLpT4sZ8mB1cD6fG3hJ5yUe")
    with pytest.raises(CloudDenied, match="another key"):
        value_of(other, "a")
    assert [info.name for info in other.list(deadline=LONG)] == ["a"], "what there is can be told without the key"


def test_a_key_that_is_lost_is_not_replaced_in_silence(store: LocalSecrets, tmp_path: Path) -> None:
    store.set("a", SecretStr("value"), deadline=LONG)
    key = tmp_path / "secrets" / "cloud_key"
    kept = key.read_text()
    key.unlink()
    for attempt in (
        lambda: value_of(store, "a"),
        lambda: store.set("b", SecretStr("x"), deadline=LONG),
    ):
        with pytest.raises(CloudDenied, match="missing"):
            attempt()
    assert not key.exists()
    key.write_text(kept)
    assert value_of(store, "a") == "value"


def test_a_key_that_is_cut_short_is_told(store: LocalSecrets, tmp_path: Path) -> None:
    store.set("a", SecretStr("value"), deadline=LONG)
    (tmp_path / "secrets" / "cloud_key").write_text("short")
    with pytest.raises(CloudCorrupted, match="cut short"):
        value_of(store, "a")


def test_a_key_from_the_settings_needs_no_file(tmp_path: Path) -> None:
    given = "qW7nR2vX9kLpT4sZ8mB1cD6fG3hJ5yUe"
    store_in(tmp_path, given).set("a", SecretStr("value"), deadline=LONG)
    assert not (tmp_path / "secrets").exists()
    assert value_of(store_in(tmp_path, given), "a") == "value"


def test_the_order_of_versions_does_not_depend_on_the_clock(tmp_path: Path) -> None:
    times = iter([datetime(2030, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)])
    store = LocalSecrets(tmp_path / "cloud", KeySource(tmp_path), clock=lambda: next(times))
    infos = [store.set("a", SecretStr(str(number)), deadline=LONG) for number in range(3)]
    assert [info.created_at for info in infos] == sorted(info.created_at for info in infos)
    assert infos[2].created_at > infos[1].created_at > infos[0].created_at
    assert value_of(store, "a") == "2"


def test_a_version_is_no_path(store: LocalSecrets, tmp_path: Path) -> None:
    store.set("a", SecretStr("value"), deadline=LONG)
    info = store.set("b", SecretStr("other"), deadline=LONG)
    with pytest.raises(CloudNotFound):
        value_of(store, "a", f"../b/{info.version}")


def test_what_a_deletion_left_behind_goes_with_the_next_write(store: LocalSecrets, tmp_path: Path) -> None:
    store.set("a", SecretStr("value"), deadline=LONG)
    left = tmp_path / "cloud" / "deleted.0123"
    (tmp_path / "cloud" / "names" / "a").rename(left)
    assert store.list(deadline=LONG) == []
    store.set("b", SecretStr("x"), deadline=LONG)
    assert not left.exists()


def set_many(folder: Path, name: str, times: int) -> None:
    store = store_in(folder)
    for number in range(times):
        store.set(name, SecretStr(str(number)), deadline=Deadline(60))


def test_processes_that_set_at_once_share_one_key_and_lose_no_version(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=set_many, args=(tmp_path, name, 10)) for name in ("same", "same", "other")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    store = store_in(tmp_path)
    versions = store.versions("same", deadline=LONG)
    assert len(versions) == 20
    assert len({info.created_at for info in versions}) == 20
    assert versions[0].created_at - versions[-1].created_at < timedelta(minutes=2)
    assert sorted(int(value_of(store, "same", info.version)) for info in versions) == sorted([*range(10)] * 2)
    assert value_of(store, "other") == "9"
