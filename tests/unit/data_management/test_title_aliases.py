"""Which titles are one title, and which aliases could say what a title means."""

from __future__ import annotations

import pytest

from shared_backend.data_management.title_aliases import alias_id, alias_ids, alias_key

SAME = {
    "case": ("Customer Hero", "customer HERO"),
    "white space": ("Customer Hero", "  Customer \t Hero "),
    "punctuation": ("Customer-Hero", "Customer / Hero."),
    "plural": ("Customer Heroes", "Customer Heroe"),
    "accents": ("Infirmière", "infirmiere"),
    "accents, composed or not": ("Zoë", "Zoe\u0308"),
    "what is said for short": ("Platform Dev", "Platform Developer"),
    "full-width letters": ("ＣＴＯ", "cto"),
    "possessive": ("Driver's mate", "Driver mate"),
}


@pytest.mark.parametrize("name", SAME)
def test_spellings_of_one_title_have_one_alias(name: str) -> None:
    one, other = SAME[name]
    assert alias_id(one) == alias_id(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Customer Hero", "Hero"),
        ("C", "C++"),
        ("C++", "C#"),
        ("Hero I", "Hero II"),
        ("プログラマー", "デザイナー"),
        ("ガイド", "カイト"),
        ("Медсестра", "Программист"),
    ],
)
def test_other_titles_have_others(one: str, other: str) -> None:
    assert alias_key(one) and alias_key(other)
    assert alias_id(one) != alias_id(other)


@pytest.mark.parametrize("title", ["", "  ", "—", "💥", "()"])
def test_a_title_without_a_word_has_none(title: str) -> None:
    assert alias_key(title) == ""
    assert alias_ids(title) == ()


def test_the_whole_title_comes_before_its_function() -> None:
    assert alias_ids("Customer Hero") == (alias_id("Customer Hero"),)
    assert alias_ids("Sr. Customer Hero II – Payments (Remote)") == (
        alias_id("Sr. Customer Hero II – Payments (Remote)"),
        alias_id("Customer Hero Payments"),
        alias_id("Customer Hero"),
    )
