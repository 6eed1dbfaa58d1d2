"""The ESCO classification: occupations, ISCO groups, skills, and the crosswalk to O*NET.

Of several versions of the occupations in the folder the newest is read. The crosswalk is looked for in the folder, and
in a folder named `crosswalk` beside it.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from shared_backend.data_management.dataset import ESCO, Dataset, make_dataset
from shared_backend.data_management.releases.findings import ImportReport, Progress, shown
from shared_backend.data_management.releases.folder import ReleaseFolder

_FILES = 9
_OCCUPATION = "http://data.europa.eu/esco/occupation/"
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_VERSION = re.compile(r"v?(\d+)[._](\d+)(?:[._]\d+)?")
# Collections of skills that carry alternative labels; the classification's own file of skills has them all.
_SKILL_FILES = ("skills_en.csv", "transversalSkillsCollection_en.csv", "languageSkillsCollection_en.csv")
_CONFIDENCE = ("0.5", "1.0", "2.0")
_MORE_SKILL_FILES = ("ictSkillsCollection_en.csv", "digitalSkillsCollection_en.csv")


def read_esco(path: Path, report: ImportReport, progress: Progress) -> Dataset:
    """Reads and checks a release. Ids are the last part of ESCO's addresses.

    Raises ReleaseRefused with everything that is wrong, and InvalidInput where there is no such folder.
    """
    folder = ReleaseFolder(path, report, progress, steps=_FILES)
    occupations, labels, version = _occupations(folder)
    isco = _isco(folder, {row[1] for row in occupations.values()})
    skills, alternatives, by_occupation = _skills(folder, set(occupations))
    tables: dict[str, Any] = {
        "occupations": occupations,
        "labels": labels,
        "isco": isco,
        "skills": skills,
        "skill_labels": alternatives,
        "occupation_skills": by_occupation,
        "crosswalk": _crosswalk(folder, set(occupations)),
    }
    report.raise_errors(ESCO)
    crosswalk = ", crosswalk of November 2020" if tables["crosswalk"] else ""
    return make_dataset(ESCO, f"ESCO v{version}{crosswalk}", tables, report.counts, tuple(folder.files))


def _occupations(folder: ReleaseFolder) -> tuple[dict[str, list[str]], dict[str, list[str]], str]:
    """id → [label, ISCO group, code or ""]; id → other labels; the version."""
    name = "occupations_en.csv"
    found = folder.find_all(name)
    if not found:
        folder.report.error(name, f"is missing in {folder.path}")
        return {}, {}, ""
    path = max(found, key=lambda each: (_version(each), -len(each.parts)))
    if len(found) > 1:
        folder.report.note(name, f"is there in {len(found)} versions; {path.relative_to(folder.path)} is read")
    columns = ("conceptUri", "iscoGroup", "preferredLabel", "altLabels", "hiddenLabels", "status")
    rows = folder.text_rows(path, columns, delimiter=",")
    codes: dict[str, str] = {}
    if _has_code(path):
        codes = {address: code for address, code in folder.text_rows(path, ("conceptUri", "code"), delimiter=",")}
    occupations: dict[str, list[str]] = {}
    labels: dict[str, list[str]] = {}
    wrong = []
    for address, group, label, alternatives, hidden, status in rows:
        key = _key(address)
        if not _ID.fullmatch(key) or not label or not re.fullmatch(r"\d{4}", group):
            wrong.append(label or address)
        elif status == "released":
            occupations[key] = [label, group, codes.get(address, "")]
            labels[key] = _others(label, alternatives, hidden)
    if wrong:
        folder.report.error(name, f"has rows without id, label or ISCO group: {shown(wrong)}")
    if len(occupations) + len(wrong) < len({row[0] for row in rows if row[5] == "released"}):
        folder.report.error(name, "has an id more than once")
    folder.report.count("occupations", len(occupations), least=2_800, most=4_000, file=name)
    folder.report.count("occupation labels", sum(map(len, labels.values())), least=25_000, most=60_000, file=name)
    major, minor = _version(path)
    return occupations, labels, f"{major}.{minor}" if major else "of unknown number"


def _isco(folder: ReleaseFolder, groups: set[str]) -> dict[str, str]:
    """ISCO-08 code → label."""
    name = "ISCOGroups_en.csv"
    path = folder.find(name)
    rows = folder.text_rows(path, ("code", "preferredLabel"), delimiter=",") if path else []
    labels = {code: label for code, label in rows if code.isdigit() and label}
    folder.report.count("ISCO groups", len(labels), least=610, most=640, file=name)
    folder.report.joins("occupations_en.csv", "ISCO groups", groups, labels)
    return labels


def _skills(
    folder: ReleaseFolder, occupations: set[str]
) -> tuple[dict[str, str], dict[str, list[str]], dict[str, list[str]]]:
    """id → label; id → other labels; occupation → ids of its skills, where the release has them."""
    labels: dict[str, str] = {}
    others: dict[str, dict[str, None]] = defaultdict(dict)
    listing = folder.find("skills_v*_labels.csv", required=False)
    if listing is not None:
        labels.update({key: label for key, label in folder.text_rows(listing, ("id", "label"), delimiter=",")})
    for name in (*_SKILL_FILES, *_MORE_SKILL_FILES):
        path = folder.find(name, required=False)
        if path is None:
            continue
        for address, label, alternatives in folder.text_rows(
            path, ("conceptUri", "preferredLabel", "altLabels"), delimiter=","
        ):
            key = _key(address)
            # What an older collection has and the list of skills has not is no longer in use.
            if name == "skills_en.csv" or listing is None:
                labels.setdefault(key, label)
            if key in labels:
                others[key].update(dict.fromkeys(_others(labels[key], label, alternatives)))
    wrong = [label or key for key, label in labels.items() if not _ID.fullmatch(key) or not label]
    if wrong:
        folder.report.error("skills", f"have no id or no label: {shown(wrong)}")
    folder.report.count("skills", len(labels), least=13_000, most=20_000, file="skills_v*_labels.csv or skills_en.csv")
    by_occupation = _ict(folder, labels, others, occupations)
    folder.report.counts["skill labels"] = sum(map(len, others.values()))
    return labels, {key: list(found) for key, found in others.items() if found}, by_occupation


def _ict(
    folder: ReleaseFolder, labels: dict[str, str], others: dict[str, dict[str, None]], occupations: set[str]
) -> dict[str, list[str]]:
    """Adds the alternative labels of ICT skills, and answers the skills of the ICT occupations."""
    for skill in _gzipped(folder, "esco.json.gz"):
        key, other = _key(str(skill.get("uri"))), skill.get("altLabel")
        if key in labels and isinstance(other, str):
            others[key].update(dict.fromkeys(_others(labels[key], other)))
    by_label = {label.casefold(): key for key, label in labels.items()}
    found: dict[str, list[str]] = {}
    for occupation in _gzipped(folder, "esco_o.json.gz"):
        key = _key(str(occupation.get("uri")))
        keys = {by_label.get(str(label).casefold()) for label in occupation.get("skill", [])} - {None}
        if key in occupations:
            found[key] = sorted(str(each) for each in keys)
    folder.report.counts["occupations with skills"] = len(found)
    return found


def _crosswalk(folder: ReleaseFolder, occupations: set[str]) -> dict[str, list[Any]]:
    """ESCO id → [O*NET code and title as published, confidence: 2 is the highest].

    The codes are of O*NET-SOC 2010, of which O*NET has since given up 143: who joins them goes by the title, too.
    """
    pattern = "esco_onet_crosswalk*.csv"
    path = folder.find(pattern, required=False)
    if path is None:
        path = next(iter(sorted((folder.path.parent / "crosswalk").glob(pattern))), None)
    if path is None:
        folder.report.warn(pattern, "is missing, so ESCO and O*NET occupations are not joined")
        return {}
    columns = ("concept_uri", "onet_code", "onet_occupation", "confidence")
    found: dict[str, list[Any]] = {}
    wrong, gone = [], []
    rows = folder.text_rows(path, columns, delimiter=",")
    for address, code, title, confidence in rows:
        if not re.fullmatch(r"\d\d-\d{4}\.\d\d", code) or confidence not in _CONFIDENCE or not title:
            wrong.append(f"{address} {code}")
        elif _key(address) in occupations:
            found[_key(address)] = [code, title, float(confidence)]
        else:
            gone.append(_key(address))
    if wrong:
        folder.report.error(path.name, f"has rows that can't be used: {shown(wrong)}")
    if len(gone) > 0.05 * max(1, len(rows)):
        folder.report.error(path.name, f"names {len(gone):,} occupations that this version of ESCO does not have")
    elif gone:
        folder.report.note(path.name, f"{len(gone):,} occupations are not in this version of ESCO: {shown(gone)}")
    folder.report.count("crosswalk pairs", len(found), least=1_500, most=4_000, file=path.name)
    return found


def _gzipped(folder: ReleaseFolder, name: str) -> list[dict[str, Any]]:
    path = folder.find(name, required=False)
    if path is None:
        return []
    body = folder.whole(path)
    try:
        found = json.loads(gzip.decompress(body))
    except (OSError, EOFError, ValueError) as error:
        folder.report.error(name, f"can't be unpacked, as if it were half copied: {error}")
        return []
    return [each for each in found if isinstance(each, dict)]


def _others(label: str, *listed: str) -> list[str]:
    """Labels from lists by line or by bar, each once, without the label itself."""
    found = {part.strip(): None for text in listed for part in re.split(r"\n| \| ", text) if part.strip()}
    found.pop(label, None)
    return list(found)


def _key(address: str) -> str:
    return address.rpartition("/")[2]


def _version(path: Path) -> tuple[int, int]:
    for part in reversed(path.parts[:-1]):
        if match := _VERSION.search(part):
            return int(match[1]), int(match[2])
    return 0, 0


def _has_code(path: Path) -> bool:
    with path.open(encoding="utf-8") as file:
        return file.readline().strip().endswith(",code")
