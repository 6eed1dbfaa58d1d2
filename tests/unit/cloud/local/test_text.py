from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudInvalid, CloudNotConfigured
from shared_backend.cloud.local.languages import iso_639_1, names
from shared_backend.cloud.local.text import MAX_PHRASES, LocalText

LONG = Deadline(86_400)  # made when the tests are collected: longer than any run of them


@pytest.fixture(scope="module")
def text() -> LocalText:
    return LocalText()


@pytest.mark.parametrize(
    ("given_text", "label"),
    [
        ("I love it.", "positive"),
        ("I love the food. The service was horrible.", "mixed"),
        ("The office opens at nine. I hate it.", "negative"),
        ("The office opens at nine.", "neutral"),
        ("... !!! ...", "neutral"),
    ],
)
def test_the_tone_of_the_whole_comes_from_its_sentences(text: LocalText, given_text: str, label: str) -> None:
    assert text.sentiment(given_text, language="en", deadline=LONG).label == label


@pytest.mark.parametrize(
    ("given_text", "language", "found"),
    [
        ("Je déteste ce produit, il est horrible.", None, "fr"),
        ("Je déteste ce produit, il est horrible.", "fr-CA", "fr"),
        ("Das ist ein schreckliches Produkt.", None, "de"),
        ("12345", None, "und"),
        ("qwrt zxcv", None, "und"),
        ("great", "klingon", "und"),
    ],
)
def test_a_language_that_is_not_known_is_unsupported(
    text: LocalText, given_text: str, language: str | None, found: str
) -> None:
    answer = text.sentiment(given_text, language=language, deadline=LONG)
    assert (answer.label, answer.language) == ("unsupported", found)
    assert (answer.positive, answer.neutral, answer.negative) == (0, 0, 0)


def test_english_by_any_of_its_tags(text: LocalText) -> None:
    assert text.sentiment("I love it.", language="en_GB", deadline=LONG).label == "positive"


@pytest.mark.parametrize(
    ("given_text", "code"),
    [
        ("Tengo cinco años de experiencia en una fábrica de coches.", "es"),
        ("Ho lavorato per cinque anni come ingegnere in una fabbrica.", "it"),
        ("Работал инженером на заводе пять лет.", "ru"),
        ("私は五年間エンジニアとして働きました。", "ja"),
        ("Pracowałem pięć lat jako inżynier w fabryce.", "pl"),
        ("line one of the text\nline two of the same text", "en"),
    ],
)
def test_languages(text: LocalText, given_text: str, code: str) -> None:
    found = text.language(given_text, deadline=LONG)
    assert (found.code, found.name) == (code, names()[code])


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=300))
def test_no_text_breaks_it_and_all_phrases_stand_in_it(text: LocalText, given_text: str) -> None:
    try:
        phrases = text.key_phrases(given_text, language="en", deadline=LONG)
        text.language(given_text, deadline=LONG)
        tone = text.sentiment(given_text, language="en", deadline=LONG)
    except CloudInvalid:
        assert not given_text.strip()
        return
    assert all(phrase in given_text for phrase in phrases)
    assert len(phrases) <= MAX_PHRASES
    assert tone.positive + tone.neutral + tone.negative == pytest.approx(1)


@pytest.mark.parametrize("language", ["de", "cs", "th", "und", None])
def test_key_phrases_in_any_language(text: LocalText, language: str | None) -> None:
    given_text = "Die Produktionsleitung der Fabrik in Graz verantwortet Qualität und Sicherheit."
    assert text.key_phrases(given_text, language=language, deadline=LONG)


def test_codes_are_those_of_iso_639_1() -> None:
    assert all(len(code) == 2 and code.islower() and name for code, name in names().items())
    assert len(names()) > 90
    assert [iso_639_1(code) for code in ("pt-BR", "EN", "arz", "ceb", "", "xx")] == [
        "pt",
        "en",
        "ar",
        "und",
        "und",
        "und",
    ]


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yake", None)
    with pytest.raises(CloudNotConfigured, match="pip install yake"):
        LocalText().key_phrases("a text", language="en", deadline=LONG)
