"""All occupations as a list: by SOC group and job zone, with the few figures that lists show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from shared_backend.data_management.dataset import BLS
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.occupations import Occupations
from shared_backend.data_management.pay import Pay

Sort = Literal["title", "code", "-pay", "pay", "-growth", "growth", "-openings"]


@dataclass(frozen=True)
class Group:
    """A SOC group; `occupations` is how many O*NET occupations it has."""

    code: str
    title: str
    level: str
    occupations: int


@dataclass(frozen=True)
class Line:
    """An occupation in a list. `median_pay` in dollars a year, `change_percent` from 2024 to 2034, `openings` a year;
    None where it is not published."""

    code: str
    title: str
    zone: int | None
    median_pay: int | None
    change_percent: float | None
    openings: int | None


class OccupationList:
    """A view of the knowledge: made on first use, in some 50 ms."""

    def __init__(self, knowledge: Knowledge) -> None:
        occupations = knowledge.view(Occupations)
        pay = knowledge.view(Pay) if BLS in knowledge else None
        self._lines: list[Line] = []
        self._within: dict[str, list[Group]] = defaultdict(list)
        self._known: dict[str, Group] = {}
        self._groups_of: dict[str, list[str]] = {}
        counts: dict[str, int] = defaultdict(int)
        facts: dict[str, dict[str, Any]] = {}
        above: dict[str, str] = {}
        for code in occupations:
            outlook = occupations.outlook(code) or {}
            self._lines.append(
                Line(
                    code,
                    occupations.title(code),
                    occupations.zone(code),
                    pay.median(code) if pay else None,
                    outlook.get("change_percent"),
                    outlook.get("openings_per_year"),
                )
            )
            steps = occupations.hierarchy(code)
            self._groups_of[code] = [step["code"] for step in steps]
            for place, step in enumerate(steps):
                counts[step["code"]] += 1
                facts[step["code"]] = step
                above[step["code"]] = steps[place - 1]["code"] if place else ""
        for key, step in sorted(facts.items()):
            group = Group(key, step["title"], step["level"], counts[key])
            self._known[key] = group
            self._within[above[key]].append(group)

    def groups(self, above: str = "") -> list[Group]:
        """The groups within a group, by code; without one the major groups. Empty for a group without groups."""
        return list(self._within.get(above, ()))

    def path(self, group: str) -> list[Group]:
        """A group and those that it is in, from the widest; empty for a group that there is not."""
        code = next((code for code, groups in self._groups_of.items() if group in groups), None)
        if code is None:
            return []
        steps = self._groups_of[code]
        return [self._known[step] for step in steps[: steps.index(group) + 1]]

    def lines(self, *, group: str = "", zone: int | None = None, sort: Sort = "title") -> list[Line]:
        """The occupations of a group and a job zone, sorted; what has no figure comes last either way."""
        found = [
            line
            for line in self._lines
            if (not group or group in self._groups_of[line.code]) and (zone is None or line.zone == zone)
        ]
        found.sort(key=lambda line: line.title.casefold())
        key: Callable[[Line], Any] = {
            "title": lambda line: line.title.casefold(),
            "code": lambda line: line.code,
            "pay": lambda line: line.median_pay,
            "growth": lambda line: line.change_percent,
            "openings": lambda line: line.openings,
        }[sort.lstrip("-")]
        known = [line for line in found if key(line) is not None]
        return [
            *sorted(known, key=key, reverse=sort.startswith("-")),
            *(line for line in found if key(line) is None),
        ]
