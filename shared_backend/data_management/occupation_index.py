"""Which O*NET occupation a title names: exactly, by an alternate title, or by likeness."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Literal

from shared_backend.data_management.dataset import ONET
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.occupations import Occupations
from shared_backend.data_management.title_parts import split_title
from shared_backend.data_management.title_words import key_of
from shared_backend.utils.exception_handler import NotFound

How = Literal["code", "title", "reported title", "alternate title", "similar title", "alias"]
# Weights of the ways in which a title can be an occupation's own.
_TITLE, _REPORTED, _ALTERNATE = 3, 2, 1
_HOW: dict[int, How] = {_TITLE: "title", _REPORTED: "reported title", _ALTERNATE: "alternate title"}
# From this score on, a likeness is worth an answer: titles in other languages and gibberish stay below .25, and below
# .4 fewer than one vacancy title in ten is what it seems (docs/knowledge.md).
SIMILAR_ENOUGH = 0.5
_NEAREST = 5
_TOO_MANY_GROUPS = 4


@dataclass(frozen=True)
class Match:
    """An occupation for a title. `label` is the title of it that fits, `score` 0 to 1."""

    code: str
    title: str
    label: str
    how: How
    score: float

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"code": self.code, "title": self.title, "label": self.label, "how": self.how, "score": self.score}


class UnknownRole(NotFound):
    """No occupation is known by that title. `nearest` are the titles that are most like it, the nearest first."""

    code = "unknown_role"

    def __init__(self, role: str, nearest: list[Match]) -> None:
        self.role, self.nearest = role, [match.as_dict() for match in nearest]
        hint = f" The nearest are {', '.join(match.title for match in nearest)}." if nearest else ""
        shown = role if len(role) <= 80 else f"{role[:79]}…"
        super().__init__(f"No occupation is known by the title {shown!r}.{hint}")


def _is_general(similar: list[Match]) -> bool:
    """Whether a title is like those of several SOC groups alike: "Manager" names none of them."""
    near = [match for match in similar if match.score >= 0.9 * similar[0].score]
    return len({match.code[:6] for match in near}) >= _TOO_MANY_GROUPS


class OccupationIndex:
    """Titles to occupations. Exact lookups need one dictionary; the lexical index is made when it is first needed."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._occupations = knowledge.view(Occupations)
        self._exact = self._read(knowledge)

    @classmethod
    def shipped(cls) -> OccupationIndex:
        """Over what the product ships: for a process without a database, such as one that parses documents."""
        return cls(Knowledge.shipped())

    def lookup(self, title: str) -> list[Match]:
        """Occupations that have this very title, in any number and spelling of punctuation; the likeliest first."""
        if title.strip() in self._occupations:
            code = title.strip()
            own = self._occupations.title(code)
            return [Match(code, own, own, "code", 1.0)]
        found = self._exact.get(key_of(title), {})
        # Where several have it, the one comes first whose titles are most like it as a whole.
        ordered = sorted(found, key=lambda code: (-found[code][0], -self._share(code, title), code))
        return [
            Match(code, self._occupations.title(code), found[code][1], _HOW[found[code][0]], 1.0) for code in ordered
        ]

    def codes(self, title: str) -> list[str]:
        """The codes of the occupations that have this very title, in no order: quicker than `lookup`."""
        return list(self._exact.get(key_of(title), {}))

    def knows(self, title: str) -> bool:
        """Whether some occupation has this very title, or one that is like enough to answer for it."""
        return bool(self.codes(title)) or any(match.score >= SIMILAR_ENOUGH for match in self.search(title, 1))

    def search(self, text: str, limit: int = 10) -> list[Match]:
        """Occupations whose titles are like a text, the likest first; none for a text without a known word."""
        from shared_backend.data_management.onet_titles import OnetTitles

        return [
            Match(code, self._occupations.title(code), label, "similar title", score)
            for code, label, score in self._knowledge.view(OnetTitles).search(text, limit)
        ]

    def resolve(self, role: str) -> tuple[Match, list[Match]]:
        """The occupation that a role names, and others that it may name.

        Raises UnknownRole with the nearest titles, also for a title that is so general that it names many.
        """
        parts = split_title(role)
        exact = self.lookup(role) or self.lookup(parts.matter) or self.lookup(parts.function)
        if exact:
            return exact[0], exact[1:_NEAREST]
        similar = self.search(parts.matter, _NEAREST)
        if not similar or similar[0].score < SIMILAR_ENOUGH or _is_general(similar):
            raise UnknownRole(role, similar)
        return similar[0], similar[1:]

    def _share(self, code: str, title: str) -> float:
        """The share of an occupation's titles that have all words of a title."""
        wanted = set(key_of(title).split())
        titles = [*self._occupations.titles(code), *self._occupations.reported(code)]
        return sum(wanted <= set(key_of(each).split()) for each in titles) / max(len(titles), 1)

    def _read(self, knowledge: Knowledge) -> dict[str, dict[str, tuple[int, str]]]:
        titles = knowledge[ONET].table("titles")
        exact: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
        for group, weight in (("alternate", _ALTERNATE), ("short", _ALTERNATE), ("reported", _REPORTED)):
            for code, of_code in titles[group].items():
                for title in of_code:
                    self._note(exact, title, code, weight)
        for code in self._occupations:
            self._note(exact, self._occupations.title(code), code, _TITLE)
        return exact

    def _note(self, exact: dict[str, dict[str, tuple[int, str]]], title: str, code: str, weight: int) -> None:
        # `CEO (Chief Executive Officer)` is said either way.
        spoken = [title, *title.rstrip(")").split(" (")] if title.endswith(")") else [title]
        for each in spoken:
            key = key_of(each)
            if key and exact[key].get(code, (0, ""))[0] < weight:
                exact[key][code] = (weight, title)
