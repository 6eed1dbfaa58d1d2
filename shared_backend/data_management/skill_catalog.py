"""All skills that are known, of three vocabularies: O*NET's skills and knowledge, its technologies, and ESCO's skills.

An id says which: `onet:2.A.1.a`, `tech:Python`, `esco:<id>`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from shared_backend.data_management.dataset import ESCO, ONET
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.skill_index import short_forms
from shared_backend.data_management.title_words import key_of, words_of
from shared_backend.utils.exception_handler import NotFound

Kind = Literal["skill", "knowledge", "technology", "esco"]
KINDS: tuple[Kind, ...] = ("skill", "knowledge", "technology", "esco")
_LEAST_SHARED, _BY_FAR = 2, 5
# Names that candidates may use; a skill with more has its own name and its first others counted.
_NAMES = 40


@dataclass(frozen=True)
class Entry:
    """One skill. `category` is O*NET's kind of software, for technologies."""

    id: str
    name: str
    kind: Kind
    category: str = ""


@dataclass(frozen=True)
class Hit:
    """A skill that a search has found: by which of its names, and how much of that name was asked for (0 to 1)."""

    entry: Entry
    label: str
    score: float


class UnknownSkill(NotFound):
    """There is no such skill in the data in use. It may be in another version."""

    code = "unknown_skill"


