"""Names of skills and technologies, and where a text has them. No database, no numeric library: quick in a worker."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from shared_backend.data_management.dataset import ESCO, ONET
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.title_words import fold, singular

Taxonomy = Literal["esco", "onet"]

# A word of a name: letters and digits with what belongs to them in C++, C#, .NET, Node.js, PL/SQL, T-SQL.
_TOKEN = re.compile(r"(?:\.(?=[A-Za-z]))?[^\W_]+(?:[+#]+|(?:[./&-](?=[^\W_]))[^\W_]+[+#]*)*", re.UNICODE)
_LONGEST = 8
# Vendors whose products are mostly named without them.
_VENDORS = {
    "microsoft",
    "adobe",
    "apache",
    "oracle",
    "google",
    "ibm",
    "autodesk",
    "atlassian",
    "amazon",
    "cisco",
    "red hat",
}
_ACRONYM = re.compile(r"(?:^|\s)\(?([A-Z][A-Z0-9/&.+#-]{1,9})\)?(?:\s+(?:software|systems?))?$")
_GENERIC = re.compile(r"\s+(?:software|systems?|tools?)$")
# Everyday words are names of products as well ("Go", "Access"): single names up to this length, and all single names of
# technologies, are taken only as they are written.
_CASE_MATTERS = 5


@dataclass(frozen=True)
class Skill:
    """One skill. `id` is ESCO's, or the name for O*NET's technologies; `category` O*NET's commodity or empty."""

    id: str
    name: str
    taxonomy: Taxonomy
    category: str = ""


@dataclass(frozen=True)
class SkillMention:
    """Where a text has a skill: `text[start:end]`. `skills` are all that go by that name."""

    start: int
    end: int
    skills: tuple[Skill, ...]


class SkillIndex:
    """ESCO's skills with their other labels, and O*NET's technologies with the short forms that follow from their names
    ("Structured query language SQL" is SQL, "Microsoft Excel" is Excel where nothing else is)."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._exact: dict[str, dict[Skill, None]] = defaultdict(dict)
        # Names that are read as they are written only: key → the spellings.
        self._spelled: dict[str, set[str]] = defaultdict(set)
        # First word of a name → how many words names have that begin with it, most first.
        self._sizes: dict[str, tuple[int, ...]] = {}
        if ONET in knowledge:
            self._add_technologies(knowledge[ONET].table("technology"))
        if ESCO in knowledge:
            esco = knowledge[ESCO]
            others = esco.table("skill_labels")
            for key, label in esco.table("skills").items():
                skill = Skill(key, label, "esco")
                for name in (label, *others.get(key, ())):
                    self._add(name, skill)
        sizes: dict[str, set[int]] = defaultdict(set)
        for key in self._exact:
            sizes[key.partition(" ")[0]].add(key.count(" ") + 1)
        self._sizes = {first: tuple(sorted(some, reverse=True)) for first, some in sizes.items()}

    @classmethod
    def shipped(cls) -> SkillIndex:
        """Over what the product ships: for a process without a database."""
        return cls(Knowledge.shipped())

    def __len__(self) -> int:
        return len(self._exact)

    def lookup(self, name: str) -> list[Skill]:
        """The skills that go by a name, in any case and number; empty where none does."""
        return list(self._exact.get(_key([match.group() for match in _TOKEN.finditer(name)]), ()))

    def find_in(self, text: str) -> list[SkillMention]:
        """Every name in a text, the longest where several overlap, from left to right. Short names and single everyday
        words count only where they are spelled as the name is ("Go", "R", "Access")."""
        tokens = list(_TOKEN.finditer(text))
        keys = [_key([match.group()]) for match in tokens]
        found: list[SkillMention] = []
        at = 0
        while at < len(tokens):
            mention = self._longest_at(text, tokens, keys, at)
            if mention is None:
                at += 1
                continue
            found.append(mention[0])
            at += mention[1]
        return found

    def _longest_at(
        self, text: str, tokens: list[re.Match[str]], keys: list[str], at: int
    ) -> tuple[SkillMention, int] | None:
        for size in self._sizes.get(keys[at], ()):
            if at + size > len(tokens):
                continue
            key = " ".join(keys[at : at + size])
            skills = self._exact.get(key)
            start, end = tokens[at].start(), tokens[at + size - 1].end()
            if skills and "\n" not in text[start:end] and self._is_spelled(key, text[start:end]):
                return SkillMention(start, end, tuple(skills)), size
        return None

    def _is_spelled(self, key: str, written: str) -> bool:
        spellings = self._spelled.get(key)
        return spellings is None or " ".join(written.split()) in spellings

    def _add_technologies(self, table: dict[str, Any]) -> None:
        categories: dict[int, str] = {}
        for rows in table["by_occupation"].values():
            for place, commodity, _flags in rows:
                categories[place] = table["commodities"][commodity]
        shorter: dict[str, set[Skill]] = defaultdict(set)
        for place, name in enumerate(table["names"]):
            skill = Skill(name, name, "onet", categories.get(place, ""))
            self._add(name, skill)
            for short in short_forms(name):
                shorter[short].add(skill)
        for short, skills in shorter.items():
            # A short form of two technologies is the name of neither.
            if len(skills) == 1:
                self._add(short, next(iter(skills)), short=True)

    def _add(self, name: str, skill: Skill, *, short: bool = False) -> None:
        tokens = [match.group() for match in _TOKEN.finditer(name)]
        if not tokens or len(tokens) > _LONGEST:
            return
        key = _key(tokens)
        if short and key in self._exact:
            return
        self._exact[key][skill] = None
        if len(tokens) == 1 and (len(name) <= _CASE_MATTERS or (skill.taxonomy == "onet" and name.isalpha())):
            self._spelled[key].add(name)


def short_forms(name: str) -> Iterator[str]:
    """`SQL` of "Structured query language SQL", `Excel` of "Microsoft Excel", "Hadoop" of "Apache Hadoop"."""
    bare = _GENERIC.sub("", name)
    if bare != name:
        yield bare
    first, _space, rest = bare.partition(" ")
    if first.lower() in _VENDORS and rest:
        yield rest
    acronym = _ACRONYM.search(name)
    if acronym and len(acronym.group(1)) < len(name):
        initials = "".join(word[0] for word in re.findall(r"[A-Za-z]+", name[: acronym.start()])).upper()
        if initials.endswith(re.sub(r"[^A-Z]", "", acronym.group(1))):
            yield acronym.group(1)


def _key(tokens: list[str]) -> str:
    return " ".join(singular(fold(token)) for token in tokens)
