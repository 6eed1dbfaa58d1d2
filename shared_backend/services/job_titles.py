"""Job titles as the admin portal looks them up: any title, all occupations as a list, and one in full.

Who may read everything may look titles up; every call asks again.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from shared_backend.data_management.ai_data_manager import AIDataManager
from shared_backend.data_management.dataset import BLS, ESCO, ONET
from shared_backend.data_management.esco_titles import EscoTitles
from shared_backend.data_management.occupation_browse import Group, Line, OccupationList, Sort
from shared_backend.data_management.occupation_index import OccupationIndex, UnknownRole
from shared_backend.data_management.occupations import Occupations
from shared_backend.data_management.onet_titles import OnetTitles
from shared_backend.data_management.title_parts import split_title
from shared_backend.data_management.unified_data_connector import UnifiedDataConnector, get_connector
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.services.enhanced_job_title_engine import EnhancedJobTitleEngine
from shared_backend.utils.exception_handler import InvalidInput

MAX_PAGE = 100
_NEAREST, _LIKE = 6, 3


@dataclass(frozen=True)
class OccupationPage:
    """One page of occupations; `path` leads to the group, `groups` are those within it."""

    lines: list[Line]
    total: int
    path: list[Group]
    groups: list[Group]
    sources: list[dict[str, str]]


class JobTitles:
    """Over the knowledge that is in use, and the engine that reads titles."""

    def __init__(
        self, knowledge: AIDataManager, engine: EnhancedJobTitleEngine, connector: UnifiedDataConnector | None = None
    ) -> None:
        self._knowledge = knowledge
        self._engine = engine
        self._connector = connector

    def get_ready(self) -> None:
        """Has the indexes of titles made beside the page, while the person types: it takes two seconds, once. Whoever
        needs something of the same knowledge meanwhile waits for them, so only a page that is about to ask says so."""
        if self._engine.cache_figures().hit_rate is not None:
            return
        knowledge = self._knowledge.current()

        def make() -> None:
            knowledge.view(OnetTitles)
            if ESCO in knowledge:
                knowledge.view(EscoTitles)

        threading.Thread(target=make, name="title-indexes", daemon=True).start()

    def read(self, title: str, *, actor: Actor, limit: int = 10) -> dict[str, Any]:
        """What the engine answers, and `nearest`: for a title that is not known, the occupations most like it, however
        little (code, title, label, score)."""
        _authorise(actor)
        answer = self._engine.analyze(title, limit=limit)
        nearest = []
        if not answer["known"]:
            index = self._knowledge.current().view(OccupationIndex)
            nearest = [match.as_dict() for match in index.search(split_title(title).matter, _NEAREST)]
        return {**answer, "nearest": nearest}

    def occupation(self, code: str, *, actor: Actor) -> dict[str, Any]:
        """Everything about one occupation: `details`, `path` and `salary` as the connector answers them, and
        `esco_like`: where the crosswalk leads to no ESCO occupation, those whose labels are like its title. Raises
        UnknownRole with the nearest titles for what is no code of one."""
        _authorise(actor)
        knowledge = self._knowledge.current()
        code = code.strip()
        if code not in knowledge.view(Occupations):
            raise UnknownRole(code, knowledge.view(OccupationIndex).search(code, _NEAREST))
        connector = self._connector or get_connector()
        details = connector.get_job_title_details(code)
        like = [] if details["esco"] else self._engine.analyze(details["title"])["esco"]
        return {
            "details": details,
            "esco_like": like[:_LIKE],
            "path": connector.get_career_path(code),
            "salary": connector.get_salary_data(code),
        }

    def occupations(
        self,
        *,
        actor: Actor,
        group: str = "",
        zone: int | None = None,
        sort: Sort = "title",
        limit: int = 25,
        offset: int = 0,
    ) -> OccupationPage:
        """A page of the occupations of a SOC group and a job zone. A group that there is not has none."""
        _authorise(actor)
        if not 1 <= limit <= MAX_PAGE or offset < 0:
            raise InvalidInput(f"A page holds 1 to {MAX_PAGE} occupations and starts at 0 or later.")
        knowledge = self._knowledge.current()
        listed = knowledge.view(OccupationList)
        lines = listed.lines(group=group, zone=zone, sort=sort)
        return OccupationPage(
            lines[offset : offset + limit],
            len(lines),
            listed.path(group) if group else [],
            listed.groups(group),
            knowledge.sources(ONET, BLS),
        )

    def choices(self, *, actor: Actor) -> dict[str, str]:
        """All occupations to choose from, code to title, by title."""
        _authorise(actor)
        occupations = self._knowledge.current().view(Occupations)
        return dict(sorted(((code, occupations.title(code)) for code in occupations), key=lambda each: each[1]))


def _authorise(actor: Actor) -> None:
    actor.require(Permission.READ_ALL, "look job titles up")
