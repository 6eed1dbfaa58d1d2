"""Classifications of industries as trees: LinkedIn's codes, NAICS and ISIC, with what leads from one to the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from shared_backend.data_management.dataset import INDUSTRIES
from shared_backend.data_management.industry_rules import industry_rules
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.title_words import fold, words_of
from shared_backend.utils.exception_handler import NotFound

LINKEDIN, NAICS, ISIC = "linkedin", "naics", "isic"
SYSTEMS: Final[Mapping[str, str]] = MappingProxyType({LINKEDIN: "LinkedIn", NAICS: "NAICS 2022", ISIC: "ISIC Rev. 4"})
_LEVELS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        LINKEDIN: ("Sector", "Industry group", "Industry", "Industry in detail", "Industry in detail"),
        NAICS: ("Sector", "Subsector", "Industry group", "NAICS industry", "National industry"),
        ISIC: ("Section", "Division", "Group", "Class"),
    }
)
# Sectors of NAICS that have several numbers.
_SPANS: Final[Mapping[str, str]] = MappingProxyType(
    {"31": "31-33", "32": "31-33", "33": "31-33", "44": "44-45", "45": "44-45", "48": "48-49", "49": "48-49"}
)
# Sections of ISIC Rev. 4 by their first divisions; codes of divisions do not name them.
_SECTIONS: Final = tuple(
    "A01 B05 C10 D35 E36 F41 G45 H49 I55 J58 K64 L68 M69 N77 O84 P85 Q86 R90 S94 T97 U99".split(" ")  # noqa: SIM905
)

How = Literal["title", "rule"]


@dataclass(frozen=True)
class Industry:
    """One industry. `level` counts from 1; `children` are those directly below, `below` all of them."""

    system: str
    code: str
    title: str
    level: int
    children: int
    below: int

    @property
    def id(self) -> str:
        """`naics:5132`: unique among all systems."""
        return f"{self.system}:{self.code}"

    @property
    def level_words(self) -> str:
        """What its system calls industries of its level."""
        words = _LEVELS[self.system]
        return words[min(self.level, len(words)) - 1]


@dataclass(frozen=True)
class Pair:
    """An industry of another system. `how`: both have the same title, or a rule of ours names both. `of` is what the
    pair is of: the industry asked for, or the nearest above it that has any."""

    industry: Industry
    how: How
    of: Industry


class IndustryTree:
    """All three trees over one knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        dataset = knowledge[INDUSTRIES]
        listed: dict[str, dict[str, tuple[str, str | None]]] = {
            LINKEDIN: {key: (label, above) for key, (label, above) in dataset.optional(LINKEDIN).items()}
        }
        for system, above in ((NAICS, _above_naics), (ISIC, _above_isic)):
            titles: dict[str, str] = dataset.optional(system)
            listed[system] = {code: (title, _known(above(code), titles, above)) for code, title in titles.items()}
        self._listed = listed
        self._below: dict[str, dict[str | None, list[str]]] = {}
        self._nodes: dict[str, dict[str, Industry]] = {}
        for system, entries in listed.items():
            below: dict[str | None, list[str]] = defaultdict(list)
            for code in sorted(entries, key=_order(system, entries)):
                below[entries[code][1]].append(code)
            self._below[system] = dict(below)
            self._nodes[system] = dict(self._grown(system))
        self._paired: dict[str, list[tuple[str, How]]] = defaultdict(list)
        self._pair()

    def find(self, given: str) -> Industry | None:
        """The industry of an id such as `naics:5132` or `linkedin:4`; None where there is none. Numbers of a sector of
        NAICS with several (`naics:32`) lead to it."""
        system, _colon, code = given.partition(":")
        if system == NAICS:
            code = _SPANS.get(code, code)
        return self._nodes.get(system, {}).get(code)

    def get(self, given: str) -> Industry:
        """The same. Raises NotFound."""
        found = self.find(given)
        if found is None:
            raise NotFound(
                f"There is no industry {given[:60]!r} in the classification in use. Search for it by its name."
            )
        return found

    def count(self, system: str) -> int:
        """How many industries a system has, of all levels."""
        return len(self._nodes[system])

    def all(self, system: str) -> list[Industry]:
        """All industries of a system, each before those below it."""
        return list(self._walk(system, None))

    def top(self, system: str) -> list[Industry]:
        """The widest industries of a system."""
        return self._at(system, None)

    def children(self, industry: Industry) -> list[Industry]:
        """Those directly below."""
        return self._at(industry.system, industry.code)

    def path(self, industry: Industry) -> list[Industry]:
        """From the widest industry down to this one, itself included."""
        return [self._nodes[industry.system][code] for code in self.lineage(industry.system, industry.code)][::-1]

    def lineage(self, system: str, code: str) -> list[str]:
        """The code and all above it, the nearest first."""
        found: list[str] = []
        at: str | None = code
        while at is not None:
            found.append(at)
            at = self._listed[system][at][1]
        return found

    def search(self, text: str, system: str) -> list[Industry]:
        """Industries whose code begins with the text, or whose title has all of its words (the last may be unfinished);
        the closest first."""
        wanted, begun = words_of(text), text.strip()
        if not wanted:
            return []
        scored: list[tuple[float, int, Industry]] = []
        for node in self._nodes[system].values():
            words = words_of(node.title)
            if begun[:1].isdigit() and node.code.startswith(begun):
                score = 2.0 - len(node.code) / 100
            elif all(word in words for word in wanted[:-1]) and any(word.startswith(wanted[-1]) for word in words):
                score = len(wanted) / len(words)
            else:
                continue
            scored.append((-score, node.level, node))
        return [node for _score, _level, node in sorted(scored, key=lambda each: (each[0], each[1], each[2].code))]

    def pairs(self, industry: Industry) -> list[Pair]:
        """What it is in the other systems, as far as that is known: of itself, or else of the nearest above it."""
        for above in reversed(self.path(industry)):
            if found := self._paired_with(above):
                return [Pair(self.get(other), how, above) for other, how in found]
        return []

    def sector(self, industry: Industry) -> Industry | None:
        """The sector of NAICS that it is in: its own, or that of all that it is paired with, or else that those below
        it are paired with. None where that is not known, or not one."""
        if industry.system == NAICS:
            return self.path(industry)[0]
        sectors = self._sectors([industry]) or self._sectors(list(self._walk(industry.system, industry.code)))
        return sectors.pop() if len(sectors) == 1 else None

    def _sectors(self, industries: list[Industry]) -> set[Industry]:
        pairs = (pair for industry in industries for pair in self.pairs(industry))
        return {self.path(pair.industry)[0] for pair in pairs if pair.industry.system == NAICS}

    def _paired_with(self, industry: Industry) -> list[tuple[str, How]]:
        """Its pairs, or those of an industry that is the same one by a longer code."""
        found = self._paired.get(industry.id)
        only = self.children(industry) if found is None else []
        if len(only) == 1 and only[0].title == industry.title:
            return self._paired_with(only[0])
        return found or []

    def _grown(self, system: str) -> Iterator[tuple[str, Industry]]:
        below: dict[str, int] = defaultdict(int)
        for code in self._listed[system]:
            for above in self.lineage(system, code)[1:]:
                below[above] += 1
        for code, (title, _above) in self._listed[system].items():
            level = len(self.lineage(system, code))
            yield code, Industry(system, code, title, level, len(self._below[system].get(code, ())), below[code])

    def _at(self, system: str, code: str | None) -> list[Industry]:
        return [self._nodes[system][each] for each in self._below[system].get(code, ())]

    def _walk(self, system: str, code: str | None) -> Iterator[Industry]:
        for node in self._at(system, code):
            yield node
            yield from self._walk(system, node.code)

    def _pair(self) -> None:
        """Equal titles, and the pairs of our rules. Where a title stands on several levels of one branch, the widest is
        meant: NAICS repeats the title of a group that has one industry."""
        by_title: dict[str, dict[str, list[str]]] = {system: defaultdict(list) for system in self._nodes}
        for system, nodes in self._nodes.items():
            for node in sorted(nodes.values(), key=lambda each: each.level):
                same = by_title[system][fold(node.title)]
                if not set(self.lineage(system, node.code)[1:]) & set(same):
                    same.append(node.code)
        for system, others in ((LINKEDIN, (NAICS, ISIC)), (NAICS, (ISIC,))):
            for title, codes in by_title[system].items():
                for other in others:
                    for one in codes:
                        for two in by_title[other].get(title, ()):
                            self._add(f"{system}:{one}", f"{other}:{two}", "title")
        labels = {node.title: node for node in self._nodes[LINKEDIN].values()}
        for rule in industry_rules():
            named, coded = labels.get(rule.linkedin), self.find(f"{NAICS}:{rule.naics}")
            if named is not None and coded is not None:
                self._add(named.id, coded.id, "rule")

    def _add(self, one: str, two: str, how: How) -> None:
        if all(other != two for other, _how in self._paired[one]):
            self._paired[one].append((two, how))
            self._paired[two].append((one, how))


def _above_naics(code: str) -> str | None:
    if "-" in code or len(code) == 2:
        return None
    return _SPANS.get(code[:2], code[:2]) if len(code) == 3 else code[:-1]


def _above_isic(code: str) -> str | None:
    if code.isalpha():
        return None
    if len(code) == 2:
        return next((each[0] for each in reversed(_SECTIONS) if each[1:] <= code), None)
    return code[:-1]


def _known(code: str | None, known: Mapping[str, str], above: Callable[[str], str | None]) -> str | None:
    """The code, or the nearest one above it that the listing has."""
    while code is not None and code not in known:
        code = above(code)
    return code


def _order(system: str, entries: Mapping[str, tuple[str, str | None]]) -> Callable[[str], str]:
    # LinkedIn's numbers say nothing.
    return (lambda code: fold(entries[code][0])) if system == LINKEDIN else (lambda code: code)
