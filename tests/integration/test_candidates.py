from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared_backend.config.backend_config import Settings
from shared_backend.identity.actor import Actor
from shared_backend.services.backend import Backend
from shared_backend.services.candidates import SORTS, Candidates, Filter
from shared_backend.utils.exception_handler import InvalidInput, PermissionDenied
from tests.support.people import PASSWORD, quick_passwords

SYSTEM = Actor.system()


@pytest.fixture
def backend(settings: Settings) -> Iterator[Backend]:
    opened = Backend.open(settings)
    opened.people._passwords = quick_passwords()
    yield opened
    opened.close()


@pytest.fixture
def ids(backend: Backend) -> dict[str, str]:
    """Four candidates: Ada complete to a part, Bob locked, Eve deleted, and a profile without an account."""
    made = {
        name: backend.people.create_account(f"{name}@example.org", "candidate", name.title(), PASSWORD, actor=SYSTEM).id
        for name in ("ada", "bob", "eve")
    }
    made["zoë"] = "no-account"
    backend.bridge.sync_user_data("no-account", {"basics": {"name": "Zoë 100%"}}, "script", actor=SYSTEM)
    backend.bridge.sync_user_data(
        made["ada"],
        {"basics": {"label": "Engineer"}, "work": [{"name": "Analytical Engines"}]},
        "script",
        actor=SYSTEM,
    )
    backend.people.lock(made["bob"], "script", actor=SYSTEM)
    backend.bridge.delete("user_profile", made["eve"], source="script", actor=SYSTEM)
    return made


def names(backend: Backend, wanted: Filter, **how: object) -> list[str]:
    directory = Candidates(backend.database)
    found = directory.page(wanted, actor=SYSTEM, **how)  # type: ignore[arg-type]
    assert directory.count(wanted, actor=SYSTEM) >= len(found)
    return [each.name for each in found]


def test_profiles_come_with_their_accounts(backend: Backend, ids: dict[str, str]) -> None:
    ada, bob, zoe = Candidates(backend.database).page(Filter(), actor=SYSTEM)
    assert (ada.name, ada.headline, ada.email, ada.status) == ("Ada", "Engineer", "ada@example.org", "active")
    assert ada.completeness > bob.completeness
    assert (bob.status, zoe.status, zoe.email) == ("locked", "none", "")


def test_search_filter_and_order(backend: Backend, ids: dict[str, str]) -> None:
    assert names(backend, Filter(search="ANALYTICAL ada")) == ["Ada"]
    assert names(backend, Filter(search="100%")) == ["Zoë 100%"]
    assert names(backend, Filter(search="_")) == []
    assert names(backend, Filter(search=ids["bob"])) == ["Bob"]
    assert names(backend, Filter(completeness=(50, 100))) == ["Ada"]
    assert names(backend, Filter(statuses=("locked", "none"))) == ["Bob", "Zoë 100%"]
    assert names(backend, Filter(deleted=True)) == ["Eve"]
    assert names(backend, Filter(deleted=True, search="eve")) == ["Eve"]
    assert names(backend, Filter(), sort="-name") == ["Zoë 100%", "Bob", "Ada"]
    assert names(backend, Filter(), sort="-completeness")[0] == "Ada"


@pytest.mark.parametrize("sort", SORTS)
def test_pages_neither_repeat_nor_miss(backend: Backend, ids: dict[str, str], sort: str) -> None:
    pages = [names(backend, Filter(), sort=sort, limit=1, offset=offset) for offset in range(4)]
    assert sorted(name for page in pages for name in page) == ["Ada", "Bob", "Zoë 100%"]


def test_rows_are_found_again_in_the_order_given(backend: Backend, ids: dict[str, str]) -> None:
    directory = Candidates(backend.database)
    wanted = [ids["bob"], "nobody", ids["ada"]]
    assert [each.id for each in directory.by_ids(wanted, actor=SYSTEM)] == [ids["bob"], ids["ada"]]


def test_who_may_see_and_export(backend: Backend, ids: dict[str, str]) -> None:
    directory = Candidates(backend.database)
    analyst = backend.people.create_account("x@example.org", "analyst", "X", PASSWORD, actor=SYSTEM)
    actor = Actor(analyst.id, analyst.role)
    assert len(list(directory.export(Filter(), actor=actor))) == 3
    with pytest.raises(PermissionDenied):
        directory.page(Filter(), actor=Actor(ids["ada"], backend.people.get(ids["ada"], actor=SYSTEM).role))
    backend.people.lock(analyst.id, "script", actor=SYSTEM)
    with pytest.raises(PermissionDenied, match="any more"):
        list(directory.export(Filter(), actor=actor))


def test_bad_input_is_refused_in_words(backend: Backend) -> None:
    directory = Candidates(backend.database)
    with pytest.raises(InvalidInput, match="sorted"):
        directory.page(Filter(), actor=SYSTEM, sort="data")
    with pytest.raises(InvalidInput, match="200"):
        directory.count(Filter(search="a" * 201), actor=SYSTEM)
    with pytest.raises(InvalidInput, match="NUL"):
        directory.count(Filter(search="a\x00"), actor=SYSTEM)
    with pytest.raises(InvalidInput, match="account status"):
        directory.count(Filter(statuses=("gone",)), actor=SYSTEM)
