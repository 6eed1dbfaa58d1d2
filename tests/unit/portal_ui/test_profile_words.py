from __future__ import annotations

import pytest

from shared_backend.lockstep.fields import MISSING, flatten
from shared_backend.lockstep.kinds.user_profile import UserProfile, user_profile
from shared_backend.portal_ui.profile_checks import WHOLE, placed, problems, values_of
from shared_backend.portal_ui.profile_order import dated_place, is_newest_first, newest_first, period
from shared_backend.portal_ui.profile_sections import BASICS, SECTIONS, section
from shared_backend.portal_ui.profile_words import author_words, changed_words, field_words, value_words

WORK = section("work")
PROFILE = {"work": [{"id": "a1", "position": "Engineer", "name": "ACME"}], "basics": {"profiles": [{"id": "p1"}]}}


def test_every_section_and_field_of_the_schema_can_be_edited() -> None:
    paths = {spec.path[0] for spec in SECTIONS}
    assert paths == set(UserProfile.model_fields)
    for spec in SECTIONS:
        known = {each.under or each.name for each in spec.fields}
        assert known == set(spec.model.model_fields) - {"id", "profiles"}, spec.key
        assert set(spec.heading + spec.below) <= {each.name for each in spec.fields}
    assert len({spec.key for spec in SECTIONS}) == len(SECTIONS)


@pytest.mark.parametrize("spec", SECTIONS, ids=lambda spec: spec.key)
def test_what_is_typed_is_stored_and_comes_back(spec: object) -> None:
    assert spec in SECTIONS
    typed = {
        each.name: {"lines": "one\ntwo", "date": "2024-05", "link": "https://example.org"}.get(
            each.widget, "a@b.co" if each.widget == "email" else "text"
        )
        for each in spec.fields
    }  # type: ignore[attr-defined]
    entry = placed(spec.fields, values_of(spec, typed))  # type: ignore[attr-defined,arg-type]
    stored = user_profile().validate(spec.patch([{"id": "x", **entry}] if spec.is_list else entry))  # type: ignore[attr-defined]
    read = spec.read(stored)  # type: ignore[attr-defined]
    assert spec.texts(read[0] if spec.is_list else read) == typed  # type: ignore[attr-defined]


def test_problems_are_said_of_the_field() -> None:
    assert problems(BASICS, {"email": "x", "name": "a\x00b", "city": "y" * 301}) == {
        "email": "It must be an e-mail address such as name@example.org.",
        "name": "It contains a character that can't be stored (U+0000, at position 2).",
        "city": "It has 301 characters; at most 300 are possible.",
    }
    assert problems(WORK, {"startDate": "May", "highlights": "fine\n" + "z" * 301}) == {
        "startDate": "It must be a date such as 2024, 2024-05 or 2024-05-31.",
        "highlights": "Line 2: it has 301 characters; at most 300 are possible.",
    }
    assert problems(WORK, {"highlights": "a\n" * 201}) == {"highlights": "It has 201 lines; at most 200 are possible."}
    assert WHOLE not in problems(BASICS, {"url": "javascript:alert(1)"})


def test_fields_have_names_for_people() -> None:
    assert field_words("basics.label") == "Headline"
    assert field_words("basics.location.city") == "City"
    assert field_words("work[a1].startDate", {}, PROFILE) == "Work experience: Engineer, ACME: From"
    assert field_words("work[zz].position", PROFILE) == "Work experience: a job: Position"
    assert field_words("work[a1]", PROFILE) == "Work experience: Engineer, ACME"
    assert field_words("work[]") == "Work experience: order"
    assert field_words("basics.profiles[p1].url", PROFILE).startswith("Online profiles: ")
    assert field_words("unheard.of") == "unheard.of"


def test_a_change_is_told_by_entry_and_shortly() -> None:
    assert changed_words(list(flatten(PROFILE)), PROFILE).startswith("Work experience: Engineer, ACME")
    assert changed_words(["basics.name", "work[]"]) == "Name, Work experience: order"
    assert changed_words([f"basics.{name}" for name in BASICS.labels], most=2) == "Name, Headline and 10 more"


def test_values_and_authors_in_words() -> None:
    assert [value_words(value) for value in (MISSING, "", [], None)] == ["(empty)"] * 4
    assert value_words(["a", "b"]) == "• a\n• b"
    assert value_words(["a1", "y"], "work[]", PROFILE) == "1. Engineer, ACME\n2. a job"
    assert value_words({"id": "1", "name": "ACME"}) == "name: ACME"
    assert author_words("1", "Ada", "1") == "You"
    assert author_words("system:people", "", "1") == "IntelliCV"
    assert author_words("2", "", "1") == "Somebody whose account is gone"


def test_entries_stand_in_time() -> None:
    now, old, new = {"startDate": "2020"}, {"startDate": "2001", "endDate": "2003"}, {"endDate": "2019-05"}
    undated = {"name": "somewhere"}
    assert newest_first(WORK, [old, undated, new, now]) == [now, new, old, undated]
    assert not is_newest_first(WORK, [old, now])
    assert is_newest_first(section("skills"), [{"name": "b"}, {"name": "a"}])
    assert dated_place(WORK, [now, old], new) == 1
    assert dated_place(section("skills"), [{"name": "b"}], {"name": "a"}) == 0
    assert [period(WORK, each) for each in (now, old, new, undated)] == [
        "since 2020",
        "2001 – 2003",
        "until 2019-05",
        "",
    ]
    assert period(section("awards"), {"date": "2020"}) == "2020"