class SkillCatalog:
    """A view of the knowledge: made on first use, in half a second."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._entries: dict[str, Entry] = {}
        self._labels: dict[str, list[str]] = defaultdict(list)
        self._used_by: dict[str, list[tuple[str, int]]] = defaultdict(list)
        if ONET in knowledge:
            self._add_onet(knowledge[ONET])
        if ESCO in knowledge:
            others = knowledge[ESCO].table("skill_labels")
            for key, label in knowledge[ESCO].table("skills").items():
                self._add(Entry(f"esco:{key}", label, "esco"), others.get(key, ()))
            # The release tells it of ICT occupations alone.
            for occupation, skills in knowledge[ESCO].optional("occupation_skills").items():
                for key in skills:
                    self._used_by[f"esco:{key}"].append((occupation, 0))
        # For each name its words, and the key by which two spellings of it are equal.
        self._names = [
            (entry, label, frozenset(words_of(label)), key_of(label))
            for entry in self._entries.values()
            for label in (entry.name, *self._labels[entry.id])
        ]

    def __getitem__(self, entry_id: str) -> Entry:
        """A skill by its id. Raises UnknownSkill."""
        found = self._entries.get(entry_id)
        if found is None:
            raise UnknownSkill()
        return found

    def entries(self, kind: Kind) -> list[Entry]:
        """All of a kind, in the order of their vocabulary."""
        return [entry for entry in self._entries.values() if entry.kind == kind]

    def search(self, text: str, kinds: tuple[Kind, ...] = KINDS, limit: int = 40) -> list[Hit]:
        """Skills with a name that has all words of a text, the last of which may be unfinished; the nearest first, each
        once."""
        wanted = words_of(text)
        if not wanted:
            return []
        whole, best = key_of(text), dict[str, Hit]()
        for entry, label, words, key in self._names:
            if entry.kind not in kinds:
                continue
            if sum(word in words for word in wanted[:-1]) + any(w.startswith(wanted[-1]) for w in words) < len(wanted):
                continue
            exact = key == whole
            finished = 0.9 if wanted[-1] in words else 0.8
            score = 1.0 if exact else finished * min(len(wanted) / max(len(words), 1), 1.0)
            if entry.id not in best or best[entry.id].score < score:
                best[entry.id] = Hit(entry, label, round(score, 4))

        def order(hit: Hit) -> tuple[float, int, int, str]:
            used = len(self._used_by.get(hit.entry.id, ()))
            return -hit.score, -used, KINDS.index(hit.entry.kind), hit.entry.name

        return sorted(best.values(), key=order)[:limit]

    def other_names(self, entry: Entry) -> list[str]:
        """Its other names, as published; for technologies the short forms that follow from the name."""
        return list(self._labels[entry.id])

    def names(self, entry: Entry) -> list[str]:
        """The names by which a candidate's skill is this one: its own, and those that are no other skill's own."""
        return list(dict.fromkeys([entry.name, *self._labels[entry.id]]))[:_NAMES]

    def same_name(self, entry: Entry) -> list[Entry]:
        """Skills of the other vocabularies that go by one of its names."""
        keys = {key_of(name) for name in self.names(entry)}
        found = {other.id: other for other, _label, _words, key in self._names if key in keys and other.id != entry.id}
        return [other for other in found.values() if other.kind != entry.kind]

    def occupations(self, entry: Entry) -> list[tuple[str, int]]:
        """For a technology the occupations that use it, as (code, flags: 1 hot, 2 in demand); for an ESCO skill its
        ESCO occupations, as (id, 0). In no order."""
        return list(self._used_by.get(entry.id, ()))

    def most_used(self, limit: int) -> list[tuple[Entry, int]]:
        """The technologies that are in demand in most occupations, and in how many."""
        counted = [
            (entry, sum(bool(flags & 2) for _code, flags in self._used_by[entry.id]))
            for entry in self.entries("technology")
        ]
        return sorted(counted, key=lambda each: (-each[1], each[0].name))[:limit]

    def together(self, entry: Entry, limit: int) -> list[tuple[Entry, float, int]]:
        """Technologies, or ESCO skills, that the same occupations have: (skill, share of the occupations of either that
        have both, how many that are), the nearest first. What one occupation alone shares is left out."""
        mine = {code for code, _flags in self._used_by.get(entry.id, ())}
        if len(mine) < _LEAST_SHARED:
            return []
        shared: Counter[str] = Counter()
        for other, used in self._used_by.items():
            if other != entry.id and other in self._entries and self._entries[other].kind == entry.kind:
                number = sum(code in mine for code, _flags in used)
                if number >= _LEAST_SHARED:
                    shared[other] = number
        found = [
            (self._entries[other], number / (len(mine) + len(self._used_by[other]) - number), number)
            for other, number in shared.items()
        ]
        return sorted(found, key=lambda each: (-each[1], each[0].name))[:limit]

    def alike(self, entry: Entry, limit: int) -> list[tuple[Entry, float]]:
        """Skills of its vocabulary whose names share words with its own: (skill, share of the words of either)."""
        mine = {word for word in words_of(entry.name) if len(word) > 2}
        found: dict[str, tuple[Entry, float]] = {}
        for other, _label, words, _key in self._names:
            if other.kind != entry.kind or other.id == entry.id or not mine & words:
                continue
            share = len(mine & words) / len(mine | words)
            if share >= 1 / 3 and (other.id not in found or found[other.id][1] < share):
                found[other.id] = (other, share)
        return sorted(found.values(), key=lambda each: (-each[1], each[0].name))[:limit]

    def _add_onet(self, onet: Any) -> None:
        for kind in ("skill", "knowledge"):
            for element, name in onet.table("skills" if kind == "skill" else "knowledge")["elements"]:
                self._add(Entry(f"onet:{element}", name, kind), ())
        table, kinds = onet.table("technology"), {}
        for code, rows in table["by_occupation"].items():
            for place, commodity, flags in rows:
                kinds[place] = table["commodities"][commodity]
                self._used_by[f"tech:{table['names'][place]}"].append((code, flags))
        owners = _owners(table["names"], {name: len(self._used_by[f"tech:{name}"]) for name in table["names"]})
        for place, name in enumerate(table["names"]):
            own = [short for short in short_forms(name) if owners.get(key_of(short)) == name]
            self._add(Entry(f"tech:{name}", name, "technology", kinds.get(place, "")), own)

    def _add(self, entry: Entry, others: Iterable[str]) -> None:
        self._entries[entry.id] = entry
        self._labels[entry.id] = [other for other in dict.fromkeys(others) if other != entry.name]


def _owners(names: Iterable[str], used: Mapping[str, int]) -> dict[str, str]:
    """Which technology a short form means, by its key: the only one that has it, or one that is used by far most (the
    list has "Structure query language SQL", too). None that is another's own name."""
    having: dict[str, set[str]] = defaultdict(set)
    for name in names:
        for short in short_forms(name):
            having[key_of(short)].add(name)
    for name in names:
        having.pop(key_of(name), None)
    owners = {}
    for key, found in having.items():
        first, *others = sorted(found, key=lambda name: -used[name])
        if not others or used[first] >= _BY_FAR * used[others[0]]:
            owners[key] = first
    return owners
