"""EnhancedJobTitleEngine: any title, taken apart, and the occupations of O*NET and ESCO that it may name.

A lexical index: it knows words and spellings, not meanings. It says so when it does not know, and when it can't tell.
What administrators have said that a title means (aliases) goes before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared_backend.data_management.ai_data_manager import AIDataManager
from shared_backend.data_management.crosswalk import Crosswalk
from shared_backend.data_management.dataset import ESCO, ONET
from shared_backend.data_management.esco_titles import EscoTitles
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.occupation_index import NEAR, OccupationIndex
from shared_backend.data_management.title_aliases import AliasMatch
from shared_backend.data_management.title_parts import TitleParts, split_title
from shared_backend.data_management.title_words import words_of
from shared_backend.data_management.unified_data_connector import get_connector
from shared_backend.utils.cache_manager import CacheFigures, CacheManager
from shared_backend.utils.exception_handler import InvalidInput

# Below, fewer than one vacancy title in ten is what it seems; other languages and gibberish stay below .25.
KNOWN_FROM = 0.4
_LONGEST = 300
_MOST = 50
_REASONS = {
    "empty": "There is no word in it.",
    "unknown": "No known English title is like it. It may be in another language, or name no occupation.",
}


class EnhancedJobTitleEngine:
    """Reads what is in use at the time of the question. Without a manager: what this process's connector knows."""

    def __init__(self, knowledge: AIDataManager | None = None, *, capacity: int = 2_048) -> None:
        self._knowledge = knowledge
        self._cache = CacheManager(capacity)

    def analyze(self, title: str, *, limit: int = 10) -> dict[str, Any]:
        """The parts of a title and its candidates, the best first, at most `limit` of each taxonomy.

        `known` is False, with `reason`, where nothing that is like it is worth a candidate; `ambiguous` is True where
        several are as good as the best. Scores are likenesses of words from 0 to 1, not probabilities. `alias` is what
        the company itself says that the title means, or None; its occupation is then the first, and a source says who
        set it. Raises InvalidInput for what is no text or has more than 300 characters.
        """
        if not isinstance(title, str):
            raise InvalidInput(f"A title is text, not {type(title).__name__}.")
        if len(title) > _LONGEST:
            raise InvalidInput(f"A title has at most {_LONGEST} characters; this one has {len(title):,}.")
        limit = max(1, min(limit, _MOST))
        manager = self._knowledge or get_connector().knowledge
        knowledge = manager.current()
        found = self._cache.get((title, limit), knowledge.key, lambda: _analyzed(knowledge, title, limit))
        own = {**found, "onet": [dict(each) for each in found["onet"]], "esco": [dict(each) for each in found["esco"]]}
        # After the cache and never in it: an alias is another one from the moment that it was saved.
        by_alias = manager.aliases.match(knowledge, title)
        return _with_alias(own, by_alias, limit) if by_alias else own

    def analyze_many(self, titles: Sequence[str], *, limit: int = 10) -> list[dict[str, Any]]:
        """The same for each of several titles, in their order."""
        return [self.analyze(title, limit=limit) for title in titles]

    def cache_figures(self) -> CacheFigures:
        """How often an answer was there already."""
        return self._cache.figures()


def _analyzed(knowledge: Knowledge, title: str, limit: int) -> dict[str, Any]:
    parts = split_title(title)
    answer: dict[str, Any] = {
        "title": parts.title,
        "function": parts.function,
        "seniority": parts.seniority,
        "grade": parts.grade,
        "qualifiers": list(parts.qualifiers),
        "noise": list(parts.noise),
        "language": "en",
        "known": False,
        "ambiguous": False,
        "reason": None,
        "alias": None,
        "onet": [],
        "esco": [],
        "sources": knowledge.sources(ONET, ESCO),
    }
    if not words_of(title):
        return {**answer, "language": None, "reason": _REASONS["empty"]}
    onet, esco = onet_candidates(knowledge, parts, limit), _esco(knowledge, parts, limit)
    best = max((each["score"] for each in (*onet, *esco)), default=0.0)
    if best < KNOWN_FROM:
        return {**answer, "language": None, "reason": _REASONS["unknown"]}
    known_onet = [each for each in onet if each["score"] >= KNOWN_FROM * best]
    known_esco = [each for each in esco if each["score"] >= KNOWN_FROM * best]
    ambiguous = is_ambiguous(known_onet) or (not known_onet and is_ambiguous(known_esco))
    return {**answer, "known": True, "ambiguous": ambiguous, "onet": known_onet, "esco": known_esco}


def _with_alias(answer: dict[str, Any], found: AliasMatch, limit: int) -> dict[str, Any]:
    """The company's word goes first, and nothing else is as good."""
    match = found.match()
    others = [
        {**each, "score": round(min(each["score"], 0.9 * match.score), 4)}
        for each in answer["onet"]
        if each["code"] != match.code
    ]
    return {
        **answer,
        "known": True,
        "ambiguous": False,
        "reason": None,
        "alias": found.alias.as_dict(),
        "onet": [{"taxonomy": ONET, **match.as_dict()}, *others][:limit],
        "sources": [found.alias.facts(), *answer["sources"]],
    }


def onet_candidates(
    knowledge: Knowledge, parts: TitleParts, limit: int, *, exact_only: bool = False
) -> list[dict[str, Any]]:
    """Exact titles first: of the whole, then without rank and noise, then of the function alone. `exact_only`: these
    alone, without the lexical index, which takes a second and 70 MB when it is first needed."""
    index = knowledge.view(OccupationIndex)
    exact = index.lookup(parts.title) or index.lookup(parts.matter) or index.lookup(parts.function)
    codes = {match.code for match in exact}
    # The function alone is not the whole title where something narrows it.
    sure = 1.0 if exact and not parts.qualifiers else 0.9
    likely = [] if exact_only else index.search(parts.matter, limit + len(exact))
    found = [
        {
            "taxonomy": ONET,
            **match.as_dict(),
            "score": round(sure if match.code in codes else min(match.score, 0.95 * sure), 4),
        }
        for match in (*exact, *(match for match in likely if match.code not in codes))
    ]
    return found[:limit]


def _esco(knowledge: Knowledge, parts: TitleParts, limit: int) -> list[dict[str, Any]]:
    if ESCO not in knowledge:
        return []
    to_onet = knowledge.view(Crosswalk).to_onet
    found = []
    for key, label, group, fits, score in knowledge.view(EscoTitles).search(parts.matter, limit):
        onet = to_onet.get(key)
        found.append(
            {
                "taxonomy": ESCO,
                "code": key,
                "title": label,
                "label": fits,
                "isco": group,
                "onet": onet[0] if onet else None,
                "score": score,
            }
        )
    return found


def is_ambiguous(found: list[dict[str, Any]]) -> bool:
    """Whether a second candidate is as good as the first."""
    return len(found) > 1 and found[1]["score"] >= NEAR * found[0]["score"]
