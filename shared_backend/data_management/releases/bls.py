"""The Bureau of Labor Statistics: projections, wages in the nation, by sector and in two states, and the SOC."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from shared_backend.data_management.dataset import BLS, Dataset, make_dataset
from shared_backend.data_management.releases.findings import ImportReport, Progress, shown
from shared_backend.data_management.releases.folder import ReleaseFolder
from shared_backend.data_management.releases.soc import read_structure

SOC = re.compile(r"\d\d-\d{4}")
# What a table holds where the publisher gives no number: `*` and `**` are not available, `#` is at or above the top.
MISSING, AT_TOP = None, -1
_NO_FIGURE = ("*", "**", "~", "—", "-", "")
_FILES = 6
_MEASURES = ("H_MEDIAN", "A_MEAN", "A_PCT10", "A_PCT25", "A_MEDIAN", "A_PCT75", "A_PCT90")
# Years and footnotes change from release to release.
_PROJECTIONS = (
    "* National Employment Matrix title",
    "* National Employment Matrix code",
    "Occupation type",
    "Employment, ????",
    "Employment, ????",
    "Employment change, percent*",
    "Percent self employed*",
    "Occupational openings*",
    "Median annual wage*",
    "Typical education needed for entry",
    "Work experience in a related occupation",
    "Typical on-the-job training*",
)


class Figures:
    """Reads the numbers of one file, and counts what is none: the same for every table of the Bureau."""

    def __init__(self, report: ImportReport, file: str) -> None:
        self.report, self.file = report, file
        self.suppressed = self.topped = 0
        self._wrong: list[str] = []

    def number(self, value: Any, *, low: float = 0, high: float = 1e9) -> float | None:
        """A number between `low` and `high`; None where it is not available and AT_TOP where it is at the top."""
        if isinstance(value, str):
            text = value.replace(",", "").replace("$", "").strip()
            if text in _NO_FIGURE:
                self.suppressed += 1
                return MISSING
            if text == "#" or text.startswith((">=", "≥")):
                self.topped += 1
                return AT_TOP
            value = text
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if not low <= number <= high:
            self._wrong.append(str(value))
            return MISSING
        return int(number) if number.is_integer() else round(number, 2)

    def close(self) -> None:
        """Writes what was found into the report."""
        if self._wrong:
            self.report.error(self.file, f"has figures that are none or out of their range: {shown(self._wrong)}")
        if self.suppressed or self.topped:
            self.report.note(
                self.file,
                f"{self.suppressed:,} figures are not published, and {self.topped:,} are at or above the scale's top",
            )


def read_bls(path: Path, report: ImportReport, progress: Progress) -> Dataset:
    """Reads and checks the files of one vintage. Raises ReleaseRefused with everything that is wrong."""
    folder = ReleaseFolder(path, report, progress, steps=_FILES)
    structure = read_structure(folder)
    projections, span = _projections(folder, set(structure))
    national, month = _wages(folder, set(structure))
    tables: dict[str, Any] = {
        "soc": structure,
        "projections": projections,
        "wages": national,
        "sector_wages": _sector_wages(folder, set(structure)),
        "state_wages": _state_wages(folder),
    }
    report.raise_errors(BLS)
    vintage = f"Projections {span}; wages {month}; SOC 2018; New York and Washington 2022"
    return make_dataset(BLS, vintage, tables, report.counts, tuple(folder.files))


def _projections(folder: ReleaseFolder, known: set[str]) -> tuple[dict[str, list[Any]], str]:
    """code → [title, summary?, employment now and then (thousands), change (%), self-employed (%), openings a year
    (thousands), median wage ($ a year), education, experience, training]; and the years."""
    path = folder.find("occupation.xlsx")
    rows = folder.sheet_rows(path, _PROJECTIONS, sheet="Table 1.2") if path else []
    figures = Figures(folder.report, "occupation.xlsx")
    found: dict[str, list[Any]] = {}
    for row in rows:
        title, code, kind, now, then, change, own, openings, median, education, experience, training = row
        if not SOC.fullmatch(str(code)):
            continue
        found[code] = [
            title,
            kind == "Summary",
            figures.number(now),
            figures.number(then),
            figures.number(change, low=-100, high=1_000),
            figures.number(own, high=100),
            figures.number(openings),
            figures.number(median, low=5_000, high=1_000_000),
            *(None if text in ("—", "") else text for text in (education, experience, training)),
        ]
    figures.close()
    lines = {code for code, row in found.items() if not row[1]}
    folder.report.count("occupations with projections", len(lines), least=780, most=900, file="occupation.xlsx")
    # The matrix has a few codes of its own, for what it counts together.
    strange = sorted(code for code in lines if code not in known)
    if len(strange) > 60:
        folder.report.error("occupation.xlsx", f"has {len(strange)} codes that the SOC does not have: {shown(strange)}")
    _adds_up(folder, found)
    years = [name[-4:] for name in folder.headers.get("occupation.xlsx", []) if name.startswith("Employment, ")]
    return found, f"{years[0]}–{years[1][2:]}" if len(years) == 2 else ""


def _adds_up(folder: ReleaseFolder, found: dict[str, list[Any]]) -> None:
    """The lines must make the total, within rounding: whatever was cut off shows here."""
    total = found.get("00-0000")
    if not total or not total[2]:
        folder.report.error("occupation.xlsx", "lacks the total of all occupations")
        return
    summed = sum(row[2] or 0 for row in found.values() if not row[1])
    if abs(summed - total[2]) > 0.005 * total[2]:
        folder.report.error("occupation.xlsx", f"adds up to {summed:,.0f} thousand, and its total says {total[2]:,.0f}")


def _wages(folder: ReleaseFolder, known: set[str]) -> tuple[dict[str, list[Any]], str]:
    """code → [employment, hourly median, then $ a year: mean, 10th, 25th, 50th, 75th, 90th percentile]; the month."""
    path = folder.find("national_M*_dl.xlsx")
    rows = folder.sheet_rows(path, ("OCC_CODE", "O_GROUP", "TOT_EMP", *_MEASURES)) if path else []
    name = path.name if path else "national_M*_dl.xlsx"
    figures = Figures(folder.report, name)
    found = {code: _wage_row(figures, code, values) for code, _group, *values in rows}
    figures.close()
    _joins(folder.report, name, found, known)
    detailed = [code for code, group, *_ in rows if group == "detailed"]
    folder.report.count("occupations with wages", len(detailed), least=780, most=900, file=name)
    folder.report.covers(
        name, "major groups", found, (code for code in known if code.endswith("-0000") and code < "55")
    )
    year = re.search(r"M(\d{4})", name)
    return found, f"May {year[1]}" if year else ""


def _sector_wages(folder: ReleaseFolder, known: set[str]) -> dict[str, Any]:
    """`sectors`: NAICS sector → title; `wages`: sector → code → [employment, 10th, 50th, 90th percentile, $ a year],
    for detailed occupations and sector totals."""
    path = folder.find("natsector_M*_dl.xlsx", required=False)
    if path is None:
        folder.report.warn("natsector_M*_dl.xlsx", "is missing, so there are no wages by sector")
        return {"sectors": {}, "wages": {}}
    columns = ("NAICS", "NAICS_TITLE", "OCC_CODE", "O_GROUP", "TOT_EMP", "A_PCT10", "A_MEDIAN", "A_PCT90")
    rows = folder.sheet_rows(path, columns)
    figures = Figures(folder.report, path.name)
    sectors: dict[str, str] = {}
    wages: dict[str, dict[str, list[Any]]] = {}
    for sector, title, code, group, *values in rows:
        if group in ("detailed", "total"):
            sectors[str(sector)] = title
            wages.setdefault(str(sector), {})[code] = [figures.number(value) for value in values]
    figures.close()
    codes = {code for by in wages.values() for code in by}
    _joins(folder.report, path.name, codes, known)
    folder.report.count("sectors", len(sectors), least=18, most=25, file=path.name)
    folder.report.count("wages by sector", sum(map(len, wages.values())), least=7_000, most=12_000, file=path.name)
    return {"sectors": sectors, "wages": wages}


def _state_wages(folder: ReleaseFolder) -> dict[str, Any]:
    """`areas`: key → [name, state, year]; `wages`: key → code → [employment, mean, low, median, high, $ a year].

    Low and high are the 25th and 75th percentile in Washington, and the means of the lower third and of the upper two
    thirds ("entry" and "experienced") in New York: `scale` says which, by state.
    """
    areas: dict[str, list[Any]] = {}
    wages: dict[str, dict[str, list[Any]]] = {}
    for state, rows, figures in (_new_york(folder), _washington(folder)):
        for key, name, code, *values in rows:
            if SOC.fullmatch(code):
                areas[key] = [name, state, 2022]
                wages.setdefault(key, {})[code] = values
        if figures is not None:
            figures.close()
    if areas:
        folder.report.count("areas of states", len(areas), least=20, most=40, file="oews-*.csv")
    scale = {"New York": ["entry", "experienced"], "Washington": ["p25", "p75"]}
    return {"areas": areas, "wages": wages, "scale": scale}


def _new_york(folder: ReleaseFolder) -> tuple[str, list[tuple[Any, ...]], Figures | None]:
    path = folder.find("oews-newyork.csv", required=False)
    if path is None:
        return "New York", [], None
    columns = (
        "Area",
        "Area Name",
        "Standard Occupational Code",
        "Employment",
        "Mean Wage",
        "Entry Wage",
        "Median Wage",
    )
    figures = Figures(folder.report, path.name)
    rows = []
    # White space follows the commas of the header, and a line may end in hundreds of blanks.
    for area, name, code, *values in folder.text_rows(path, (*columns, "Experienced Wage"), delimiter=","):
        rows.append((f"NY-{area}", name, code, *(figures.number(value) for value in values)))
    return "New York", rows, figures


def _washington(folder: ReleaseFolder) -> tuple[str, list[tuple[Any, ...]], Figures | None]:
    path = folder.find("oews-washington.csv", required=False)
    if path is None:
        return "Washington", [], None
    hourly = ("25th Percentile", "50th Percentile", "75th Percentile")
    columns = ("Area code", "Area name", "SOC code", "Employment", "Annual wage", *hourly)
    figures = Figures(folder.report, path.name)
    rows = []
    for area, name, code, employment, mean, *by_hour in folder.text_rows(path, columns, delimiter=","):
        yearly = [_yearly(figures.number(value)) for value in by_hour]
        rows.append((f"WA-{area}", name, code, figures.number(employment), figures.number(mean), *yearly))
    return "Washington", rows, figures


def _yearly(hourly: float | None) -> float | None:
    """A year of 2,080 hours, as the Bureau reckons."""
    return hourly if hourly is None or hourly == AT_TOP else round(hourly * 2080)


def _wage_row(figures: Figures, code: str, values: list[Any]) -> list[Any]:
    employment, hourly, *yearly = values
    row = [figures.number(employment), figures.number(hourly, high=1_000)]
    row += [figures.number(value, low=5_000, high=1_000_000) for value in yearly]
    percentiles = [number for number in row[3:] if number is not None and number != AT_TOP]
    if percentiles != sorted(percentiles):
        figures.report.error(figures.file, f"has percentiles of {code} that fall")
    return row


def _joins(report: ImportReport, file: str, codes: Iterable[str], known: set[str]) -> None:
    """The survey counts some occupations together under a code of its own: it must lie in a broad group of the SOC."""
    groups = {code[:6] for code in known}
    strange = {code for code in codes if code not in known and code != "00-0000"}
    own = {code for code in strange if code[:6] in groups}
    report.joins(file, "occupations", strange - own, known)
    if len(own) > 30:
        report.error(file, f"has {len(own)} codes of its own, where it has a handful: {shown(sorted(own))}")
    elif own:
        report.note(file, f"counts some occupations together under codes of its own: {shown(sorted(own))}")
