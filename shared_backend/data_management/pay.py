"""What an occupation pays: percentiles in the nation, by sector and by area, and whose figures they are."""

from __future__ import annotations

from typing import Any

from shared_backend.data_management.dataset import BLS
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.occupations import Occupations
from shared_backend.data_management.releases.bls import AT_TOP

# The survey publishes nothing above these ("#"): dollars a year, and an hour.
TOP_YEARLY, TOP_HOURLY = 239_200, 115.0
_PERCENTILES = ("10", "25", "50", "75", "90")
_WORDS = {
    "own": "the occupation itself",
    "soc": "the SOC occupation that it is a part of",
    "together": "occupations that the survey counts together",
    "group": "the SOC group that it is in",
}


class Pay:
    """Figures in US dollars. None is not published; a figure at or above the top of the scale is None and named in
    `at_or_above`, so that nobody reckons with a number that is none."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._bls = knowledge[BLS]
        self._occupations = knowledge.view(Occupations)

    def national(self, code: str) -> dict[str, Any] | None:
        """Employment, mean, median and percentiles a year; None where not even its group has figures."""
        wages = self._bls.table("wages")
        found = next((each for each in self._occupations.ladder(code) if each in wages), None)
        if found is None:
            return None
        employment, hourly, mean, *percentiles = wages[found]
        top = [name for name, value in zip(_PERCENTILES, percentiles, strict=True) if value == AT_TOP]
        return {
            "currency": "USD",
            "period": "year",
            "employment": employment,
            "mean": _figure(mean),
            "median": _figure(percentiles[2]),
            "hourly_median": _figure(hourly),
            "percentiles": dict(zip(_PERCENTILES, map(_figure, percentiles), strict=True)),
            "at_or_above": {"percentiles": top, "amount": TOP_YEARLY} if top else None,
            "basis": self._basis(code, found),
        }

    def median(self, code: str) -> int | None:
        """The median, $ a year, for comparing: the top of the scale for what is above it, None for what is unknown or
        known of a wide group alone."""
        wages = self._bls.table("wages")
        found = next((each for each in self._occupations.ladder(code) if each in wages), None)
        if found is None or found.endswith("000"):
            return None
        value = wages[found][5]
        return TOP_YEARLY if value == AT_TOP else value

    def by_sector(self, code: str) -> list[dict[str, Any]]:
        """NAICS sectors with employment, 10th, 50th and 90th percentile a year, the largest employer first."""
        table = self._bls.table("sector_wages")
        own = code[:7]
        found = []
        for sector, by_code in table["wages"].items():
            if own in by_code:
                employment, low, median, high = by_code[own]
                found.append(
                    {
                        "naics": sector,
                        "sector": table["sectors"][sector],
                        "employment": employment,
                        "p10": _figure(low),
                        "median": _figure(median),
                        "p90": _figure(high),
                    }
                )
        return sorted(found, key=lambda each: -(each["employment"] or 0))

    def by_area(self, code: str) -> list[dict[str, Any]]:
        """Areas of the states that are known, with the year of the figures; `low` and `high` are what `scale` says."""
        table = self._bls.table("state_wages")
        own = code[:7]
        found = []
        for area, by_code in table["wages"].items():
            if own not in by_code:
                continue
            name, state, year = table["areas"][area]
            employment, mean, low, median, high = by_code[own]
            found.append(
                {
                    "area": name,
                    "state": state,
                    "year": year,
                    "employment": employment,
                    "mean": _figure(mean),
                    "low": _figure(low),
                    "median": _figure(median),
                    "high": _figure(high),
                    "scale": table["scale"][state],
                }
            )
        return sorted(found, key=lambda each: (each["state"], -(each["employment"] or 0)))

    def _basis(self, code: str, found: str) -> dict[str, Any]:
        structure = self._bls.table("soc")
        projections = self._bls.table("projections")
        title = structure[found][0] if found in structure else projections[found][0] if found in projections else found
        if found == code[:7]:
            kind = "own" if code.endswith(".00") else "soc"
        else:
            kind = "together" if found not in structure else "group"
        return {"code": found, "title": title, "of": _WORDS[kind], "exact": kind == "own"}


def _figure(value: Any) -> Any:
    return None if value == AT_TOP else value
