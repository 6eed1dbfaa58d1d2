"""Knowledge for tests: small datasets, and the official releases that lie beside the checkout."""

from __future__ import annotations

import functools
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
