"""What every store of secrets does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import SecretStr

from shared_backend.cloud.contract import Capability, SecretStore
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudInvalid, CloudNotFound, CloudTimeout

CAPABILITY = Capability.SECRETS


def value_of(offer: SecretStore, name: str, version: str | None = None) -> str:
    return offer.get(name, version=version, deadline=Deadline(30)).value.get_secret_value()


@pytest.mark.parametrize("value", ["x", "line\nline ü 日本 \U0001f511 \"'\\", " spaces at the ends ", "x" * 20_480])
def test_what_was_set_is_got(offer: SecretStore, deadline: Deadline, here: str, value: str) -> None:
    info = offer.set(here, SecretStr(value), deadline=deadline)
    found = offer.get(here, version=None, deadline=deadline)
    assert found.value.get_secret_value() == value
    assert found.info == info
    assert (info.name, found.stale) == (here, False)
    assert info.version
    assert info.created_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("value", ["", "x" * 20_481, "ü" * 10_241])
def test_a_value_that_somebody_would_not_take_is_refused(
    offer: SecretStore, deadline: Deadline, here: str, value: str
) -> None:
    with pytest.raises(CloudInvalid):
        offer.set(here, SecretStr(value), deadline=deadline)
    with pytest.raises(CloudNotFound):
        value_of(offer, here)


@pytest.mark.parametrize("name", ["", "UPPER", "a_b", "a/b", "../a", "-a", "a-", "x" * 121])
def test_bad_names_are_refused(offer: SecretStore, deadline: Deadline, name: str) -> None:
    with pytest.raises(CloudInvalid):
        offer.set(name, SecretStr("x"), deadline=deadline)
    with pytest.raises(CloudInvalid):
        offer.get(name, version=None, deadline=deadline)


def test_every_set_is_a_version_and_all_can_be_got(offer: SecretStore, deadline: Deadline, here: str) -> None:
    infos = [offer.set(here, SecretStr(f"value {number}"), deadline=deadline) for number in range(3)]
    assert value_of(offer, here) == "value 2"
    assert [value_of(offer, here, info.version) for info in infos] == ["value 0", "value 1", "value 2"]
    assert [info.version for info in offer.versions(here, deadline=deadline)] == [
        info.version for info in reversed(infos)
    ]


def test_a_listing_has_the_newest_of_each_by_name_and_no_value(
    offer: SecretStore, deadline: Deadline, here: str
) -> None:
    offer.set(f"{here}-b", SecretStr("hidden-one"), deadline=deadline)
    offer.set(f"{here}-a", SecretStr("hidden-two"), deadline=deadline)
    newest = offer.set(f"{here}-b", SecretStr("hidden-three"), deadline=deadline)
    listed = offer.list(deadline=deadline)
    ours = [info for info in listed if info.name.startswith(here)]
    assert [info.name for info in ours] == [f"{here}-a", f"{here}-b"]
    assert ours[1].version == newest.version
    assert "hidden" not in repr(listed)


def test_a_secret_is_not_in_what_is_printed_of_it(offer: SecretStore, deadline: Deadline, here: str) -> None:
    offer.set(here, SecretStr("hidden-one"), deadline=deadline)
    assert "hidden" not in repr(offer.get(here, version=None, deadline=deadline))


def test_what_is_not_there_is_not_found(offer: SecretStore, deadline: Deadline, here: str) -> None:
    for attempt in (
        lambda: offer.get(here, version=None, deadline=deadline),
        lambda: offer.versions(here, deadline=deadline),
        lambda: offer.delete(here, deadline=deadline),
    ):
        with pytest.raises(CloudNotFound) as caught:
            attempt()
        assert caught.value.provider == offer.provider
    offer.set(here, SecretStr("x"), deadline=deadline)
    with pytest.raises(CloudNotFound):
        offer.get(here, version="0123456789abcdef0123456789abcdef", deadline=deadline)


def test_deleted_is_gone_in_all_versions_and_the_name_is_free_at_once(
    offer: SecretStore, deadline: Deadline, here: str
) -> None:
    old = offer.set(here, SecretStr("first"), deadline=deadline)
    offer.set(here, SecretStr("second"), deadline=deadline)
    offer.delete(here, deadline=deadline)
    for version in (None, old.version):
        with pytest.raises(CloudNotFound):
            value_of(offer, here, version)
    assert here not in [info.name for info in offer.list(deadline=deadline)]
    new = offer.set(here, SecretStr("third"), deadline=deadline)
    assert value_of(offer, here) == "third"
    assert [info.version for info in offer.versions(here, deadline=deadline)] == [new.version]


def test_no_time_is_told_before_anything_happens(offer: SecretStore, passed: Deadline, here: str) -> None:
    with pytest.raises(CloudTimeout):
        offer.set(here, SecretStr("x"), deadline=passed)
    with pytest.raises(CloudTimeout):
        offer.get(here, version=None, deadline=passed)
    with pytest.raises(CloudTimeout):
        offer.list(deadline=passed)
    with pytest.raises(CloudNotFound):
        value_of(offer, here)
