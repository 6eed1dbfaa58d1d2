"""The titles and labels of the benchmark, read from where the data of tests is."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from shared_backend.config.backend_config import project_root
from shared_backend.utils.exception_handler import InvalidInput


@dataclass(frozen=True)
class Cases:
    """`labels` of each occupation, the preferred one first; titles, and the occupation that each should find."""

    labels: list[list[str]]
    titles: list[str]
    wanted: list[int]


def data_folder() -> Path:
    """The folder of data beside the checkout."""
    return project_root().parent / "shared" / "data"


def read_cases(*, step: int = 1) -> Cases:
    """Every `step`-th title. Raises InvalidInput where the data is not there."""
    occupations = data_folder() / "esco" / "v1_1" / "occupations_en.csv"
    titles = data_folder() / "benchmarks" / "titles" / "jobbert_val.csv"
    for path in (occupations, titles):
        if not path.is_file():
            raise InvalidInput(f"The benchmark needs {path}, which is not there.")
    labels: list[list[str]] = []
    place: dict[str, int] = {}
    with occupations.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            preferred = row["preferredLabel"].strip()
            others = [label.strip() for label in row["altLabels"].split("\n") if label.strip()]
            place[preferred.casefold()] = len(labels)
            labels.append([preferred, *others])
    with titles.open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], place.get(row["label"].casefold())) for row in csv.DictReader(file)]
    known = [(title, wanted) for title, wanted in rows if wanted is not None][::step]
    return Cases(labels, [title for title, _wanted in known], [wanted for _title, wanted in known])
