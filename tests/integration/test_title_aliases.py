"""Aliases through the bridge: what they answer, who may write them, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shared_backend.config.backend_config import Settings
from shared_backend.data_management.title_aliases import KIND, alias_id
from shared_backend.data_management.unified_data_connector import UnifiedDataConnector, UnknownRole
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.services.backend import Backend
from shared_backend.services.title_aliases import TitleAliases
from shared_backend.services.title_meaning import current_title, meaning_of
from tests.support.knowledge import share_knowledge

ADA, OMAR = Actor("ada", Role.ADMIN, "Ada"), Actor("omar", Role.ADMIN, "Omar")
ADMIN = "admin_portal"
SERVICE, SOFTWARE = "43-4051.00", "15-1252.00"


@pytest.fixture
def backend(settings: Settings) -> Iterator[Backend]:
    opened = Backend.open(settings, portal="admin_portal")
    share_knowledge(opened.knowledge)
    yield opened
    opened.close()


@pytest.fixture
def aliases(backend: Backend) -> TitleAliases:
    return TitleAliases(backend.bridge, backend.knowledge)


def add(aliases: TitleAliases, title: str = "Happiness Wizard", code: str = SERVICE, by: Actor = ADA) -> dict[str, Any]:
    answer = aliases.add(title, code, "Our word for it", actor=by, source=ADMIN)
    assert answer["success"], answer
    return answer


def test_an_alias_is_answered_first_and_never_stale(backend: Backend, aliases: TitleAliases) -> None:
    engine, connector = backend.titles, UnifiedDataConnector(backend.knowledge)
    assert not engine.analyze("Happiness Wizard")["known"]
    with pytest.raises(UnknownRole):
        connector.get_salary_data("Happiness Wizard")
    made = add(aliases)
    found = engine.analyze("Sr. Happiness Wizards II (Remote)")
    assert (found["known"], found["ambiguous"], found["alias"]["id"]) == (True, False, made["id"])
    assert (found["onet"][0]["code"], found["onet"][0]["how"], found["onet"][0]["score"]) == (SERVICE, "alias", 1.0)
    assert found["sources"][0]["title"] == "Alias set by Ada (administrator)"
    pay = connector.get_salary_data("happiness wizard")
    assert (pay["matched"]["code"], pay["matched"]["how"], pay["sources"][0]["source"]) == (SERVICE, "alias", "alias")
    changed = aliases.change(made["id"], {"code": SOFTWARE}, base_version=1, actor=OMAR, source=ADMIN)
    assert changed["version"] == 2
    assert engine.analyze("Happiness Wizard")["onet"][0]["code"] == SOFTWARE
    assert connector.get_salary_data("Happiness Wizard")["matched"]["code"] == SOFTWARE
    assert aliases.remove(made["id"], actor=ADA, source=ADMIN)["success"]
    assert engine.analyze("Happiness Wizard")["alias"] is None
    with pytest.raises(UnknownRole):
        connector.get_salary_data("Happiness Wizard")
    assert aliases.bring_back(made["id"], actor=ADA, source=ADMIN)["success"]
    assert engine.analyze("Happiness Wizard")["onet"][0]["code"] == SOFTWARE


def test_the_company_s_word_goes_before_the_official_one(backend: Backend, aliases: TitleAliases) -> None:
    assert backend.titles.analyze("Registered Nurse")["onet"][0]["code"] == "29-1141.00"
    add(aliases, "Registered Nurse")
    found = backend.titles.analyze("Registered Nurse")
    assert [each["code"] for each in found["onet"][:2]] == [SERVICE, "29-1141.00"]
    assert found["onet"][1]["score"] < 1.0 and not found["ambiguous"]


def test_an_alias_of_a_function_alone_leaves_known_titles_alone(backend: Backend, aliases: TitleAliases) -> None:
    add(aliases, "Manager")
    add(aliases)
    assert backend.titles.analyze("Manager")["onet"][0]["how"] == "alias"
    assert backend.titles.analyze("Manager, Sales")["alias"] is None
    found = backend.titles.analyze("Happiness Wizard, Moonlight")
    assert (found["alias"]["title"], found["onet"][0]["score"]) == ("Happiness Wizard", 0.9)
    assert backend.titles.analyze("29-1141.00")["alias"] is None


def test_a_duplicate_is_refused_and_says_what_stands(backend: Backend, aliases: TitleAliases) -> None:
    made = add(aliases)
    again = aliases.add("  HAPPINESS-wizards ", SOFTWARE, actor=OMAR, source=ADMIN)
    assert (again["success"], again["code"], again["id"]) == (False, "duplicate_alias", made["id"])
    assert "“Happiness Wizard” is an alias already, for Customer Service Representatives" in again["error"]
    assert backend.bridge.get(KIND, made["id"], actor=ADA).version == 1


def test_one_that_was_removed_is_made_again(backend: Backend, aliases: TitleAliases) -> None:
    made = add(aliases)
    aliases.remove(made["id"], actor=ADA, source=ADMIN)
    again = aliases.add("Happiness wizards", SOFTWARE, actor=OMAR, source=ADMIN)
    assert (again["success"], again["id"]) == (True, made["id"])
    stands = backend.bridge.get(KIND, made["id"], actor=ADA)
    assert (stands.data, stands.deleted) == ({"title": "Happiness wizards", "code": SOFTWARE}, False)


def test_another_title_is_another_alias(backend: Backend, aliases: TitleAliases) -> None:
    made = add(aliases, "Hapiness Wizard")
    answer = aliases.change(made["id"], {"title": "Happiness Wizard"}, base_version=1, actor=ADA, source=ADMIN)
    assert (answer["success"], answer["id"]) == (True, alias_id("Happiness Wizard"))
    assert backend.bridge.get(KIND, made["id"], actor=ADA).deleted
    assert backend.bridge.get(KIND, answer["id"], actor=ADA).data["note"] == "Our word for it"
    other = add(aliases, "Mood Maker")
    taken = aliases.change(other["id"], {"title": "Happiness wizard"}, base_version=1, actor=ADA, source=ADMIN)
    assert taken["code"] == "duplicate_alias"
    assert not backend.bridge.get(KIND, other["id"], actor=ADA).deleted
    spelled = aliases.change(other["id"], {"title": "Mood-Makers"}, base_version=1, actor=ADA, source=ADMIN)
    assert (spelled["id"], spelled["version"]) == (other["id"], 2)


BAD = {
    "no title": ("  ", SERVICE, "Give the title"),
    "a title without a word": ("—", SERVICE, "at least one letter"),
    "a code for a title": (SOFTWARE, SERVICE, "not a title"),
    "no occupation": ("Wizard", "", "Choose the occupation"),
    "an unknown code": ("Wizard", "99-9999.00", "knows no occupation"),
    "no code": ("Wizard", "everything", "knows no occupation"),
    "two lines": ("Wizard\nof all", SERVICE, "must be one line"),
    "a long title": ("w" * 301, SERVICE, "at most 300"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_alias_is_refused_in_words(backend: Backend, aliases: TitleAliases, name: str) -> None:
    title, code, words = BAD[name]
    answer = aliases.add(title, code, actor=ADA, source=ADMIN)
    assert (answer["success"], answer["code"]) == (False, "invalid_input")
    assert words in answer["error"]
    assert backend.bridge.find(KIND, actor=ADA).total == 0


@pytest.mark.parametrize("data", [{"title": "Other", "code": SERVICE}, {"title": "Wizard"}, {"code": SERVICE}, {}])
def test_the_bridge_itself_keeps_the_rule(backend: Backend, data: dict[str, Any]) -> None:
    for write in (
        lambda: backend.bridge.save(KIND, alias_id("Wizard"), data, source="script", actor=ADA),
        lambda: backend.bridge.sync_data("script", {KIND: {alias_id("Wizard"): data}}, actor=ADA),
    ):
        answer = write()
        assert (answer["success"], answer["code"]) == (False, "invalid_input")


@pytest.mark.parametrize("role", [Role.ANALYST, Role.CANDIDATE])
def test_only_administrators_write(backend: Backend, aliases: TitleAliases, role: Role) -> None:
    made = add(aliases)
    other = Actor("someone", role)
    for answer in (
        aliases.add("Happiness Wizard", SOFTWARE, actor=other, source=ADMIN),
        aliases.change(made["id"], {"code": SOFTWARE}, base_version=1, actor=other, source=ADMIN),
        aliases.change(made["id"], {"title": "Another"}, base_version=1, actor=other, source=ADMIN),
        aliases.remove(made["id"], actor=other, source=ADMIN),
        aliases.bring_back(made["id"], actor=other, source=ADMIN),
        backend.bridge.save(KIND, made["id"], {"code": SOFTWARE}, source=ADMIN, actor=other),
    ):
        assert (answer["success"], answer["code"]) == (False, "denied")
    assert backend.bridge.get(KIND, made["id"], actor=ADA).version == 1


def test_two_who_change_one_field_meet_in_a_conflict(backend: Backend, aliases: TitleAliases) -> None:
    made = add(aliases)
    aliases.change(made["id"], {"code": SOFTWARE}, base_version=1, actor=ADA, source=ADMIN)
    later = aliases.change(made["id"], {"code": "29-1141.00"}, base_version=1, actor=OMAR, source=ADMIN)
    assert later["success"] and later["conflict"]["fields"] == ["code"]
    note = aliases.change(made["id"], {"note": "Merged"}, base_version=1, actor=ADA, source=ADMIN)
    assert note["conflict"] is None
    (conflict,), total = backend.bridge.conflicts(actor=ADA, kind=KIND, entity_id=made["id"])
    assert (total, conflict.losing_value) == (1, SOFTWARE)
    backend.bridge.resolve_conflict(conflict.id, "apply_mine", source=ADMIN, actor=ADA)
    assert backend.titles.analyze("Happiness Wizard")["onet"][0]["code"] == SOFTWARE


def test_an_occupation_that_is_no_more_says_nothing(backend: Backend, aliases: TitleAliases) -> None:
    made = add(aliases)
    with backend.database.write() as uow:
        uow.connection.exec_driver_sql("UPDATE entity_head SET data = replace(data, '43-4051.00', '99-9999.00')")
    assert backend.knowledge.aliases.by_ids([made["id"]])[made["id"]].code == "99-9999.00"
    assert backend.titles.analyze("Happiness Wizard")["alias"] is None


def test_what_a_candidate_is_told(backend: Backend, aliases: TitleAliases) -> None:
    told = meaning_of(backend.knowledge, "Happiness Wizard")
    assert (told.occupations, told.ambiguous, told.alias) == ((), False, None)
    made = add(aliases)
    told = meaning_of(backend.knowledge, "Lead Happiness Wizard")
    assert told.occupations == ((SERVICE, "Customer Service Representatives"),)
    assert told.alias == (made["id"], 1)
    assert meaning_of(backend.knowledge, "Software Developer").occupations[0][0] == SOFTWARE
    several = meaning_of(backend.knowledge, "Teacher")
    assert several.ambiguous and len(several.occupations) > 1
    assert meaning_of(backend.knowledge, "💥").occupations == ()
    assert "O*NET" in told.vintage


@pytest.mark.parametrize(
    ("profile", "title"),
    [
        ({}, None),
        ({"basics": {"label": "Nurse"}}, ("Nurse", "headline")),
        ({"basics": {"label": "Nurse"}, "work": [{"position": "Cook"}]}, ("Cook", "work")),
        ({"basics": {"label": "Nurse"}, "work": [{"position": "Cook", "endDate": "2020"}]}, ("Nurse", "headline")),
        ({"work": [{"name": "No title"}, {"position": ""}]}, None),
        (
            {"work": [{"position": "A", "startDate": "2019"}, {"position": "B", "startDate": "2020-05"}]},
            ("B", "work"),
        ),
        ({"work": [{"position": "A"}, {"position": "B"}]}, ("A", "work")),
    ],
)
def test_the_current_title(profile: dict[str, Any], title: tuple[str, str] | None) -> None:
    assert current_title(profile) == title
