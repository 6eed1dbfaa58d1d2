"""Industries for who looks at them: the trees, figures of a sector, and how many candidates have worked in one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, select

from shared_backend.data_management.ai_data_manager import AIDataManager
from shared_backend.data_management.dataset import BLS, INDUSTRIES
from shared_backend.data_management.document_access import as_of_now
from shared_backend.data_management.industry_employers import EmployerIndustries
from shared_backend.data_management.industry_figures import IndustryFigures, SectorFigures
from shared_backend.data_management.industry_tree import Industry, IndustryTree
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.database.engine import Database
from shared_backend.database.tables import EntityHead
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.utils.cache_manager import CacheManager

_HEAD: Any = EntityHead.__table__  # type: ignore[attr-defined]
_PROFILE: Final = "user_profile"
_NAMED: Final = 10
_LONGEST_NAME: Final = 200


@dataclass(frozen=True)
class IndustryPeople:
    """Candidates in an industry and in those below it: who works there `now` and who ever has. `employers` are the most
    frequent, with how many candidates each."""

    now: int = 0
    ever: int = 0
    employers: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class PeopleCount:
    """Over all profiles. `employers` are the different names in them, and `told` those that say an industry."""

    profiles: int
    employers: int
    told: int
    by_industry: dict[str, IndustryPeople]


@dataclass(frozen=True)
class IndustryLook:
    """What is in use now: the trees, with where they come from."""

    tree: IndustryTree
    sources: tuple[dict[str, str], ...]


class IndustryDesk:
    """Takes READ_ALL, asked anew with each call: PermissionDenied."""

    def __init__(self, database: Database, knowledge: AIDataManager) -> None:
        self._database = database
        self._knowledge = knowledge
        self._employers = CacheManager(50_000)
        self._counts = CacheManager(1)

    def look(self, *, actor: Actor) -> IndustryLook:
        """The trees. Raises NotFound where no classification was imported or shipped."""
        with self._database.read() as connection:
            self._may_look(connection, actor)
        knowledge = self._knowledge.current()
        return IndustryLook(knowledge.view(IndustryTree), tuple(knowledge.sources(INDUSTRIES)))

    def figures(self, industry: Industry, *, actor: Actor) -> tuple[SectorFigures | None, tuple[dict[str, str], ...]]:
        """Those of the sector of NAICS that an industry is in, and where they come from; None where nobody has any."""
        with self._database.read() as connection:
            self._may_look(connection, actor)
        knowledge = self._knowledge.current()
        tree = knowledge.view(IndustryTree)
        here = tree.find(industry.id)
        sector = tree.sector(here) if here is not None else None
        found = knowledge.view(IndustryFigures).of_sector(sector.code) if sector is not None else None
        return found, tuple(knowledge.sources(BLS))

    def people(self, *, actor: Actor) -> PeopleCount:
        """Which industries candidates work and have worked in, by what their employers are called. It is counted anew
        when a profile has changed."""
        with self._database.snapshot() as connection:
            self._may_look(connection, actor)
            state = connection.execute(
                select(func.count(), func.max(_HEAD.c.updated_at), func.sum(_HEAD.c.version)).where(_alive())
            ).one()
            knowledge = self._knowledge.current()
            versions = (*knowledge.key, *map(str, state))
            return self._counts.get(("people",), versions, lambda: self._count(connection, knowledge))

    def _count(self, connection: Connection, knowledge: Knowledge) -> PeopleCount:
        said = knowledge.view(EmployerIndustries)
        now: dict[str, set[str]] = defaultdict(set)
        ever: dict[str, set[str]] = defaultdict(set)
        named: dict[str, Counter[str]] = defaultdict(Counter)
        profiles, names, told = 0, set(), set()
        rows = connection.execution_options(yield_per=500).execute(
            select(_HEAD.c.entity_id, _HEAD.c.data).where(_alive())
        )
        for person, data in rows:
            profiles += 1
            for name, is_now in sorted(_jobs(data).items()):
                names.add(name)
                for key in self._employers.get((name,), knowledge.key, lambda name=name: said.of(name)):  # type: ignore[misc]
                    told.add(name)
                    ever[key].add(person)
                    named[key][name] += 1
                    if is_now:
                        now[key].add(person)
        found = {
            key: IndustryPeople(len(now[key]), len(people), tuple(named[key].most_common(_NAMED)))
            for key, people in ever.items()
        }
        return PeopleCount(profiles, len(names), len(told), found)

    @staticmethod
    def _may_look(connection: Connection, actor: Actor) -> None:
        as_of_now(connection, actor).require(Permission.READ_ALL, "see industries and who works in them")


def _alive() -> Any:
    return (_HEAD.c.kind == _PROFILE) & _HEAD.c.deleted.is_(False)


def _jobs(data: Any) -> dict[str, bool]:
    """The employers of a profile, and whether the person is there still."""
    found: dict[str, bool] = {}
    for entry in _entries(data):
        name = " ".join(str(entry.get("name") or "").split())[:_LONGEST_NAME]
        if name:
            found[name] = found.get(name, False) or not entry.get("endDate")
    return found


def _entries(data: Any) -> Iterator[dict[str, Any]]:
    work = data.get("work") if isinstance(data, dict) else None
    yield from (entry for entry in work or () if isinstance(entry, dict))
