"""What may be saved, and in which words the rest is refused."""

from __future__ import annotations

from typing import Any

import pytest

from shared_backend.lockstep.kinds import KindRegister
from shared_backend.lockstep.kinds.base import with_entry_ids
from shared_backend.lockstep.kinds.user_profile import COMPLETENESS, completeness, missing_parts
from shared_backend.utils.exception_handler import InvalidInput

PROFILE = KindRegister().get("user_profile")
ANNOUNCEMENT = KindRegister().get("announcement")
SETTING = KindRegister().get("setting")


def basics(**fields: Any) -> dict[str, Any]:
    return {"basics": fields}


BAD = {
    "text where a number is": (basics(name=7), "basics.name: input should be a valid string"),
    "a list where a text is": (basics(name=["Ada"]), "basics.name: input should be a valid string"),
    "a text where a section is": ({"work": "nowhere"}, "work: input should be a valid list"),
    "a text where an entry is": ({"work": ["job"]}, "work.0: input should be"),
    "an object where a text is": (basics(label={"a": 1}), "basics.label: input should be a valid string"),
    "true where a text is": (basics(label=True), "basics.label: input should be a valid string"),
    "a line that is too long": (basics(name="x" * 301), "basics.name: string should have at most 300 characters"),
    "prose that is too long": (basics(summary="x" * 20_001), "basics.summary: string should have at most 20000"),
    "too many entries": ({"work": [{"name": "x"}] * 201}, "work: list should have at most 200 items"),
    "too many words": ({"skills": [{"keywords": ["x"] * 201}]}, "keywords: list should have at most 200 items"),
    "an unknown field": (basics(nam="Ada"), "basics.nam is not a field of a profile; did you mean name?"),
    "an unknown section": ({"worked": []}, "worked is not a field of a profile; did you mean work?"),
    "an unknown field, far off": (basics(zzzz=1), "basics.zzzz is not a field of a profile"),
    "NUL": (basics(name="A\x00da"), "contains a character that can't be stored (U+0000, at position 2)"),
    "a control character": (basics(summary="bell\x07"), "can't be stored (U+0007, at position 5)"),
    "an escape sequence": (basics(name="\x1b[31mred"), "can't be stored (U+001B, at position 1)"),
    "a C1 control": (basics(name="x\x85y"), "can't be stored (U+0085, at position 2)"),
    "half a surrogate pair": (basics(name="x\ud800"), "basics.name"),
    "two lines where one is": (basics(name="Ada\nLovelace"), "basics.name must be one line"),
    "a script as a link": (basics(url="javascript:alert(1)"), "basics.url must be a web address"),
    "a script as a link, in capitals": (basics(url="JaVaScRiPt:alert(1)"), "must be a web address"),
    "a script as a link, after a space": (basics(url=" javascript:alert(1)"), "must be a web address"),
    "data as a link": (basics(image="data:text/html,<script>1</script>"), "must be a web address"),
    "a link that leaves its attribute": (basics(url='https://x.org/" onclick="x'), "must be a web address"),
    "a link in two lines": (basics(url="https://x.org\n"), "must be one line"),
    "an address without a host": (basics(email="ada@"), "basics.email must be an e-mail address"),
    "a date in words": ({"work": [{"startDate": "May 2024"}]}, "work.0.startDate must be a date"),
    "the thirteenth month": ({"work": [{"startDate": "2024-13"}]}, "work.0.startDate must be a date"),
    "a date with a line break": ({"work": [{"startDate": "2024\n"}]}, "must be a date"),
    "a date in other digits": ({"work": [{"startDate": "1٢٣٤"}]}, "must be a date"),
    "an id with a bracket": ({"work": [{"id": "a]b", "name": "x"}]}, "work.0.id must be 1 to 40 letters"),
    "an id with a dot": ({"work": [{"id": "a.b", "name": "x"}]}, "work.0.id must be 1 to 40 letters"),
    "an id with a line break": ({"work": [{"id": "ab\n", "name": "x"}]}, "work.0.id must be 1 to 40 letters"),
    "an id that is a number": ({"work": [{"id": 7, "name": "x"}]}, "work.0.id: input should be a valid string"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_by_name(name: str) -> None:
    data, words = BAD[name]
    with pytest.raises(InvalidInput) as caught:
        PROFILE.validate(data)
    assert words in str(caught.value)
    assert str(caught.value).startswith("Nothing was saved: ")


GOOD = {
    "right to left": "עדה לאבלייס",
    "right to left, with marks": "\u200fأدا\u200e (Ada)",
    "emoji": "Ada \U0001f469\u200d\U0001f680",
    "combining": "Zoe\u0308",
    "chinese": "艾达·洛夫莱斯",
    "script": "<script>alert('x')</script>",
    "a formula": "=cmd|'/c calc'!A1",
    "markdown": "**bold** [x](javascript:alert(1))",
    "sql": "'; DROP TABLE event; --",
    "a template": "{{ 7 * 7 }} ${x} %s",
    "the longest": "x" * 300,
}


@pytest.mark.parametrize("name", GOOD)
def test_what_people_write_is_kept_verbatim(name: str) -> None:
    assert PROFILE.validate(basics(name=GOOD[name], summary=GOOD[name])) == basics(name=GOOD[name], summary=GOOD[name])


def test_prose_keeps_its_line_breaks_and_lines_lose_their_edges() -> None:
    assert PROFILE.validate(basics(name="  Ada ", summary="one\n\ttwo\r\n")) == basics(
        name="Ada", summary="one\n\ttwo\r\n"
    )


@pytest.mark.parametrize("link", ["https://x.org/a?b=c#d", "http://x.org", "mailto:a@x.org", "example.org/me", ""])
def test_links_that_lead_somewhere(link: str) -> None:
    assert PROFILE.validate(basics(url=link)) == basics(url=link)


@pytest.mark.parametrize("date", ["2024", "2024-05", "2024-05-31", ""])
def test_dates_are_as_precise_as_people_know_them(date: str) -> None:
    assert PROFILE.validate({"work": [{"startDate": date}]}) == {"work": [{"startDate": date}]}


def test_many_problems_are_not_all_recited() -> None:
    with pytest.raises(InvalidInput, match=r"\(and 3 more\)"):
        PROFILE.validate({f"unknown{number}": 1 for number in range(8)})


@pytest.mark.parametrize("status", ["Published", "gone", 1])
def test_an_announcement_is_draft_published_or_withdrawn(status: Any) -> None:
    with pytest.raises(InvalidInput, match="status"):
        ANNOUNCEMENT.validate({"title": "x", "status": status})


@pytest.mark.parametrize("value", ["text", True, False, 7, 0.5, ["a", "b"]])
def test_a_setting_keeps_its_type(value: Any) -> None:
    kept = SETTING.validate({"value": value})["value"]
    assert kept == value
    assert type(kept) is type(value)


@pytest.mark.parametrize("value", [{"a": 1}, [1], [["a"]]])
def test_a_setting_is_one_value_or_a_list_of_texts(value: Any) -> None:
    with pytest.raises(InvalidInput):
        SETTING.validate({"value": value})


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(InvalidInput, match="Did you mean user_profile"):
        KindRegister().get("user_profil")
    with pytest.raises(InvalidInput, match="There are announcement"):
        KindRegister().get("zzz")
    with pytest.raises(InvalidInput):
        KindRegister().get(None)  # type: ignore[arg-type]


def test_shorthand_is_written_out() -> None:
    assert PROFILE.shorthand({"label": "Engineer", "skills": ["Python"], "languages": ["German"]}) == {
        "basics": {"label": "Engineer"},
        "skills": [{"name": "Python"}],
        "languages": [{"language": "German"}],
    }


def test_entries_keep_the_ids_that_they_have() -> None:
    base = {"work": [{"id": "a", "name": "One"}, {"id": "b", "name": "Two"}]}
    sent = {"work": [{"name": "Two"}, {"name": "New"}, {"id": "b2", "name": "Three"}]}
    found = with_entry_ids(sent, base)["work"]
    assert found[0] == {"id": "b", "name": "Two"}, "its equal's"
    assert found[1]["id"] not in ("a", "b", "b2"), "the one at its place is taken"
    assert found[2]["id"] == "b2"


def test_sending_a_list_again_without_ids_changes_nothing() -> None:
    base = {"work": [{"id": "a", "name": "One"}, {"id": "b", "name": "Two"}]}
    assert with_entry_ids({"work": [{"name": "One"}, {"name": "Two"}]}, base) == base


def test_two_entries_with_one_id_are_refused() -> None:
    with pytest.raises(InvalidInput, match="same id"):
        with_entry_ids({"work": [{"id": "a", "name": "1"}, {"id": "a", "name": "2"}]}, {})


def test_completeness_adds_up() -> None:
    assert sum(points for _path, points, _words in COMPLETENESS) == 100
    assert completeness({}) == 0
    whole = {
        "basics": {"name": "A", "label": "B", "email": "c@d.e", "summary": "E", "location": {"city": "F"}},
        **{section: [{"id": "x", "name": "y"}] for section in ("work", "education", "skills", "languages")},
    }
    assert (completeness(whole), missing_parts(whole)) == (100, [])


def test_columns_fit_the_table() -> None:
    columns = PROFILE.columns(basics(name="N" * 300, label="L" * 300))
    assert (len(columns.label), len(columns.status)) == (300, 40)
    assert PROFILE.columns({}).label == ""
