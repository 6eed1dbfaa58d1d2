"""Classifications of industries: LinkedIn's codes v2, NAICS 2022 and ISIC Rev. 4. Codes and titles, no descriptions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from shared_backend.data_management.dataset import INDUSTRIES, Dataset, make_dataset
from shared_backend.data_management.releases.findings import ImportReport, Progress, shown
from shared_backend.data_management.releases.folder import ReleaseFolder

_FILES = 3
# Sectors that have several numbers; the publisher gives their name with the first alone.
_NUMBERS = {"31": "31-33", "32": "31-33", "33": "31-33", "44": "44-45", "45": "44-45", "48": "48-49", "49": "48-49"}
_LEVELS = ("Sector", "Subsector", "Industry Group", "Parent (5-digit)")


def read_industries(path: Path, report: ImportReport, progress: Progress) -> Dataset:
    """Reads and checks the three classifications. Raises ReleaseRefused with everything that is wrong."""
    folder = ReleaseFolder(path, report, progress, steps=_FILES)
    linkedin, updated = _linkedin(folder)
    tables: dict[str, Any] = {"linkedin": linkedin, "naics": _naics(folder), "isic": _isic(folder)}
    report.raise_errors(INDUSTRIES)
    vintage = f"LinkedIn v2 of {updated}; NAICS 2022; ISIC Rev. 4"
    return make_dataset(INDUSTRIES, vintage, tables, report.counts, tuple(folder.files))


def _linkedin(folder: ReleaseFolder) -> tuple[dict[str, list[Any]], str]:
    """id → [label, id of the industry above or None]; the date."""
    name = "industry_codes.json"
    path = folder.find(name)
    value = folder.json_value(path) if path else None
    listed = value.get("industries", []) if isinstance(value, dict) else []
    by_path: dict[str, str] = {}
    labels: dict[str, str] = {}
    for each in listed:
        key, label, hierarchy = str(each.get("industry_id")), str(each.get("label")), str(each.get("hierarchy"))
        labels[key] = label
        by_path[hierarchy] = key
    if isinstance(value, dict) and value.get("total_industries") != len(labels):
        folder.report.error(name, f"says {value.get('total_industries')} industries, and has {len(labels)}")
    found: dict[str, list[Any]] = {}
    for hierarchy, key in by_path.items():
        above, parts = None, hierarchy.split(" > ")[:-1]
        # A group that has no code of its own is passed over.
        while parts and above is None:
            above = by_path.get(" > ".join(parts))
            parts.pop()
        found[key] = [labels[key], above]
    folder.report.count("LinkedIn industries", len(found), least=400, most=600, file=name)
    return found, str(value.get("last_updated", ""))[:10] if isinstance(value, dict) else ""


def _naics(folder: ReleaseFolder) -> dict[str, str]:
    """Code of two to six digits (a sector may be `31-33`) → title."""
    name = "naics_2022*.json"
    path = folder.find(name)
    value = folder.json_value(path) if path else None
    found: dict[str, str] = {}
    wrong = []
    for each in value if isinstance(value, list) else []:
        code, title = str(each.get("Code", "")), str(each.get("Title", "")).strip()
        if not re.fullmatch(r"\d{6}", code) or not title:
            wrong.append(code or title)
            continue
        found[code] = title
        for level in _LEVELS:
            upper, _dash, words = str(each.get(level, "")).partition(" —")
            upper = _NUMBERS.get(upper.strip(), upper.strip())
            if upper and words.strip():
                found.setdefault(upper, words.strip())
    if wrong:
        folder.report.error(name, f"has industries without code or title: {shown(wrong)}")
    leaves = sum(len(code) == 6 for code in found)
    folder.report.count("NAICS industries", leaves, least=1_000, most=1_100, file=name)
    folder.report.count(
        "NAICS sectors", sum("-" in code or len(code) == 2 for code in found), least=20, most=20, file=name
    )
    return found


def _isic(folder: ReleaseFolder) -> dict[str, str]:
    """Section letter, or two to four digits → title."""
    name = "isic4_en.json"
    path = folder.find(name)
    value = folder.json_value(path) if path else None
    found: dict[str, str] = {}

    def take(entries: Any, *levels: str) -> None:
        for entry in entries if isinstance(entries, list) else []:
            code = str(entry.get(levels[0], ""))
            found[code.upper()] = str(entry.get("description", "")).strip()
            if levels[1:]:
                take(entry.get(_PLURAL[levels[1]]), *levels[1:])

    take(value.get("sections") if isinstance(value, dict) else None, "section", "division", "group", "class")
    folder.report.count("ISIC classes", sum(len(code) == 4 for code in found), least=400, most=450, file=name)
    return found


_PLURAL = {"division": "divisions", "group": "groups", "class": "classes"}
