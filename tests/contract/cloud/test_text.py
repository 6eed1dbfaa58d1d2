"""What every analysis of texts does. Which words it finds is its own affair; the shape of its answers is not."""

from __future__ import annotations

import pytest

from shared_backend.cloud.contract import Capability, TextAnalysis
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudInvalid, CloudTimeout

CAPABILITY = Capability.TEXT

GOOD = "I love this product. The team was wonderful and very helpful."
BAD = "This was a terrible experience. I hate the slow and rude service."


@pytest.mark.parametrize(("text", "label"), [(GOOD, "positive"), (BAD, "negative")])
@pytest.mark.parametrize("language", [None, "en"])
def test_the_tone_of_an_english_text(
    offer: TextAnalysis, deadline: Deadline, text: str, label: str, language: str | None
) -> None:
    found = offer.sentiment(text, language=language, deadline=deadline)
    assert found.label == label
    assert found.positive + found.neutral + found.negative == pytest.approx(1, abs=0.02)
    assert all(0 <= share <= 1 for share in (found.positive, found.neutral, found.negative))
    assert found.language == "en"


def test_a_tone_that_cannot_be_told_is_never_called_neutral(offer: TextAnalysis, deadline: Deadline) -> None:
    found = offer.sentiment("Je déteste ce produit, le service est horrible.", language="fr", deadline=deadline)
    assert found.label in ("negative", "unsupported")
    unknown = offer.sentiment("Ez a termék nagyon rossz.", language="xx", deadline=deadline)
    assert unknown.label == "unsupported"


def test_key_phrases_stand_in_the_text(offer: TextAnalysis, deadline: Deadline) -> None:
    text = "The data engineering team built a streaming platform with Apache Kafka.\nIt serves Zürich's city archive."
    found = offer.key_phrases(text, language="en", deadline=deadline)
    assert found
    assert all(isinstance(phrase, str) and phrase and phrase.lower() in text.lower() for phrase in found)
    assert len(found) == len(set(found))
    assert "kafka" in " ".join(found).lower()


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        (GOOD, "en", "English"),
        ("Ich habe fünf Jahre lang als Ingenieurin in einer Fabrik gearbeitet.", "de", "German"),
        ("J'ai travaillé cinq ans comme ingénieure dans une usine à Lyon.", "fr", "French"),
    ],
)
def test_the_language_of_a_text(offer: TextAnalysis, deadline: Deadline, text: str, code: str, name: str) -> None:
    found = offer.language(text, deadline=deadline)
    assert (found.code, found.name) == (code, name)
    assert 0.5 <= found.confidence <= 1


def test_a_language_that_cannot_be_told_is_not_guessed(offer: TextAnalysis, deadline: Deadline) -> None:
    assert offer.language("12345 67890 !!! 42", deadline=deadline).code == "und"


@pytest.mark.parametrize("text", ["", " \n", "x" * 5_001])
def test_a_text_that_somebody_would_not_take_is_refused(offer: TextAnalysis, deadline: Deadline, text: str) -> None:
    with pytest.raises(CloudInvalid):
        offer.sentiment(text, language="en", deadline=deadline)
    with pytest.raises(CloudInvalid):
        offer.key_phrases(text, language="en", deadline=deadline)
    with pytest.raises(CloudInvalid):
        offer.language(text, deadline=deadline)


def test_the_longest_text_is_taken(offer: TextAnalysis, deadline: Deadline) -> None:
    text = (GOOD + " ") * 100
    assert offer.sentiment(text[:5_000], language="en", deadline=deadline).label == "positive"
    assert offer.key_phrases(text[:5_000], language="en", deadline=deadline)


def test_no_time_is_told_before_anything_happens(offer: TextAnalysis, passed: Deadline) -> None:
    with pytest.raises(CloudTimeout):
        offer.sentiment(GOOD, language="en", deadline=passed)
    with pytest.raises(CloudTimeout):
        offer.key_phrases(GOOD, language="en", deadline=passed)
    with pytest.raises(CloudTimeout):
        offer.language(GOOD, deadline=passed)
