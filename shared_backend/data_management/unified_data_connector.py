"""UnifiedDataConnector: what is known of an occupation, of moves from it, of its pay and of the market.

Answers are plain dictionaries. Each carries `sources`: where its figures come from, with vintage, version, licence and
attribution. A role is an O*NET-SOC code or any title, the company's own first (aliases); one that is not known raises
UnknownRole with the nearest titles, and so does one whose occupations lie far apart. Of several that lie near one
another the one is answered that most people with the title have; `matched` then says `ambiguous`, and names `others`.
"""

from __future__ import annotations

import copy
import functools
import threading
from collections.abc import Callable
from typing import Any

from shared_backend.config.backend_config import load_settings
from shared_backend.data_management.ai_data_manager import AIDataManager
from shared_backend.data_management.career_moves import CareerMoves
from shared_backend.data_management.crosswalk import Crosswalk
from shared_backend.data_management.dataset import BLS, ESCO, INDUSTRIES, MARKET, ONET
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.knowledge_search import KINDS, KnowledgeSearch
from shared_backend.data_management.market_trends import MarketTrends
from shared_backend.data_management.occupation_index import OccupationIndex, Resolved, UnknownRole
from shared_backend.data_management.occupations import ZONES, Occupations
from shared_backend.data_management.pay import Pay
from shared_backend.database.engine import Database
from shared_backend.database.migrate import migrate
from shared_backend.utils.cache_manager import CacheFigures, CacheManager
from shared_backend.utils.exception_handler import InvalidInput

__all__ = ["UnifiedDataConnector", "UnknownRole", "get_connector"]

_LONGEST_ROLE = 300
_MOST_FOUND = 100


