from __future__ import annotations

import pytest

from shared_backend.identity.inputs import clean_email, clean_name
from shared_backend.utils.exception_handler import InvalidInput


@pytest.mark.parametrize(
    "name",
    [
        "Ada",
        "מרים כהן",
        "محمد الفاسي",
        "José 🎻",
        "👩‍💻 Zoë",
        "O'Brien-Łukasz",
        "名前",
        "<script>alert(1)</script>",
        "=1+1",
    ],
)
def test_names_of_all_the_world_are_kept(name: str) -> None:
    assert clean_name(f"  {name} ") == name


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("a\x00b", "NUL (U+0000)"),
        ("a\nb", "LINE FEED (U+000A)"),
        ("a\x1b[31mb", "ESCAPE (U+001B)"),
        ("a\x85b", "U+0085"),
        ("a\u202eb", "RIGHT-TO-LEFT OVERRIDE (U+202E)"),
        ("a\u2066b", "LEFT-TO-RIGHT ISOLATE (U+2066)"),
        ("a\ud800b", "U+D800"),
    ],
)
def test_what_would_break_a_page_is_refused_by_name(name: str, named: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        clean_name(name)
    assert named in str(refused.value)


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "x" * 10_000_000])
def test_a_name_is_neither_missing_nor_huge(name: str) -> None:
    with pytest.raises(InvalidInput):
        clean_name(name)


def test_a_composed_and_a_decomposed_name_are_one() -> None:
    assert clean_name("Zoe\u0308") == "Zo\u00eb"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Ada@Example.ORG ", "ada@example.org"),
        ("o'brien+cv@mail.example.org", "o'brien+cv@mail.example.org"),
        ("ÄRZTE@Bücher.example", "ärzte@bücher.example"),
        ("STRAßE@example.org", "straße@example.org"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_an_address_has_one_form(typed: str, stored: str) -> None:
    assert clean_email(typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "ada", "@example.org", "ada@", "a b@example.org", "ada@ex ample.org", "a@b@c@", "ada@.org", "ada@a..b",
     "<ada@example.org>", "ada@example.org\nbcc:x@y", "a\x00@example.org", "x" * 65 + "@example.org", "x" * 10_000_000],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        clean_email(typed)
