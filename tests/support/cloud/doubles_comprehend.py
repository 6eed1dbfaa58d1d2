"""Amazon Comprehend, as its wire protocol has it. It knows what the double of Azure's Language knows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.support.cloud.doubles_key_vault import answer
from tests.support.cloud.doubles_language import LanguageDouble, _detect
from tests.support.cloud.proxy import Request, Response

KEY_ID = "AKIATESTTESTTESTTEST"
_TYPE = "application/x-amz-json-1.1"


def is_signed(request: Request) -> bool:
    """Whether a request names our key; the signature itself is the SDK's affair."""
    return f"Credential={KEY_ID}/" in request.headers.get("authorization", "")


def refuse(status: int, code: str, message: str) -> Response:
    """An error as Amazon's JSON services tell it."""
    body = json.dumps({"__type": code, "message": message}).encode()
    return Response(status, body, {"Content-Type": _TYPE, "x-amzn-ErrorType": code})


def unsigned() -> Response:
    """The answer to somebody else's key."""
    return refuse(403, "UnrecognizedClientException", "The security token included in the request is invalid.")


class ComprehendDouble:
    """Tones, key phrases and languages; texts for a tone have up to 5,000 bytes."""

    def __call__(self, request: Request) -> Response:
        if not is_signed(request):
            return unsigned()
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        asked = json.loads(request.body)
        text, size = asked["Text"], len(asked["Text"].encode())
        if size > (5_000 if operation == "DetectSentiment" else 100_000):
            return refuse(400, "TextSizeLimitExceededException", "Input text size exceeds limit.")
        if operation != "DetectDominantLanguage" and asked.get("LanguageCode") not in ("en", "de", "fr", "es", "it"):
            return refuse(400, "ValidationException", "Value at 'languageCode' failed to satisfy constraint")
        each: Mapping[str, Any] = {
            "DetectSentiment": self._sentiment,
            "DetectKeyPhrases": self._key_phrases,
            "DetectDominantLanguage": self._language,
        }
        return answer(200, each[operation](text), **{"Content-Type": _TYPE})

    @staticmethod
    def _sentiment(text: str) -> dict[str, Any]:
        found = LanguageDouble._sentiment(text)
        scores = {tone.capitalize(): score for tone, score in found["confidenceScores"].items()}
        mixed = 0.8 if found["sentiment"] == "mixed" else 0.0
        scores = {tone: score * (1 - mixed) for tone, score in scores.items()} | {"Mixed": mixed}
        return {"Sentiment": found["sentiment"].upper(), "SentimentScore": scores}

    @staticmethod
    def _key_phrases(text: str) -> dict[str, Any]:
        phrases = LanguageDouble._key_phrases(text)["keyPhrases"]
        return {"KeyPhrases": [{"Text": p, "Score": 0.99, "BeginOffset": 0, "EndOffset": len(p)} for p in phrases]}

    @staticmethod
    def _language(text: str) -> dict[str, Any]:
        code, _, confidence = _detect(text)
        code = "zh" if code == "zh_chs" else code
        return {"Languages": [] if code == "(Unknown)" else [{"LanguageCode": code, "Score": confidence}]}
