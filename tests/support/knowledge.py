"""Knowledge for tests: small datasets, and the official releases that lie beside the checkout."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from shared_backend.data_management.ai_data_manager import AIDataManager
from shared_backend.data_management.dataset import ONET, Dataset, make_dataset
from shared_backend.data_management.releases.findings import ImportReport
from tests.support.missing import missing

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def release(name: str) -> Path:
    """The folder of a release; skips, or fails in continuous integration, where it is not there."""
    folder = DATA / name
    if not folder.is_dir():
        missing(f"the releases for tests are not there: {folder.name} is looked for in shared/data beside the checkout")
    return folder


@functools.cache
def _ready() -> AIDataManager:
    manager = AIDataManager()
    manager.current()
    return manager


def share_knowledge(manager: AIDataManager) -> None:
    """Has a manager of one test use the shipped knowledge, and the indexes over it, that all tests of the run share:
    they take two seconds to make."""
    manager._base = _ready()._base
    manager._kept = _ready()._kept.copy()


def linked(source: Path, target: Path) -> Path:
    """A folder with links to every file of a release, of which a test may replace some."""
    for path in source.rglob("*"):
        if path.is_file():
            link = target / path.relative_to(source)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
    return target


def replace(path: Path, content: bytes) -> None:
    """Puts other content in place of a link."""
    path.unlink()
    path.write_bytes(content)


def small_onet(title: str = "Testers", vintage: str = "O*NET 0.1") -> Dataset:
    """Two occupations with everything that O*NET has of one."""
    codes = ("11-1011.00", "15-1253.00")
    element = [["2.A.1.a", "Reading Comprehension"]]
    ratings = {
        "elements": element,
        "importance": {code: [400] for code in codes},
        "level": {codes[0]: [500], codes[1]: [None]},
    }
    shares = {"categories": ["None", "Some"], "shares": {code: [2_500, 7_500] for code in codes}}
    tables: dict[str, Any] = {
        "occupations": {codes[0]: ["Chief Executives", 5], codes[1]: [title, 4]},
        "titles": {"alternate": {codes[0]: ["CEO (Chief Executive Officer)"]}, "short": {}, "reported": {}},
        "education": dict.fromkeys(("education", "experience", "in_plant", "on_the_job"), shares),
        "skills": ratings,
        "knowledge": ratings,
        "technology": {"commodities": {"1": "Software"}, "names": ["SQL"], "by_occupation": {codes[1]: [[0, "1", 3]]}},
        "related": {codes[1]: [codes[0]]},
        "interests": {"elements": ["Social"], "values": {codes[0]: [500]}},
    }
    return make_dataset(ONET, vintage, tables, {"occupations": 2}, ())


def quiet(_done: int, _total: int, _words: str) -> None:
    """Progress that nobody watches."""


def words_of(report: ImportReport) -> str:
    """All errors of a report as one text."""
    return "\n".join(f"{finding.file}: {finding.words}" for finding in report.errors)


def industries_release(folder: Path, *, changed: str = "Industry 7", date: str = "2026-01-01") -> Path:
    """A made-up release of industries that is whole: 20 groups with 21 industries each, NAICS and ISIC like them."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = []
    for group in range(20):
        listed.append({"industry_id": 1_000 + group, "label": f"Group {group}", "hierarchy": f"Group {group}"})
        for number in range(group * 21, group * 21 + 21):
            label = changed if number == 7 else f"Industry {number}"
            listed.append({"industry_id": number, "label": label, "hierarchy": f"Group {group} > {label}"})
    linkedin = {"last_updated": date, "total_industries": len(listed), "industries": listed}
    sectors = (11, 21, 22, 23, 31, 42, 44, 48, 51, 52, 53, 54, 55, 56, 61, 62, 71, 72, 81, 92)
    naics = [
        {
            "Code": f"{sector}{number:04}",
            "Title": f"Industry {sector}{number:04}",
            "Sector": f"{sector} — Sector {sector}",
            "Subsector": f"{sector}{str(number).zfill(4)[0]} — Subsector {sector}{str(number).zfill(4)[0]}",
        }
        for sector in sectors
        for number in range(1_000, 1_051)
    ]
    isic = {
        "sections": [
            {
                "section": "a",
                "description": "Agriculture",
                "divisions": [
                    {
                        "division": f"0{division}",
                        "description": f"Division {division}",
                        "groups": [
                            {
                                "group": f"0{division}{group}",
                                "description": f"Group {division}{group}",
                                "classes": [
                                    {
                                        "class": f"0{division}{group}{each}",
                                        "description": f"Class {division}{group}{each}",
                                    }
                                    for each in range(10)
                                ],
                            }
                            for group in range(7)
                        ],
                    }
                    for division in range(1, 7)
                ],
            }
        ]
    }
    for name, value in (
        ("industry_codes.json", linkedin),
        ("naics_2022_clean.json", naics),
        ("isic4_en.json", isic),
    ):
        (folder / name).write_text(json.dumps(value), encoding="utf-8")
    return folder


def files_of(folder: Path) -> list[tuple[str, bytes]]:
    """A release's files as somebody uploads them."""
    return [(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]
