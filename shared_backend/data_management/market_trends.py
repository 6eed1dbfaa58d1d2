"""The market: postings by country and sector, posted wages, remote and AI shares, and what BLS projects."""

from __future__ import annotations

from typing import Any

from shared_backend.data_management.dataset import BLS, MARKET
from shared_backend.data_management.knowledge import Knowledge

_LISTED = 10
_WEEKS = 52
# What is too small to be a trend: employment in thousands.
_SMALLEST = 10.0


class MarketTrends:
    """Indices are 100 on 1 February 2020. Changes are in percent; None where the series does not reach back so far."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._market = knowledge.find(MARKET)
        self._bls = knowledge.find(BLS)

    def trends(self) -> dict[str, Any]:
        """Everything, country by country and sector by sector."""
        return {
            "postings": self.postings(),
            "sectors": self.sectors(),
            "regions": self._monthly("regions"),
            "posted_wage_growth": self.wage_growth(),
            "remote_share": self._shares("remote_share"),
            "ai_share": self._shares("ai_share"),
            "occupations": self.occupations(),
        }

    def postings(self) -> dict[str, Any]:
        """By country: the newest index, its changes over 4, 13 and 52 weeks, and the last year week by week."""
        table = self._market.table("postings") if self._market else {}
        found = {}
        for country, series in table.items():
            values = [value / 10 for value in series["total"]]
            new = [None if value is None else value / 10 for value in series["new"]]
            found[country] = {
                "date": series["dates"][-1],
                "index": values[-1],
                "new_postings_index": new[-1],
                "change_4_weeks": _change(values, 4),
                "change_13_weeks": _change(values, 13),
                "change_52_weeks": _change(values, 52),
                "series": list(zip(series["dates"][-_WEEKS:], values[-_WEEKS:], strict=True)),
            }
        return found

    def sectors(self) -> list[dict[str, Any]]:
        """US sectors by their change over twelve months, the fastest first."""
        found = [
            {"sector": sector, "titles": self._titles(sector), **figures}
            for sector, figures in self._monthly("sectors").items()
        ]
        return sorted(found, key=lambda each: -(each["change_12_months"] or 0.0))

    def wage_growth(self) -> dict[str, Any]:
        """Posted wages against the year before, in percent, a mean of three months: by country and by sector."""
        table = self._market.table("wage_growth") if self._market else {}
        return {
            group: {key: {"month": rows[-1][0], "percent": rows[-1][1] / 10} for key, rows in by.items() if rows}
            for group, by in table.items()
        }

    def occupations(self) -> dict[str, Any]:
        """US occupations that grow fastest, that shrink fastest, and that have most openings a year."""
        table = self._bls.table("projections") if self._bls else {}
        lines = [(code, row) for code, row in table.items() if not row[1] and (row[2] or 0) >= _SMALLEST]
        by_change = sorted(lines, key=lambda line: line[1][4] or 0.0)
        by_openings = sorted(lines, key=lambda line: -(line[1][6] or 0.0))
        return {
            "fastest_growing": [_occupation(*line) for line in by_change[::-1][:_LISTED]],
            "fastest_declining": [_occupation(*line) for line in by_change[:_LISTED]],
            "most_openings": [_occupation(*line) for line in by_openings[:_LISTED]],
        }

    def _monthly(self, name: str) -> dict[str, Any]:
        table = self._market.table(name) if self._market else {}
        found = {}
        for key, rows in table.items():
            values = [value / 10 for _month, value in rows]
            found[key] = {"month": rows[-1][0], "index": values[-1], "change_12_months": _change(values, 12)}
        return found

    def _shares(self, name: str) -> dict[str, Any]:
        table = self._market.table(name) if self._market else {}
        return {
            country: {
                "month": rows[-1][0],
                "percent": rows[-1][1] / 100,
                "a_year_before": rows[-13][1] / 100 if len(rows) > 12 else None,
            }
            for country, rows in table.items()
        }

    def _titles(self, sector: str) -> list[str]:
        return list(self._market.table("sector_titles").get(sector, [])) if self._market else []


def _change(values: list[float], back: int) -> float | None:
    if len(values) <= back or not values[-1 - back]:
        return None
    return round((values[-1] / values[-1 - back] - 1) * 100, 1)


def _occupation(code: str, row: list[Any]) -> dict[str, Any]:
    return {
        "code": code,
        "title": row[0],
        "employment_2024": round((row[2] or 0) * 1000),
        "change_percent": row[4],
        "openings_per_year": round((row[6] or 0) * 1000),
        "median_pay": row[7] if row[7] is None or row[7] >= 0 else None,
        "typical_entry": row[8],
    }
