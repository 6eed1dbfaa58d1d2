"""Searching what is known: occupations, skills, technologies and industries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared_backend.data_management.dataset import ESCO, INDUSTRIES, ONET
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.occupation_index import OccupationIndex
from shared_backend.data_management.title_words import words_of

KINDS = ("occupation", "skill", "technology", "industry")


class KnowledgeSearch:
    """Occupations by likeness of titles; names of everything else by the words that they share with the text."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._names: dict[str, list[tuple[str, str, frozenset[str]]]] = {}

    def search(self, text: str, kinds: tuple[str, ...], limit: int) -> list[dict[str, Any]]:
        """At most `limit` of each kind: kind, id, name, score (0 to 1)."""
        found: list[dict[str, Any]] = []
        for kind in kinds:
            found += self._occupations(text, limit) if kind == "occupation" else self._by_words(kind, text, limit)
        return found

    def _occupations(self, text: str, limit: int) -> list[dict[str, Any]]:
        index = self._knowledge.view(OccupationIndex)
        exact = index.lookup(text)
        codes = {match.code for match in exact}
        matches = [*exact, *(match for match in index.search(text, limit) if match.code not in codes)]
        return [
            {"kind": "occupation", "id": match.code, "name": match.title, "label": match.label, "score": match.score}
            for match in matches[:limit]
        ]

    def _by_words(self, kind: str, text: str, limit: int) -> list[dict[str, Any]]:
        wanted = words_of(text)
        if not wanted:
            return []
        if kind not in self._names:
            self._names[kind] = [(key, name, frozenset(words_of(name))) for key, name in self._listed(kind)]
        scored = []
        for key, name, words in self._names[kind]:
            # The last word may be unfinished: this is asked while somebody types.
            hits = sum(word in words for word in wanted[:-1]) + any(word.startswith(wanted[-1]) for word in words)
            if hits == len(wanted):
                scored.append((len(wanted) / max(len(words), 1), name, key))
        scored.sort(key=lambda each: (-each[0], each[1]))
        return [
            {"kind": kind, "id": key, "name": name, "score": round(score, 4)} for score, name, key in scored[:limit]
        ]

    def _listed(self, kind: str) -> Iterator[tuple[str, str]]:
        if kind == "skill" and ESCO in self._knowledge:
            yield from self._knowledge[ESCO].table("skills").items()
        elif kind == "technology":
            yield from ((name, name) for name in self._knowledge[ONET].table("technology")["names"])
        elif kind == "industry" and INDUSTRIES in self._knowledge:
            industries = self._knowledge[INDUSTRIES]
            for key, (label, _above) in industries.table("linkedin").items():
                yield f"linkedin:{key}", label
            for key, title in industries.table("naics").items():
                yield f"naics:{key}", title
