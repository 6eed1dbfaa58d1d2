"""Azure AI Language's analyze-text, as its wire protocol has it. It knows a few dozen words of four languages."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.support.cloud.doubles_key_vault import answer
from tests.support.cloud.proxy import Request, Response

KEY = "the-language-key"
_COMMON = {
    "en": ("English", "the and is of to in with i this that was it for are have my a we on very"),
    "de": (
        "German",
        "der die das und ist nicht ich mit ein eine zu den war sehr wir für auf dem habe lang als einer jahre",
    ),
    "fr": ("French", "le la les et est je un une des avec pour ce dans que pas nous très il du était ans comme ai"),
    "es": ("Spanish", "el los las y es un una con para que no en yo por muy este esta fue nosotros"),
    "it": ("Italian", "il gli e è un una con per che non sono di questo molto della nel era"),
}
_SCRIPTS = (
    ("ja", "Japanese", "[\u3040-\u30ff]"),
    ("zh_chs", "Chinese_Simplified", "[\u4e00-\u9fff]"),
    ("ru", "Russian", "[\u0400-\u04ff]"),
    ("el", "Greek", "[\u0370-\u03ff]"),
    ("ar", "Arabic", "[\u0600-\u06ff]"),
)
_GOOD = (
    "good great excellent wonderful love loved happy fantastic best amazing enjoyed enjoy helpful gut toll wunderbar "
    "liebe großartig hervorragend bon adore merveilleux formidable bueno excelente maravilloso encanta"
)
_BAD = (
    "bad terrible awful hate hated horrible worst poor disappointing broken rude schlecht furchtbar hasse schrecklich "
    "mauvais déteste affreux malo odio pésimo"
)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.casefold())


def _detect(text: str) -> tuple[str, str, float]:
    for code, name, pattern in _SCRIPTS:
        if re.search(pattern, text):
            return code, name, 1.0
    words = _words(text)
    counts = {code: sum(word in common.split() for word in words) for code, (_, common) in _COMMON.items()}
    best = max(counts, key=lambda code: counts[code])
    if not counts[best]:
        return "(Unknown)", "(Unknown)", 0.0
    return best, _COMMON[best][0], round(min(1.0, 0.5 + counts[best] / max(1, len(words))), 2)


class LanguageDouble:
    """One resource with one key."""

    def __call__(self, request: Request) -> Response:
        if request.headers.get("ocp-apim-subscription-key") != KEY:
            return answer(401, {"error": {"code": "401", "message": "Access denied due to invalid subscription key."}})
        if request.path != "/language/:analyze-text" or request.method != "POST":
            return answer(404, {"error": {"code": "404", "message": "Resource not found"}})
        asked = json.loads(request.body)
        kind = asked["kind"]
        each = {
            "SentimentAnalysis": self._sentiment,
            "KeyPhraseExtraction": self._key_phrases,
            "LanguageDetection": self._language,
        }[kind]
        documents, errors = [], []
        for document in asked["analysisInput"]["documents"]:
            language = document.get("language") or "en"
            if kind != "LanguageDetection" and language not in _COMMON:
                inner = {"code": "UnsupportedLanguageCode", "message": "Invalid language code."}
                error = {"code": "InvalidArgument", "message": "Invalid Language Code.", "innererror": inner}
                errors.append({"id": document["id"], "error": error})
                continue
            documents.append({"id": document["id"], "warnings": [], **each(document["text"])})
        results = {"documents": documents, "errors": errors, "modelVersion": "2023-01-01"}
        return answer(200, {"kind": f"{kind}Results", "results": results})

    @staticmethod
    def _sentiment(text: str) -> dict[str, Any]:
        words = _words(text)
        good, bad = sum(word in _GOOD.split() for word in words), sum(word in _BAD.split() for word in words)
        label = "mixed" if good and bad else "positive" if good else "negative" if bad else "neutral"
        total = good + bad + 0.1
        scores = {"positive": round(good / total, 2), "negative": round(bad / total, 2)}
        scores["neutral"] = round(1 - scores["positive"] - scores["negative"], 2)
        sentence = {"sentiment": "positive" if good > bad else "negative" if bad else "neutral", "text": text}
        sentence |= {"confidenceScores": scores, "offset": 0, "length": len(text)}
        return {"sentiment": label, "confidenceScores": scores, "sentences": [sentence]}

    @staticmethod
    def _key_phrases(text: str) -> dict[str, Any]:
        common = {word for _, words in _COMMON.values() for word in words.split()}
        phrases, current = [], []
        for word in [*re.findall(r"[^\W_]+|[.,;:!?]", text), "."]:
            if word.isalnum() and word.casefold() not in common:
                current.append(word)
                continue
            if current:
                phrases.append(" ".join(current))
            current = []
        return {"keyPhrases": list(dict.fromkeys(phrases))}

    @staticmethod
    def _language(text: str) -> dict[str, Any]:
        code, name, confidence = _detect(text)
        return {"detectedLanguage": {"name": name, "iso6391Name": code, "confidenceScore": confidence}}
