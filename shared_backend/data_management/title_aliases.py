"""Aliases: the company's own titles, as administrators have said which occupations they mean.

The id of an alias follows from its title, whatever its case, spelling of plurals and punctuation. So a title can't have
two, and who asks for a title finds its alias by one look at the primary key: there is nothing to cache or to go stale.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.occupation_index import Match, OccupationIndex
from shared_backend.data_management.occupations import Occupations
from shared_backend.data_management.title_parts import spell_out, split_title
from shared_backend.data_management.title_words import singular
from shared_backend.database.engine import Database
from shared_backend.lockstep import entities
from shared_backend.lockstep.entities import Entity

KIND = "title_alias"
# Letters and digits of any script; `c++`, `c#` and `.net` stay whole, as in other titles.
_WORD = re.compile(r"\.net\b|[^\W_]+[+#]*")
_POSSESSIVE = re.compile(r"[’']s\b")
# Accents of Latin, Greek and Cyrillic letters. The marks of other scripts make other letters.
_ACCENTS = re.compile(r"[\u0300-\u036f]")


@dataclass(frozen=True)
class Alias:
    """One alias as it stands now."""

    id: str
    title: str
    code: str
    note: str
    version: int
    set_by: str
    set_at: datetime

    @classmethod
    def of(cls, entity: Entity) -> Alias:
        """The alias that an entity holds."""
        data = entity.data
        return cls(
            entity.id,
            data.get("title", ""),
            data.get("code", ""),
            data.get("note", ""),
            entity.version,
            entity.updated_by_name,
            entity.updated_at,
        )

    def facts(self) -> dict[str, str]:
        """Where an answer by this alias comes from, in the form of the other sources."""
        who = f"{self.set_by} (administrator)" if self.set_by else "an administrator"
        return {
            "source": "alias",
            "title": f"Alias set by {who}",
            "publisher": "Your company",
            "vintage": f"{self.set_at.day} {self.set_at:%B %Y}",
            "version": f"alias-{self.id[:12]}-v{self.version}",
            "licence": "The company's own",
            "attribution": "",
            "address": "",
        }

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "id": self.id,
            "title": self.title,
            "code": self.code,
            "note": self.note,
            "version": self.version,
            "set_by": self.set_by,
            "set_at": self.set_at.isoformat(),
        }


@dataclass(frozen=True)
class AliasMatch:
    """The occupation that an alias gives a title. `whole`: the alias is of all that the title says of the work, and not
    of its function alone."""

    alias: Alias
    occupation: str
    whole: bool

    def match(self) -> Match:
        """As the other ways of finding an occupation are told."""
        return Match(self.alias.code, self.occupation, self.alias.title, "alias", 1.0 if self.whole else 0.9)


def alias_key(title: str) -> str:
    """What spellings of one title have in common, in any script; empty for a title without a word."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", spell_out(title).casefold()))
    words = _WORD.findall(_POSSESSIVE.sub("", unicodedata.normalize("NFC", plain)))
    return " ".join(map(singular, words))


def alias_id(title: str) -> str:
    """The id of the alias of a title, whether there is one or not."""
    return hashlib.sha256(alias_key(title).encode()).hexdigest()[:32]


def alias_ids(title: str) -> tuple[str, ...]:
    """The ids of all aliases that could say what a title means: of the whole, of it without rank and noise, and of its
    function alone. Who shows what a title means listens to these."""
    return tuple(dict.fromkeys(alias_id(words) for words in _ways(title) if alias_key(words)))


class AliasReader:
    """The aliases of one database; none without one."""

    def __init__(self, database: Database | None) -> None:
        self._database = database

    def by_ids(self, ids: Iterable[str]) -> dict[str, Alias]:
        """Those of these that there are now, by id."""
        wanted = list(ids)
        if self._database is None or not wanted:
            return {}
        with self._database.read() as connection:
            found = entities.heads(connection, KIND, wanted)
        return {key: Alias.of(entity) for key, entity in found.items() if not entity.deleted}

    def match(self, knowledge: Knowledge, title: str) -> AliasMatch | None:
        """What an alias makes of a title. An alias of the whole title goes before all. One of its function alone only
        where O*NET knows no title like the whole: that "Manager" has an alias says nothing of a "Manager, Sales". One
        whose occupation is not in the knowledge in use says nothing at all."""
        found = self.by_ids(alias_ids(title))
        if not found:
            return None
        occupations = knowledge.view(Occupations)
        if title.strip() in occupations:
            return None
        whole, matter, function = _ways(title)
        for words in (whole, matter):
            alias = found.get(alias_id(words))
            if alias is not None and alias.code in occupations:
                return AliasMatch(alias, occupations.title(alias.code), True)
        alias = found.get(alias_id(function))
        index = knowledge.view(OccupationIndex)
        if alias is None or alias.code not in occupations or index.knows(whole) or index.knows(matter):
            return None
        return AliasMatch(alias, occupations.title(alias.code), False)


def _ways(title: str) -> tuple[str, str, str]:
    parts = split_title(title)
    return parts.title, parts.matter, parts.function
