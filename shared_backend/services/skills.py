"""Skills as the admin portal looks them up: any of three vocabularies, who needs one, how many candidates have it.

Who may read everything may look skills up; every call asks again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import func, select

from shared_backend.data_management.ai_data_manager import AIDataManager
from shared_backend.data_management.crosswalk import Crosswalk
from shared_backend.data_management.dataset import ESCO, ONET
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.occupations import Occupations
from shared_backend.data_management.skill_catalog import KINDS, Entry, Hit, Kind, SkillCatalog
from shared_backend.database.engine import Database
from shared_backend.database.tables import EntityHead
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.services.skill_holders import has_skill
from shared_backend.utils.exception_handler import InvalidInput

_HEAD: Any = EntityHead.__table__  # type: ignore[attr-defined]
_RELATED, _LONGEST, _MOST = 10, 200, 100
_HOT, _IN_DEMAND = 1, 2


@dataclass(frozen=True)
class Need:
    """An occupation that needs a skill. O*NET's: `importance` 1 to 5 and `level` 0 to 7; a technology's: `hot` and
    `in_demand`; None and False where it is not said. `code` is O*NET's, or empty where ESCO's occupation leads to
    none."""

    code: str
    title: str
    importance: float | None = None
    level: float | None = None
    hot: bool = False
    in_demand: bool = False


@dataclass(frozen=True)
class Related:
    """A related skill, and how much: what `basis` of the answer says."""

    entry: Entry
    share: float


@dataclass(frozen=True)
class SkillFacts:
    """All that is known of one skill. `needs` comes with the most important first."""

    entry: Entry
    other_names: list[str]
    needs: list[Need]
    related: list[Related]
    basis: str
    same_name: list[Entry]
    sources: list[dict[str, str]]


class Skills:
    """Over the knowledge that is in use, and the candidates of one database."""

    def __init__(self, knowledge: AIDataManager, database: Database) -> None:
        self._knowledge = knowledge
        self._database = database

    def search(self, words: str, *, actor: Actor, kinds: tuple[Kind, ...] = KINDS, limit: int = 40) -> list[Hit]:
        """Skills that have the words in one of their names. Raises InvalidInput for words that are far too long."""
        _authorise(actor)
        if len(words) > _LONGEST:
            raise InvalidInput(f"Search for something of at most {_LONGEST} characters.")
        return self._catalog().search(words, kinds, max(1, min(limit, _MOST)))

    def of_onet(self, kind: Kind, *, actor: Actor) -> list[Entry]:
        """O*NET's skills or knowledge, all of them."""
        _authorise(actor)
        return self._catalog().entries(kind)

    def most_in_demand(self, *, actor: Actor, limit: int = 12) -> tuple[list[tuple[Entry, int]], list[dict[str, str]]]:
        """The technologies that are in demand in most occupations, in how many, and the sources."""
        _authorise(actor)
        return self._catalog().most_used(limit), self._knowledge.current().sources(ONET)

    def facts(self, entry_id: str, *, actor: Actor) -> SkillFacts:
        """One skill. Raises UnknownSkill."""
        _authorise(actor)
        knowledge = self._knowledge.current()
        catalog = knowledge.view(SkillCatalog)
        entry = catalog[entry_id]
        if entry.kind in ("skill", "knowledge"):
            needs, related, basis = (*_rated(knowledge, catalog, entry), "correlation")
        else:
            needs = _used(knowledge, catalog, entry)
            shared = catalog.together(entry, _RELATED)
            related = [Related(other, share) for other, share, _number in shared]
            basis = "together"
            if not related:
                related = [Related(other, share) for other, share in catalog.alike(entry, _RELATED)]
                basis = "words"
        sources = knowledge.sources(ESCO if entry.kind == "esco" else ONET)
        others = catalog.other_names(entry)
        return SkillFacts(entry, others, needs, related, basis, catalog.same_name(entry), sources)

    def holders(self, entry_id: str, *, actor: Actor) -> int:
        """How many candidates have the skill in their profile: as a skill or a keyword of one, by one of its names, in
        any case. Counted in the database."""
        _authorise(actor)
        names = self._catalog().names(self._catalog()[entry_id])
        with self._database.read() as connection:
            query = select(func.count()).select_from(_HEAD).where(*_ALIVE, has_skill(self._database.dialect, names))
            return connection.execute(query).scalar_one()

    def names(self, entry_id: str, *, actor: Actor) -> tuple[str, list[str]]:
        """A skill's name, and all names by which candidates may have it. Raises UnknownSkill."""
        _authorise(actor)
        catalog = self._catalog()
        return catalog[entry_id].name, catalog.names(catalog[entry_id])

    def candidates(self, *, actor: Actor) -> int:
        """How many candidates have a profile."""
        _authorise(actor)
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(_HEAD).where(*_ALIVE)).scalar_one()

    def _catalog(self) -> SkillCatalog:
        return self._knowledge.current().view(SkillCatalog)


_ALIVE: Final = (_HEAD.c.kind == "user_profile", _HEAD.c.deleted.is_(False))


def _rated(knowledge: Knowledge, catalog: SkillCatalog, entry: Entry) -> tuple[list[Need], list[Related]]:
    """The occupations that are rated, by importance; and the elements whose importance goes with this one's over them:
    Pearson's correlation, where it is positive."""
    table = knowledge[ONET].table("skills" if entry.kind == "skill" else "knowledge")
    elements = [f"onet:{element}" for element, _name in table["elements"]]
    at, codes = elements.index(entry.id), list(table["importance"])
    occupations = knowledge.view(Occupations)
    needs = []
    for code in codes:
        level = table["level"][code][at]
        rated = table["importance"][code][at] / 100
        needs.append(Need(code, occupations.title(code), rated, None if level is None else level / 100))
    needs.sort(key=lambda need: (-(need.importance or 0), -(need.level or 0), need.title))
    with np.errstate(invalid="ignore"):
        goes_with = np.corrcoef(np.array([table["importance"][code] for code in codes], dtype=float), rowvar=False)[at]
    order = [int(place) for place in np.argsort(-np.nan_to_num(goes_with)) if place != at and goes_with[place] > 0]
    return needs, [Related(catalog[elements[place]], float(goes_with[place])) for place in order[:_RELATED]]


def _used(knowledge: Knowledge, catalog: SkillCatalog, entry: Entry) -> list[Need]:
    """The occupations that use a technology, those that ask for it first; or the ICT occupations of ESCO."""
    if entry.kind == "technology":
        occupations = knowledge.view(Occupations)
        found = [
            Need(code, occupations.title(code), hot=bool(flags & _HOT), in_demand=bool(flags & _IN_DEMAND))
            for code, flags in catalog.occupations(entry)
        ]
        return sorted(found, key=lambda need: (not need.in_demand, need.title))
    rows, to_onet = knowledge[ESCO].table("occupations"), knowledge.view(Crosswalk).to_onet
    uses = [(key, rows[key][0]) for key, _flags in catalog.occupations(entry) if key in rows]
    return sorted(
        (Need(to_onet[key][0] if key in to_onet else "", label) for key, label in uses), key=lambda need: need.title
    )


def _authorise(actor: Actor) -> None:
    actor.require(Permission.READ_ALL, "look skills up")
