"""Text analysis by Amazon Comprehend."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from shared_backend.cloud.aws.clients import AwsClients, needed
from shared_backend.cloud.aws.failures import PROVIDER, calling
from shared_backend.cloud.contract import DetectedLanguage, Sentiment
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudInvalid
from shared_backend.cloud.inputs import check_text
from shared_backend.cloud.local import languages
from shared_backend.config.cloud_aws import AwsSettings

SERVICE = "Amazon Comprehend"
UNKNOWN = languages.UNDETERMINED
# Those in which it tells tones and phrases; it detects a hundred.
_KNOWN = frozenset({"ar", "de", "en", "es", "fr", "hi", "it", "ja", "ko", "pt", "zh"})
# Bytes of UTF-8 that one call for a tone takes.
_TONE_BYTES = 5_000
# Below this Comprehend is guessing.
_LEAST_CONFIDENCE = 0.5
_TONES = ("Positive", "Neutral", "Negative", "Mixed")


class ComprehendText:
    """`contract.TextAnalysis`. A language that is not given is detected first: Comprehend wants to be told."""

    provider = PROVIDER

    def __init__(self, settings: AwsSettings, clients: AwsClients) -> None:
        needed(settings, "region")
        self._client = clients.get("comprehend")

    def sentiment(self, text: str, *, language: str | None, deadline: Deadline) -> Sentiment:
        """As in the contract. A text of more bytes than one call takes is the mean of its pieces, by their length."""
        language = self._language_of(text, language, deadline)
        if _code(language) is None:
            return Sentiment("unsupported", language=language)
        sums = dict.fromkeys(_TONES, 0.0)
        for piece in _pieces(text):
            with calling(SERVICE, deadline):
                found = self._client.detect_sentiment(Text=piece, LanguageCode=_code(language))
                for tone in _TONES:
                    sums[tone] += float(found["SentimentScore"][tone]) * len(piece)
        total = sum(sums.values()) or 1.0
        label: Any = max(sums, key=lambda tone: sums[tone]).lower()
        # The contract has no score for a mixture: half of it is good and half bad.
        positive, negative = ((sums[tone] + sums["Mixed"] / 2) / total for tone in ("Positive", "Negative"))
        return Sentiment(label, positive, sums["Neutral"] / total, negative, language)

    def key_phrases(self, text: str, *, language: str | None, deadline: Deadline) -> list[str]:
        """As in the contract: what is said most often first, then what is said first.

        Raises CloudInvalid for a language that the service does not know.
        """
        language = self._language_of(text, language, deadline)
        if language == UNKNOWN:
            return []
        if _code(language) is None:
            raise CloudInvalid(f"{SERVICE} does not know the text's language.", provider=PROVIDER)
        with calling(SERVICE, deadline):
            answer = self._client.detect_key_phrases(Text=text, LanguageCode=_code(language))
            phrases = [str(each["Text"]).strip() for each in answer["KeyPhrases"]]
        folded = text.casefold()
        first: dict[str, str] = {}
        for phrase in phrases:
            if phrase and phrase.casefold() in folded:
                first.setdefault(phrase.casefold(), phrase)
        counts = Counter(phrase.casefold() for phrase in phrases)
        return [first[key] for key in sorted(first, key=lambda key: -counts[key])]

    def language(self, text: str, *, deadline: Deadline) -> DetectedLanguage:
        """As in the contract."""
        check_text(text)
        deadline.check(PROVIDER)
        unknown = DetectedLanguage(UNKNOWN, "Unknown", 0.0)
        if not re.search(r"[^\W\d_]", text):
            return unknown  # It takes figures for a language all the same.
        with calling(SERVICE, deadline):
            found = self._client.detect_dominant_language(Text=text)["Languages"]
            best = max(found, key=lambda each: each["Score"], default=None)
        if best is None or best["Score"] < _LEAST_CONFIDENCE:
            return unknown
        code = languages.iso_639_1(str(best["LanguageCode"]))
        if code == UNKNOWN:
            return unknown
        return DetectedLanguage(code, languages.names()[code], min(1.0, float(best["Score"])))

    def _language_of(self, text: str, language: str | None, deadline: Deadline) -> str:
        check_text(text)
        deadline.check(PROVIDER)
        return language or self.language(text, deadline=deadline).code

    def units(self, text: str) -> int:
        """As in the contract: units of 100 characters, at least three of them."""
        return max(3, math.ceil(len(text) / 100))

    def check(self, *, deadline: Deadline) -> str:
        """One small detection, which is billed as one. Answers what was found, in words."""
        return f"it took a sentence for {self.language('This is a test.', deadline=deadline).name}"


def _code(language: str) -> str | None:
    """Comprehend's own code of a language in which it tells tones, or None."""
    code = language.partition("-")[0].lower()
    if code not in _KNOWN:
        return None
    return "zh-TW" if language.lower() in ("zh-tw", "zh-hant") else code


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces that one call takes, cut behind a sentence or a word where there is one."""
    while len(text.encode()) > _TONE_BYTES:
        head = text.encode()[:_TONE_BYTES].decode(errors="ignore")
        ends = [match.end() for match in re.finditer(r"[.!?。！？\n]\s*", head)] or [
            match.end() for match in re.finditer(r"\s+", head)
        ]
        end = ends[-1] if ends and head[: ends[-1]].strip() else len(head)
        if text[:end].strip():
            yield text[:end]
        text = text[end:]
    if text.strip():
        yield text
