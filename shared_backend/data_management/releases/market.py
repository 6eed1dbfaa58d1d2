"""Indeed Hiring Lab: postings by day, posted wages by month, remote and AI shares; reduced to weeks and months.

Indices are 100 on 1 February 2020, a seven-day trailing average; tables keep them in tenths.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from shared_backend.data_management.dataset import MARKET, Dataset, make_dataset
from shared_backend.data_management.releases.findings import ImportReport, Progress, shown
from shared_backend.data_management.releases.folder import ReleaseFolder

_FILES = 15
_HIGHEST_INDEX = 1_000.0
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_REGIONS = (("state_job_postings_us.csv", "state", "US"), ("provincial_postings_ca.csv", "province", "CA"))
_MORE_REGIONS = (("regional_gb.csv", "region", "GB"), ("regional_postings_gb.csv", "region", "GB"))

_LEAST_REGIONS = {"US": 51, "CA": 9, "GB": 10}
# The shares are published later than the postings, and not years later.
_SHARES_LAG_DAYS = 400

Series = dict[str, list[tuple[date, float]]]


def read_market(path: Path, report: ImportReport, progress: Progress) -> Dataset:
    """Reads and checks a copy of the published files. Raises ReleaseRefused with everything that is wrong."""
    folder = ReleaseFolder(path, report, progress, steps=_FILES)
    postings, newest = _countries(folder)
    sectors, sector_end = _sectors(folder)
    wages, wage_end = _wages(folder)
    tables: dict[str, Any] = {
        "postings": postings,
        "sectors": sectors,
        "regions": _regions(folder),
        "wage_growth": wages,
        "remote_share": _shares(folder, "remote_postings.csv", "remote_share_postings", newest),
        "ai_share": _shares(folder, "AI_posting.csv", "AI_share_postings", newest),
        "sector_titles": _examples(folder),
    }
    report.raise_errors(MARKET)
    vintage = f"Postings to {newest}; US sectors to {sector_end}; posted wages to {wage_end}"
    return make_dataset(MARKET, vintage, tables, report.counts, tuple(folder.files))


def _countries(folder: ReleaseFolder) -> tuple[dict[str, Any], str]:
    """country → `dates` (a week apart, the newest last), `total` and `new` (tenths, seasonally adjusted)."""
    found: dict[str, Any] = {}
    for path in folder.find_all("aggregate_job_postings_*.csv"):
        columns = ("date", "jobcountry", "indeed_job_postings_index_SA", "variable")
        series: dict[str, Series] = {"total postings": defaultdict(list), "new postings": defaultdict(list)}
        days = _Days(folder, path)
        for day, country, value, variable in folder.text_rows(path, columns, delimiter=","):
            if variable in series:
                series[variable][country].append((days.day(day), days.number(value)))
        days.close(whole for each in series.values() for whole in each.values())
        if series["total postings"].keys() != series["new postings"].keys():
            folder.report.error(path.name, "lacks total or new postings of a country, as if it were half copied")
        for country, total in series["total postings"].items():
            weekly = _weekly(total)
            new = dict(_weekly(series["new postings"].get(country, [])))
            found[country] = {
                "dates": [day.isoformat() for day, _value in weekly],
                "total": [round(value * 10) for _day, value in weekly],
                "new": [round(new[day] * 10) if day in new else None for day, _value in weekly],
            }
    folder.report.count("countries", len(found), least=3, most=12, file="aggregate_job_postings_*.csv")
    ends = {each["dates"][-1] for each in found.values() if each["dates"]}
    if len(ends) > 1:
        folder.report.error("aggregate_job_postings_*.csv", f"end on different days: {shown(sorted(ends))}")
    return found, max((each["dates"][-1] for each in found.values() if each["dates"]), default="")


def _sectors(folder: ReleaseFolder) -> tuple[dict[str, Any], str]:
    """US sector → [month, mean index in tenths], and the newest day."""
    path = folder.find("job_postings_by_sector_US.csv")
    columns = ("date", "indeed_job_postings_index", "variable", "display_name")
    series: Series = defaultdict(list)
    if path is not None:
        days = _Days(folder, path)
        for day, value, variable, sector in folder.text_rows(path, columns, delimiter=","):
            if variable == "total postings":
                series[sector].append((days.day(day), days.number(value)))
        days.close(series.values())
    folder.report.count("sectors", len(series), least=40, most=60, file="job_postings_by_sector_US.csv")
    newest = max((whole[-1][0] for whole in series.values()), default=None)
    return {sector: _monthly(whole) for sector, whole in series.items()}, newest.isoformat() if newest else ""


def _regions(folder: ReleaseFolder) -> dict[str, Any]:
    """`US-wa`, `CA-ab`, `GB-London` → [month, mean index in tenths]."""
    found: dict[str, Any] = {}
    for name, column, country in (*_REGIONS, *_MORE_REGIONS):
        path = folder.find(name, required=False)
        if path is None:
            continue
        series: Series = defaultdict(list)
        days = _Days(folder, path)
        rows = folder.text_rows(path, ("date", column, "indeed_job_postings_index"), delimiter=",")
        for day, region, value in rows:
            series[f"{country}-{region}"].append((days.day(day), days.number(value)))
        days.close(series.values())
        found |= {region: _monthly(whole) for region, whole in series.items()}
        least = _LEAST_REGIONS[country]
        folder.report.count(f"regions of {country}", len(series), least=least, most=2 * least, file=name)
    folder.report.counts["regions"] = len(found)
    return found


def _wages(folder: ReleaseFolder) -> tuple[dict[str, Any], str]:
    """`countries` and `sectors` (`US/Nursing`): key → [month, growth on the year before in thousandths]."""
    found: dict[str, dict[str, list[Any]]] = {"countries": defaultdict(list), "sectors": defaultdict(list)}
    newest = ""
    for name, group in (
        ("posted-wage-growth-by-country.csv", "countries"),
        ("posted-wage-growth-by-sector.csv", "sectors"),
    ):
        path = folder.find(name)
        columns = ["jobcountry", "month", "posted_wage_growth_yoy", "posted_wage_growth_yoy_3moavg"]
        rows = folder.text_rows(path, columns, delimiter=",") if path else []
        names = (
            [row[0] for row in folder.text_rows(path, ["sector"], delimiter=",")] if path and group == "sectors" else []
        )
        wrong = []
        for place, (country, month, growth, average) in enumerate(rows):
            when, value = _month(month), average if average not in ("NA", "") else growth
            if when is None or not re.fullmatch(r"-?[\d.]+(e-?\d+)?", value) or not -0.5 <= float(value) <= 0.5:
                if value not in ("NA", ""):
                    wrong.append(f"{country} {month} {value}")
                continue
            key = f"{country}/{names[place]}" if names else country
            found[group][key].append([when, round(float(value) * 1000)])
            newest = max(newest, when)
        if wrong:
            folder.report.error(name, f"has months or growth that can't be: {shown(wrong)}")
        folder.report.count(f"{group} with posted wages", len(found[group]), least=10, most=200, file=name)
        ends = {months[-1][0] for months in found[group].values()}
        if len(ends) > 1:
            folder.report.error(name, f"ends in different months ({shown(sorted(ends))}), as if half copied")
    return {group: {key: sorted(rows) for key, rows in by.items()} for group, by in found.items()}, newest


def _shares(folder: ReleaseFolder, name: str, column: str, newest: str) -> dict[str, Any]:
    """country → [month, mean share in hundredths of a percent]."""
    path = folder.find(name)
    series: Series = defaultdict(list)
    if path is not None:
        days = _Days(folder, path)
        for day, country, value in folder.text_rows(path, ("date", "jobcountry", column), delimiter=","):
            series[country].append((days.day(day), days.number(value, high=100.0)))
        days.close(series.values())
    end = max((whole[-1][0] for whole in series.values()), default=date.min)
    if newest and (date.fromisoformat(newest) - end).days > _SHARES_LAG_DAYS:
        folder.report.error(name, f"ends on {end}, and the postings on {newest}, as if it were half copied")
    folder.report.count(f"countries in {name}", len(series), least=3, most=20, file=name)
    return {country: _monthly(whole, 100) for country, whole in series.items()}


def _examples(folder: ReleaseFolder) -> dict[str, list[str]]:
    """Sector → a few titles of it."""
    path = folder.find("sector-job-title-examples.csv", required=False)
    rows = folder.text_rows(path, ("sector", "job_titles"), delimiter=",") if path else []
    return {sector: [title.strip() for title in titles.split(",")] for sector, titles in rows}


class _Days:
    """Reads the days and numbers of one file, and says which are none; a series must have no gap."""

    def __init__(self, folder: ReleaseFolder, path: Path) -> None:
        self.report, self.name = folder.report, path.name
        self._wrong: list[str] = []

    def day(self, text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._wrong.append(text)
            return date.min

    def number(self, text: str, *, high: float = _HIGHEST_INDEX) -> float:
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value <= high:
            self._wrong.append(text)
        return value

    def close(self, series: Iterable[list[tuple[date, float]]]) -> None:
        """Writes what was found into the report."""
        if self._wrong:
            self.report.error(
                self.name, f"has days or figures that are none or out of their range: {shown(self._wrong)}"
            )
            return
        ends, gaps = set(), 0
        for whole in series:
            whole.sort()
            gaps += sum(after[0] - before[0] != timedelta(days=1) for before, after in itertools.pairwise(whole))
            ends.add(whole[-1][0])
        if len(ends) > 1:
            self.report.error(self.name, f"ends on different days ({shown(sorted(map(str, ends)))}), as if half copied")
        if gaps:
            self.report.warn(self.name, f"has {gaps:,} gaps or repeated days")


def _weekly(series: list[tuple[date, float]]) -> list[tuple[date, float]]:
    """Each seventh day back from the newest: the index is a seven-day average already."""
    return sorted(series, reverse=True)[::7][::-1]


def _monthly(series: list[tuple[date, float]], scale: int = 10) -> list[list[Any]]:
    """[`2024-09`, mean], in whole parts of `scale`."""
    months: dict[str, list[float]] = defaultdict(list)
    for day, value in series:
        months[f"{day:%Y-%m}"].append(value)
    return [[month, round(sum(values) / len(values) * scale)] for month, values in sorted(months.items())]


def _month(text: str) -> str | None:
    """`Jan-19` as `2019-01`."""
    name, _dash, year = text.partition("-")
    if name not in _MONTHS or not year.isdigit():
        return None
    return f"20{int(year):02d}-{_MONTHS.index(name) + 1:02d}"
