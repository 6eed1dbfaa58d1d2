"""Which O*NET occupation a title names: exactly, by an alternate title, or by likeness."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any, Literal, NamedTuple

from shared_backend.data_management.dataset import ONET
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.occupations import Occupations
from shared_backend.data_management.title_holders import TitleHolders, major, share_near
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
# A second candidate this near to the first is as good: of such pairs the index is as often wrong as right.
NEAR = 0.93
_NEAREST = 5
_TOO_MANY_GROUPS = 4
# Of two estimates of people, the smaller one is as good from this share on.
_AS_MANY = 0.2
# How many times as much a title says that workers report.
_REPORTED_COUNTS = 3
# Occupations that have one title lie far apart where fewer than this share of the people are in the likeliest's group.
_TOGETHER = 0.5
# A title is too general where of all who have its words in their titles fewer than this share are in the group of the
# occupation that has just it, and either it is only an alternate one, anybody's who was ever called so, or its words
# are said in so many major groups, as "Director" is.
_SUPPORTED = 0.25
_EVERYWHERE = 10
# Two words from here on are one, spelled otherwise.
_SAME_WORD = 0.8
_LITTLE_WORDS = frozenset(("a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"))


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


class Resolved(NamedTuple):
    """The occupation that a role names, and others that it may name. `ambiguous`: some of them are as good, and the
    match is the one that most people with the title have."""

    match: Match
    others: list[Match]
    ambiguous: bool


class UnknownRole(NotFound):
    """No occupation is known by that title, or so many that lie so far apart (`several`) that none may be taken for it.
    `nearest` are the titles that are most like it, the nearest first."""

    code = "unknown_role"

    def __init__(self, role: str, nearest: list[Match], *, several: bool = False) -> None:
        self.role, self.nearest, self.several = role, [match.as_dict() for match in nearest], several
        titles = ", ".join(match.title for match in nearest)
        shown = role if len(role) <= 80 else f"{role[:79]}…"
        if several and nearest:
            super().__init__(f"The title {shown!r} names occupations that lie far apart. Choose among {titles}.")
        else:
            hint = f" The nearest are {titles}." if nearest else ""
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
        ordered = self._ordered(title, found) if len(found) > 1 else list(found)
        return [
            Match(code, self._occupations.title(code), found[code][1], _HOW[found[code][0]], 1.0) for code in ordered
        ]

    def _ordered(self, title: str, found: Mapping[str, tuple[int, str]]) -> list[str]:
        """Where several have a title, whose own it is comes first, and then those that many of the people with the
        title have. How many these are is an estimate, and of such that are near one another more is told by words:
        whose own title has all of them, whose workers report it, and whose own title ends like it."""
        people = self._holders.of(title)
        many = max((people.get(code, 0.0) for code in found), default=0.0) * _AS_MANY
        words = set(key_of(title).split())
        head = key_of(title).split()[-1]

        def rank(code: str) -> tuple[object, ...]:
            own = set(key_of(self._occupations.title(code)).split())
            weight = found[code][0]
            few = people.get(code, 0.0) < many
            told = (True, 0, True) if few else (not words <= own, -weight, head not in own)
            return weight != _TITLE, few, *told, -people.get(code, 0.0), code

        return sorted(found, key=rank)

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

    def resolve(self, role: str) -> Resolved:
        """The occupation that a role names, and others that it may name.

        Raises UnknownRole with the nearest titles, also for a title that is so general that it names many: none is
        taken for it by chance.
        """
        parts = split_title(role)
        for text in (role, parts.matter, parts.function):
            if exact := self.lookup(text):
                return self._resolved_exactly(role, text, exact)
        return self._resolved_by_likeness(role, parts.matter)

    def _resolved_by_likeness(self, role: str, text: str) -> Resolved:
        similar = self.search(text, _NEAREST)
        whole = [
            replace(match, label=label)
            for match in similar
            if match.score >= SIMILAR_ENOUGH and (label := self._label_with_all(match, text))
        ]
        if not whole or _is_general(similar):
            raise UnknownRole(role, similar)
        near = [match for match in whole if match.score >= NEAR * whole[0].score]
        # What is spelled otherwise and says the same goes before what says more: that is only a kind of it.
        if same := [match for match in near if _covers(text, match.label)]:
            near = same
        else:
            people = self._holders.of(text)
            near.sort(key=lambda match: -people.get(match.code, 0.0))
            if whole[0].code != similar[0].code or (people and share_near(near[0].code, people) < _TOGETHER):
                raise UnknownRole(role, similar, several=True)
        if len({major(match.code) for match in near}) > 1:
            raise UnknownRole(role, similar, several=True)
        others = [match for match in similar if match.code != near[0].code]
        return Resolved(near[0], others, len(near) > 1)

    def _label_with_all(self, match: Match, text: str) -> str:
        """The title of an occupation that says all that a text says, and if possible no more; empty where none does."""
        titles = [match.title, *self._occupations.reported(match.code), *self._occupations.titles(match.code)]
        whole = [label for label in (match.label, *titles) if _covers(label, text)]
        return next((label for label in whole if _covers(text, label)), whole[0] if whole else "")

    def _resolved_exactly(self, role: str, text: str, exact: list[Match]) -> Resolved:
        first = exact[0]
        if first.how in ("code", "title"):
            return Resolved(first, exact[1:_NEAREST], False)
        people = self._holders.of(text)
        supported = share_near(first.code, people)
        # Who says that their title is this one is not many that happen to be called so.
        alternate = first.how == "alternate title"
        everywhere = len({major(code) for code in people}) >= _EVERYWHERE
        is_own = _covers(first.title, text)
        needed = _TOGETHER if alternate and everywhere and not is_own else _SUPPORTED
        too_general = supported < needed and (alternate or everywhere)
        # Whose workers report it, and whose own title ends like it, is answered beside another one, too.
        sure = first.how == "reported title" and _covers(first.title, text.split()[-1])
        if too_general or (not sure and share_near(first.code, _counted(exact, people)) < _TOGETHER):
            raise UnknownRole(role, self._choices(text, exact, list(people))[:_NEAREST], several=True)
        others = exact[1:]
        if not others and supported < _TOGETHER:
            others = self._choices(text, exact, list(people))
            others.remove(first)
        return Resolved(first, others[: _NEAREST - 1], bool(others))

    def _choices(self, text: str, exact: list[Match], codes: Sequence[str]) -> list[Match]:
        """Occupations that a title may name, as matches: those that have it, and then those that have it as a part."""
        known = {match.code: match for match in self.search(text, len(self._occupations))}
        has = {match.code for match in exact}
        return [*exact, *(known[code] for code in codes if code in known and code not in has)]

    @cached_property
    def _holders(self) -> TitleHolders:
        return TitleHolders(self._occupations, self._exact)

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


def _counted(exact: Sequence[Match], people: Mapping[str, float]) -> dict[str, float]:
    """People with just a title, by occupation, where those count for more whose workers say that it is theirs."""
    return {
        each.code: people.get(each.code, 0.0) * (_REPORTED_COUNTS if each.how == "reported title" else 1)
        for each in exact
    }


def _content(text: str) -> list[str]:
    """The words of a title that say something."""
    return [word for word in key_of(text).split() if word not in _LITTLE_WORDS]


def _covers(label: str, title: str) -> bool:
    """Whether a label says all that a title says, in any spelling: "Owner" is not what a product owner is."""
    has = _content(label)
    return all(any(_is_same(word, other) for other in has) for word in _content(title))


def _is_same(word: str, other: str) -> bool:
    return word == other or SequenceMatcher(None, word, other).ratio() >= _SAME_WORD