class UnifiedDataConnector:
    """Reads what `knowledge` says is in use when it is asked; a switch in any process is seen by the next question."""

    def __init__(self, knowledge: AIDataManager, *, capacity: int = 512) -> None:
        self.knowledge = knowledge
        self._cache = CacheManager(capacity)

    def get_job_title_details(self, role: str) -> dict[str, Any]:
        """Code, titles, SOC hierarchy, preparation, education, skills, knowledge, technologies, interests, related
        occupations, outlook, pay and ESCO occupations; `matched` says how the role was understood."""
        return self._of_role("details", role, _details)

    def get_career_path(self, role: str) -> dict[str, Any]:
        """`from` and the moves `up`, `across` and `out`, each with the gap in skills, knowledge, technology, education
        and pay."""
        return self._of_role("path", role, _path)

    def get_salary_data(self, role: str) -> dict[str, Any]:
        """Pay in the US: `national` with percentiles and whose figures they are, `by_sector`, `by_area`."""
        return self._of_role("salary", role, _salary)

    def get_market_trends(self) -> dict[str, Any]:
        """Job postings, posted wages, remote and AI shares, and projected growth of occupations."""
        knowledge = self.knowledge.current()
        return self._kept(("trends",), knowledge, lambda: _trends(knowledge))

    def search(self, text: str, kinds: tuple[str, ...] = ("occupation",), limit: int = 20) -> dict[str, Any]:
        """What is like a text, the likest first, of the kinds occupation, skill, technology and industry."""
        if unknown := sorted(set(kinds) - set(KINDS)):
            raise InvalidInput(f"{unknown[0]!r} is nothing to search for. There is {', '.join(KINDS)}.")
        text, limit = _checked(text), max(1, min(limit, _MOST_FOUND))
        knowledge = self.knowledge.current()

        def make() -> dict[str, Any]:
            found = knowledge.view(KnowledgeSearch).search(text, kinds, limit) if text else []
            return {"query": text, "results": found, "sources": knowledge.sources(ONET, ESCO, INDUSTRIES)}

        return self._kept(("search", text, kinds, limit), knowledge, make)

    def cache_figures(self) -> CacheFigures:
        """How often an answer was there already."""
        return self._cache.figures()

    def _of_role(self, what: str, role: str, make: Callable[[Knowledge, str], dict[str, Any]]) -> dict[str, Any]:
        role = _checked(role)
        knowledge = self.knowledge.current()
        # Asked each time, and never cached: an alias is another one from the moment that it was saved.
        by_alias = self.knowledge.aliases.match(knowledge, role)
        match, others, ambiguous = (
            Resolved(by_alias.match(), [], False) if by_alias else self._resolved(knowledge, role)
        )
        answer = self._kept((what, match.code), knowledge, lambda: make(knowledge, match.code))
        answer["matched"] = {
            "role": role,
            **match.as_dict(),
            "ambiguous": ambiguous,
            "others": [other.as_dict() for other in others],
        }
        if by_alias:
            answer["sources"] = [by_alias.alias.facts(), *answer["sources"]]
        return answer

    def _resolved(self, knowledge: Knowledge, role: str) -> Resolved:
        return self._cache.get(("role", role), knowledge.key, lambda: knowledge.view(OccupationIndex).resolve(role))

    def _kept(self, key: tuple[Any, ...], knowledge: Knowledge, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        # A caller may do with an answer what it likes.
        return copy.deepcopy(self._cache.get(key, knowledge.key, make))


def _details(knowledge: Knowledge, code: str) -> dict[str, Any]:
    occupations = knowledge.view(Occupations)
    zone = occupations.zone(code)
    return {
        **_heading(occupations, code),
        "alternate_titles": occupations.titles(code),
        "reported_titles": occupations.reported(code),
        "hierarchy": occupations.hierarchy(code),
        "job_zone": None if zone is None else {"zone": zone, "words": ZONES[zone]},
        "education": occupations.education(code),
        "ratings_basis": occupations.ratings_basis(code),
        "skills": occupations.ratings(code, "skills"),
        "knowledge": occupations.ratings(code, "knowledge"),
        "technologies": occupations.technologies(code),
        "interests": occupations.interests(code),
        "related": [_heading(occupations, other) for other in occupations.related(code)],
        "outlook": occupations.outlook(code),
        "pay": knowledge.view(Pay).national(code) if BLS in knowledge else None,
        "esco": knowledge.view(Crosswalk).esco_of(code) if ESCO in knowledge else [],
        "sources": knowledge.sources(ONET, BLS, ESCO),
    }


def _path(knowledge: Knowledge, code: str) -> dict[str, Any]:
    occupations = knowledge.view(Occupations)
    return {
        "from": {
            **_heading(occupations, code),
            "job_zone": occupations.zone(code),
            "typical_entry": occupations.education(code)["typical_entry"],
            "median_pay": knowledge.view(Pay).median(code),
        },
        **knowledge.view(CareerMoves).moves(code),
        "basis": "Occupations that O*NET holds to be related, in either direction; not observed careers.",
        "sources": knowledge.sources(ONET, BLS),
    }


def _salary(knowledge: Knowledge, code: str) -> dict[str, Any]:
    pay = knowledge.view(Pay)
    return {
        **_heading(knowledge.view(Occupations), code),
        "national": pay.national(code),
        "by_sector": pay.by_sector(code),
        "by_area": pay.by_area(code),
        "sources": knowledge.sources(BLS),
    }


def _trends(knowledge: Knowledge) -> dict[str, Any]:
    return {**knowledge.view(MarketTrends).trends(), "sources": knowledge.sources(MARKET, BLS)}


def _heading(occupations: Occupations, code: str) -> dict[str, Any]:
    return {"code": code, "title": occupations.title(code)}


def _checked(text: str) -> str:
    """The text without white space around it. Raises InvalidInput for what is no text, or far too long."""
    if not isinstance(text, str):
        raise InvalidInput(f"A title is text, not {type(text).__name__}.")
    if len(text) > _LONGEST_ROLE:
        raise InvalidInput(f"A title has at most {_LONGEST_ROLE} characters; this one has {len(text):,}.")
    return " ".join(text.split())


class _Process:
    """The connector of this process, and the database that it made for itself, if any."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.connector: UnifiedDataConnector | None = None
        self.own: Database | None = None


@functools.cache
def _process() -> _Process:
    return _Process()


def connect(knowledge: AIDataManager) -> None:
    """Makes `get_connector` answer from this; the backend of a process says so when it opens."""
    disconnect()
    process = _process()
    with process.lock:
        process.connector = UnifiedDataConnector(knowledge)


def disconnect(knowledge: AIDataManager | None = None) -> None:
    """Forgets the connector, or only one that answers from `knowledge`; the next `get_connector` makes a new one."""
    process = _process()
    with process.lock:
        if knowledge is not None and process.connector is not None and process.connector.knowledge is not knowledge:
            return
        process.connector = None
        own, process.own = process.own, None
    if own is not None:
        own.dispose()


def get_connector() -> UnifiedDataConnector:
    """This process's connector: that of its backend, or one on the database that the settings name."""
    process = _process()
    with process.lock:
        if process.connector is None:
            process.own = Database(load_settings().database_url)
            migrate(process.own)
            process.connector = UnifiedDataConnector(AIDataManager(process.own))
        return process.connector
