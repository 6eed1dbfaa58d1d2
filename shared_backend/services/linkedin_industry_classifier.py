"""LinkedInIndustryClassifier: the industries of an employer, by LinkedIn's codes and by NAICS, from words alone.

Rules for what companies call themselves, then likeness to the industries' own titles. It looks nothing up: an employer
whose name and description do not say what it does is not known, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from shared_backend.data_management.ai_data_manager import AIDataManager
from shared_backend.data_management.dataset import INDUSTRIES
from shared_backend.data_management.industry_rules import industry_rules
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.title_index import TitleIndex, grouped_labels
from shared_backend.data_management.title_words import fold, words_of
from shared_backend.data_management.unified_data_connector import get_connector
from shared_backend.utils.cache_manager import CacheManager
from shared_backend.utils.exception_handler import InvalidInput

_LONGEST = 5_000
_NAME_WEIGHT, _TEXT_WEIGHT = 0.9, 0.7
# Each further mention in a description adds a little; a likeness of titles below this says nothing.
_AGAIN, _SIMILAR_FROM = 0.03, 0.5
_NEAR = 0.95


class LinkedInIndustryClassifier:
    """Reads what is in use at the time of the question. Without a manager: what this process's connector knows."""

    def __init__(self, knowledge: AIDataManager | None = None) -> None:
        self._knowledge = knowledge
        self._cache = CacheManager(1_024)

    def classify(self, employer: str = "", text: str = "", *, limit: int = 5) -> dict[str, Any]:
        """`linkedin` and `naics` candidates, the best first, each with `score` (0 to 1, no probability) and `because`:
        the words that say so.

        `known` is False where no words do; `ambiguous` is True where two industries are as good. Raises InvalidInput
        for what is no text, or has more than 5,000 characters.
        """
        for given in (employer, text):
            if not isinstance(given, str) or len(given) > _LONGEST:
                raise InvalidInput(f"An employer and its description are texts of at most {_LONGEST:,} characters.")
        knowledge = (self._knowledge or get_connector().knowledge).current()
        key = (employer, text, limit)
        found = self._cache.get(key, knowledge.key, lambda: knowledge.view(_Industries).classify(employer, text, limit))
        return {**found, "linkedin": [dict(each) for each in found["linkedin"]], "naics": list(found["naics"])}

    def classify_many(self, employers: Sequence[str], *, limit: int = 5) -> list[dict[str, Any]]:
        """The same for each of several employers, in their order."""
        return [self.classify(employer, limit=limit) for employer in employers]


class _Industries:
    """Rules and titles over one knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        industries = knowledge[INDUSTRIES]
        self._sources = knowledge.sources(INDUSTRIES)
        self._linkedin: dict[str, list[Any]] = industries.table("linkedin")
        self._naics: dict[str, str] = industries.table("naics")
        self._id_of = {label: key for key, (label, _above) in self._linkedin.items()}
        # A release that has given up an industry does not bring the rules down.
        self._rules = [
            rule
            for rule in industry_rules()
            if rule.linkedin in self._id_of and _code(rule.naics, self._naics) is not None
        ]
        self._linkedin_index = self._index([label for label, _above in self._linkedin.values()])
        self._naics_index = self._index(list(self._naics.values()))

    def classify(self, employer: str, text: str, limit: int) -> dict[str, Any]:
        linkedin: dict[str, tuple[float, str]] = {}
        naics: dict[str, tuple[float, str]] = {}
        name, told = fold(employer), fold(text)
        for order, rule in enumerate(self._rules):
            score, words = self._hit(rule.pattern, name, told)
            if words:
                # The more particular rule comes first.
                score -= 0.0005 * order
                code = _code(rule.naics, self._naics) or rule.naics
                _raise(linkedin, self._id_of[rule.linkedin], score, words)
                _raise(naics, code, score, words)
        self._add_similar(employer or text, linkedin, naics)
        first = _ordered(linkedin, limit)
        known = bool(linkedin or naics)
        reason = None if known else "Neither its name nor its description says what it does."
        return {
            "employer": employer,
            "known": known,
            "ambiguous": len(first) > 1 and first[1][1] >= _NEAR * first[0][1],
            "reason": reason,
            "linkedin": [
                {"id": key, "label": self._linkedin[key][0], "path": self._path(key), "score": score, "because": words}
                for key, score, words in first
            ],
            "naics": [
                {
                    "code": code,
                    "title": self._naics[code],
                    "sector": self._sector(code),
                    "score": score,
                    "because": words,
                }
                for code, score, words in _ordered(naics, limit)
            ],
            "sources": self._sources,
        }

    def _hit(self, pattern: Any, employer: str, text: str) -> tuple[float, str]:
        in_name = pattern.search(employer)
        in_text = pattern.findall(text)
        if in_name:
            return min(0.99, _NAME_WEIGHT + _AGAIN * min(len(in_text), 3)), in_name.group()
        if in_text:
            return min(0.85, _TEXT_WEIGHT + _AGAIN * (len(in_text) - 1)), pattern.search(text).group()
        return 0.0, ""

    def _add_similar(
        self, text: str, linkedin: dict[str, tuple[float, str]], naics: dict[str, tuple[float, str]]
    ) -> None:
        if not words_of(text) or len(text) > 200:
            return
        groups = ((self._linkedin_index, list(self._linkedin), linkedin), (self._naics_index, list(self._naics), naics))
        for index, keys, found in groups:
            scores = index.scores(text)
            for at in np.argsort(-scores, kind="stable")[:3]:
                if scores[at] >= _SIMILAR_FROM:
                    _raise(found, keys[int(at)], 0.9 * float(scores[at]), index.best_label(text, int(at)))

    def _path(self, key: str) -> list[str]:
        path: list[str] = []
        at: str | None = key
        while at is not None:
            label, at = self._linkedin[at]
            path.append(label)
        return path[::-1]

    def _sector(self, code: str) -> str:
        for sector, title in self._naics.items():
            low, _dash, high = sector.partition("-")
            if len(low) == 2 and int(low) <= int(code[:2]) <= int(high or low):
                return title
        return ""

    @staticmethod
    def _index(labels: list[str]) -> TitleIndex:
        return TitleIndex(*grouped_labels([label] for label in labels))


def _code(code: str, naics: dict[str, str]) -> str | None:
    """The code, or the nearest one above it that has a title."""
    while code and code not in naics:
        code = code[:-1]
    return code or None


def _raise(found: dict[str, tuple[float, str]], key: str, score: float, words: str) -> None:
    if score > found.get(key, (0.0, ""))[0]:
        found[key] = (score, words)


def _ordered(found: dict[str, tuple[float, str]], limit: int) -> list[tuple[str, float, str]]:
    ordered = sorted(found.items(), key=lambda each: -each[1][0])[:limit]
    return [(key, round(score, 4), words) for key, (score, words) in ordered]
