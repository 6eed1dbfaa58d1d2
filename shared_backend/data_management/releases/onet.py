"""The O*NET database, text files as published; Skills and Knowledge as text or as a spreadsheet."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared_backend.data_management.dataset import ONET, Dataset, make_dataset
from shared_backend.data_management.releases.findings import ImportReport, Progress, shown
from shared_backend.data_management.releases.folder import ReleaseFolder

CODE = re.compile(r"\d\d-\d{4}\.\d\d")
# The category tables by their scale, as the database names them, and how many categories each has.
_EDUCATION = {"RL": ("education", 12), "RW": ("experience", 11), "PT": ("in_plant", 9), "OJ": ("on_the_job", 9)}
_RATING = ("O*NET-SOC Code", "Element ID", "Element Name", "Scale ID", "Data Value", "Recommend Suppress")
_FILES = 11


def read_onet(path: Path, report: ImportReport, progress: Progress) -> Dataset:
    """Reads and checks a release. Values of scales are kept as whole hundredths.

    Raises ReleaseRefused with everything that is wrong, and InvalidInput where there is no such folder.
    """
    folder = ReleaseFolder(path, report, progress, steps=_FILES)
    occupations = _occupations(folder)
    codes = set(occupations)
    zones = _zones(folder, codes)
    for code in zones.keys() & codes:
        occupations[code][1] = zones[code]
    tables: dict[str, Any] = {
        "occupations": occupations,
        "titles": _titles(folder, codes),
        "education": _education(folder, codes),
        "skills": _ratings(folder, "Skills", 35, codes),
        "knowledge": _ratings(folder, "Knowledge", 33, codes),
        "technology": _technology(folder, codes, set(zones)),
        "related": _related(folder, codes, set(zones)),
        "interests": _interests(folder, codes),
    }
    vintage = _vintage(folder)
    report.raise_errors(ONET)
    return make_dataset(ONET, vintage, tables, report.counts, tuple(folder.files))


def _occupations(folder: ReleaseFolder) -> dict[str, list[Any]]:
    """code → [title, job zone or None]."""
    path = folder.find("Occupation Data.txt")
    rows = folder.text_rows(path, ("O*NET-SOC Code", "Title")) if path else []
    name = "Occupation Data.txt"
    wrong = [code for code, title in rows if not CODE.fullmatch(code) or not title]
    if wrong:
        folder.report.error(name, f"has rows whose code or title is none: {shown(wrong)}")
    occupations: dict[str, list[Any]] = {code: [title, None] for code, title in rows}
    if len(occupations) != len(rows):
        folder.report.error(name, f"has {len(rows) - len(occupations)} codes more than once")
    folder.report.count("occupations", len(occupations), least=900, most=1_300, file=name)
    return occupations


def _zones(folder: ReleaseFolder, codes: set[str]) -> dict[str, int]:
    path = folder.find("Job Zones.txt")
    rows = folder.text_rows(path, ("O*NET-SOC Code", "Job Zone")) if path else []
    name = "Job Zones.txt"
    folder.report.joins(name, "occupations", (code for code, _zone in rows), codes)
    wrong = [f"{code} {zone}" for code, zone in rows if zone not in ("1", "2", "3", "4", "5")]
    if wrong:
        folder.report.error(name, f"has zones that are not 1 to 5: {shown(wrong)}")
    zones = {code: int(zone) for code, zone in rows if zone in ("1", "2", "3", "4", "5")}
    folder.report.count("occupations with a job zone", len(zones), least=850, most=len(codes), file=name)
    return zones


def _titles(folder: ReleaseFolder, codes: set[str]) -> dict[str, dict[str, list[str]]]:
    """`alternate` and `reported`: code → titles, as published, each once. `short`: code → what is said for short."""
    name = "Alternate Titles.txt"
    path = folder.find(name)
    rows = folder.text_rows(path, ("O*NET-SOC Code", "Alternate Title", "Short Title")) if path else []
    folder.report.joins(name, "occupations", (code for code, *_ in rows), codes)
    folder.report.covers(name, "occupations", (code for code, *_ in rows), codes)
    folder.report.count("alternate titles", len(rows), least=40_000, most=120_000, file=name)
    alternate: dict[str, dict[str, None]] = defaultdict(dict)
    short: dict[str, dict[str, None]] = defaultdict(dict)
    for code, title, brief in rows:
        alternate[code][title] = None
        if brief and brief != "n/a":
            short[code][brief] = None
    name = "Sample of Reported Titles.txt"
    path = folder.find(name)
    sampled = folder.text_rows(path, ("O*NET-SOC Code", "Reported Job Title")) if path else []
    folder.report.joins(name, "occupations", (code for code, _title in sampled), codes)
    folder.report.count("reported titles", len(sampled), least=6_000, most=20_000, file=name)
    reported: dict[str, dict[str, None]] = defaultdict(dict)
    for code, title in sampled:
        reported[code][title] = None
    groups = {"alternate": alternate, "short": short, "reported": reported}
    return {group: {code: list(titles) for code, titles in by_code.items()} for group, by_code in groups.items()}


def _education(folder: ReleaseFolder, codes: set[str]) -> dict[str, Any]:
    """By scale: `categories` (the words of each) and code → share of each category in hundredths of a percent."""
    name = "Education, Training, and Experience.txt"
    path = folder.find(name)
    rows = folder.text_rows(path, ("O*NET-SOC Code", "Scale ID", "Category", "Data Value")) if path else []
    folder.report.joins(name, "occupations", (code for code, *_ in rows), codes)
    shares: dict[str, dict[str, dict[int, int]]] = {scale: defaultdict(dict) for scale in _EDUCATION}
    for code, scale, category, value in rows:
        if scale in shares and category.isdigit():
            shares[scale][code][int(category)] = _hundredths(value)
    words: dict[str, dict[int, str]] = defaultdict(dict)
    listing = folder.find("Education, Training, and Experience Categories.txt")
    for scale, category, label in (
        folder.text_rows(listing, ("Scale ID", "Category", "Category Description")) if listing else []
    ):
        if category.isdigit():
            words[scale][int(category)] = label
    found: dict[str, Any] = {}
    for scale, (label, size) in _EDUCATION.items():
        whole = set(range(1, size + 1))
        broken = [
            code for code, by in shares[scale].items() if set(by) != whole or not 9_800 <= sum(by.values()) <= 10_200
        ]
        if broken:
            folder.report.error(
                name, f"{scale} of {shown(broken)} has not all {size} categories, or they do not make 100 %"
            )
        if set(words[scale]) != whole:
            folder.report.error("Education, Training, and Experience Categories.txt", f"lacks categories of {scale}")
        by_code = {code: [by.get(number, 0) for number in sorted(whole)] for code, by in shares[scale].items()}
        found[label] = {"categories": [words[scale].get(number, "") for number in sorted(whole)], "shares": by_code}
    folder.report.count("occupations with education", len(shares["RL"]), least=800, most=len(codes), file=name)
    return found


def _ratings(folder: ReleaseFolder, label: str, size: int, codes: set[str]) -> dict[str, Any]:
    """`elements` ([id, name], in order) and, code → hundredths in that order, `importance` (100 to 500) and `level`
    (0 to 700; None: not relevant)."""
    path = folder.find(f"{label}.txt", f"{label}.xlsx", f"{label} (*).xlsx")
    columns = (*_RATING, "Not Relevant")
    rows: Sequence[tuple[Any, ...]] = []
    if path is not None:
        rows = folder.text_rows(path, columns) if path.suffix == ".txt" else folder.sheet_rows(path, columns)
    name = path.name if path is not None else f"{label}.txt"
    folder.report.joins(name, "occupations", {row[0] for row in rows}, codes)
    names = {row[1]: row[2] for row in rows}
    elements = sorted(names, key=lambda element: [(len(part), part) for part in element.split(".")])
    if rows and len(elements) != size:
        folder.report.error(name, f"rates {len(elements)} elements, where there are {size}")
    place = {element: number for number, element in enumerate(elements)}
    values: dict[str, dict[str, list[int | None]]] = {"IM": {}, "LV": {}}
    seen: dict[str, int] = defaultdict(int)
    wrong, doubtful = [], 0
    for code, element, _name, scale, value, suppress, not_relevant in rows:
        low, high = (100, 500) if scale == "IM" else (0, 700)
        number = _hundredths(value)
        if scale not in values or not low <= number <= high:
            wrong.append(f"{code} {element} {scale} {value}")
            continue
        doubtful += suppress == "Y"
        seen[code] += 1
        of_code = values[scale].setdefault(code, [None] * len(elements))
        of_code[place[element]] = None if scale == "LV" and not_relevant == "Y" else number
    if wrong:
        folder.report.error(name, f"has values out of their range: {shown(wrong)}")
    partial = sorted(code for code, number in seen.items() if number != 2 * len(elements))
    if partial:
        folder.report.error(name, f"rates only a part of the elements for {shown(partial)}, as if it were half copied")
    if doubtful:
        folder.report.note(name, f"{doubtful:,} values that the publisher holds to be imprecise are kept")
    folder.report.count(f"occupations with {label.lower()}", len(seen), least=800, most=len(codes), file=name)
    return {
        "elements": [[element, names[element]] for element in elements],
        "importance": values["IM"],
        "level": values["LV"],
    }


def _technology(folder: ReleaseFolder, codes: set[str], rated: set[str]) -> dict[str, Any]:
    """`commodities`: code → name; `names`: of the technologies; `by_occupation`: code → [name's place, commodity,
    flags], flags 1 for hot and 2 for in demand."""
    name = "Technology Skills.txt"
    columns = ("O*NET-SOC Code", "Example", "Commodity Code", "Commodity Title", "Hot Technology", "In Demand")
    path = folder.find(name)
    rows = folder.text_rows(path, columns) if path else []
    folder.report.joins(name, "occupations", (row[0] for row in rows), codes)
    folder.report.covers(name, "occupations", (row[0] for row in rows), rated)
    wrong = [row[2] for row in rows if not re.fullmatch(r"\d{8}", row[2])]
    if wrong:
        folder.report.error(name, f"has commodity codes that are none: {shown(wrong)}")
    folder.report.count("technology skills", len(rows), least=20_000, most=80_000, file=name)
    names = sorted({row[1] for row in rows})
    place = {technology: number for number, technology in enumerate(names)}
    by_occupation: dict[str, list[list[Any]]] = defaultdict(list)
    for code, technology, commodity, _title, hot, demanded in rows:
        by_occupation[code].append([place[technology], commodity, (hot == "Y") + 2 * (demanded == "Y")])
    commodities = {row[2]: row[3] for row in rows}
    folder.report.counts["technologies"] = len(names)
    return {"commodities": commodities, "names": names, "by_occupation": by_occupation}


def _related(folder: ReleaseFolder, codes: set[str], rated: set[str]) -> dict[str, list[str]]:
    """code → related codes, nearest first: five of tier Primary-Short, five Primary-Long, ten Supplemental."""
    name = "Related Occupations.txt"
    path = folder.find(name)
    columns = ("O*NET-SOC Code", "Related O*NET-SOC Code", "Relatedness Tier", "Index")
    rows = folder.text_rows(path, columns) if path else []
    folder.report.joins(name, "occupations", {code for row in rows for code in row[:2]}, codes)
    folder.report.covers(name, "occupations", {row[0] for row in rows}, rated)
    by_code: dict[str, dict[int, str]] = defaultdict(dict)
    for code, other, _tier, index in rows:
        if index.isdigit():
            by_code[code][int(index)] = other
    broken = [code for code, by in by_code.items() if set(by) != set(range(1, 21))]
    if broken:
        folder.report.error(name, f"has not twenty related occupations for {shown(broken)}, as if it were half copied")
    folder.report.count("related pairs", len(rows), least=15_000, most=30_000, file=name)
    return {code: [by[index] for index in sorted(by)] for code, by in by_code.items()}


def _interests(folder: ReleaseFolder, codes: set[str]) -> dict[str, Any]:
    """`elements` (RIASEC names) and `values`: code → hundredths (100 to 700)."""
    name = "Interests.txt"
    path = folder.find(name)
    rows = (
        folder.text_rows(path, ("O*NET-SOC Code", "Element ID", "Element Name", "Scale ID", "Data Value"))
        if path
        else []
    )
    rows = [row for row in rows if row[3] == "OI"]
    folder.report.joins(name, "occupations", {row[0] for row in rows}, codes)
    elements = list(dict.fromkeys(row[2] for row in sorted(rows, key=lambda row: row[1])))
    values: dict[str, list[int]] = defaultdict(lambda: [0] * len(elements))
    wrong = []
    for code, _element, label, _scale, value in rows:
        number = _hundredths(value)
        if not 100 <= number <= 700:
            wrong.append(f"{code} {value}")
        values[code][elements.index(label)] = number
    if wrong or any(0 in by for by in values.values()):
        folder.report.error(name, f"lacks interests of an occupation, or has values out of their range: {shown(wrong)}")
    folder.report.count("occupations with interests", len(values), least=800, most=len(codes), file=name)
    return {"elements": elements, "values": values}


def _vintage(folder: ReleaseFolder) -> str:
    """The release's number and month, and that of parts which are of another one."""
    path = folder.find("Read Me.txt", required=False)
    text = path.read_text(encoding="utf-8", errors="replace") if path else ""
    found = re.search(r"O\*NET ([\d.]+) Database\s+(\w+ \d{4}) Release", text)
    if found is None:
        folder.report.error("Read Me.txt", "does not say which release this is")
        return ""
    other = sorted({match for file in folder.files for match in re.findall(r"\(([\d.]+)\)\.xlsx$", file.name)})
    parts = f"; Skills and Knowledge of {', '.join(other)}" if other else ""
    return f"O*NET {found[1]}, {found[2]}{parts}"


def _hundredths(value: Any) -> int:
    """A number in hundredths; -1 for what is none."""
    try:
        return round(float(value) * 100)
    except (TypeError, ValueError):
        return -1
