"""Employment and pay by sector of NAICS, and the occupations in it, as the Bureau of Labor Statistics surveys them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from shared_backend.data_management.dataset import BLS
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.releases.bls import AT_TOP

_ALL: Final = "00-0000"
# The survey has no sector 92, and counts governments in one of its own.
_OWN: Final = {"92": "99"}


@dataclass(frozen=True)
class SectorOccupation:
    """An occupation in a sector: SOC code, persons, and $ a year. None is not published; `at_or_above` names the
    figures that are at or above the top of the survey's scale."""

    code: str
    title: str
    employment: int | None
    p10: int | None
    median: int | None
    p90: int | None
    at_or_above: tuple[str, ...]


@dataclass(frozen=True)
class SectorFigures:
    """A sector: all occupations together, and each, the one with the most people first."""

    title: str
    whole: SectorOccupation
    occupations: tuple[SectorOccupation, ...]


class IndustryFigures:
    """By code of the sector, as NAICS writes it."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._bls = knowledge.find(BLS)

    def of_sector(self, sector: str) -> SectorFigures | None:
        """None where nothing is published of it."""
        if self._bls is None:
            return None
        table = self._bls.optional("sector_wages")
        key = _OWN.get(sector, sector)
        rows: dict[str, list[Any]] = table.get("wages", {}).get(key, {})
        if _ALL not in rows:
            return None
        structure = self._bls.table("soc")
        projections = self._bls.table("projections")

        def title(code: str) -> str:
            if code in structure:
                return str(structure[code][0])
            return str(projections[code][0]) if code in projections else code

        found = [
            _row(code, title(code), row) for code, row in rows.items() if code != _ALL and _is_one(code, structure)
        ]
        found.sort(key=lambda each: (-(each.employment or 0), each.title))
        return SectorFigures(str(table["sectors"][key]), _row(_ALL, "All occupations", rows[_ALL]), tuple(found))


def _is_one(code: str, structure: dict[str, Any]) -> bool:
    """Whether it is an occupation, or several that the survey counts together: not a group of the SOC."""
    return code not in structure or structure[code][1] == "detailed"


def _row(code: str, title: str, row: list[Any]) -> SectorOccupation:
    employment, *pay = row
    names = ("p10", "median", "p90")
    top = tuple(name for name, value in zip(names, pay, strict=True) if value == AT_TOP)
    low, median, high = (None if value == AT_TOP else value for value in pay)
    return SectorOccupation(code, title, employment, low, median, high, top)
