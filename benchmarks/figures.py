"""What a benchmark gives: figures by key, each with its control and its goal."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One measured number. `control` says what it was measured beside, in words with its number."""

    key: str
    value: float
    unit: str
    goal: float | None = None
    better: Literal["lower", "higher"] = "lower"
    control: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None:
            return None
        return self.value <= self.goal if self.better == "lower" else self.value >= self.goal


@dataclass
class Report:
    """All figures of one run."""

    benchmark: str
    figures: list[Figure] = field(default_factory=list)

    def add(self, figure: Figure) -> None:
        """Takes one in, and says so: a run takes minutes."""
        self.figures.append(figure)
        Console().print(
            f"  {figure.key} = {figure.value:g} {figure.unit}  [dim]{figure.control}[/dim]", highlight=False
        )

    def print(self) -> None:
        """The table."""
        table = Table("figure", "measured", "goal", "", "beside", title=f"intellicv bench {self.benchmark}")
        for figure in self.figures:
            sign = "≤" if figure.better == "lower" else "≥"
            goal = f"{sign} {figure.goal:g}" if figure.goal is not None else ""
            verdict = {True: "reached", False: "missed", None: ""}[figure.reached]
            table.add_row(figure.key, f"{figure.value:g} {figure.unit}", goal, verdict, figure.control)
        Console().print(table)

    def write(self, file: Path) -> None:
        """As JSON: benchmark, figures by key, machine."""
        content = {
            "benchmark": self.benchmark,
            "figures": {figure.key: figure.value for figure in self.figures},
            "machine": machine(),
        }
        file.write_text(json.dumps(content, indent=2) + "\n")


def machine() -> dict[str, Any]:
    """What it ran on; the load says how alone it was."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load_average": [round(value, 2) for value in os.getloadavg()],
    }


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie; nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def p50_p99(values: Iterable[float]) -> tuple[float, float]:
    """Median and 99th percentile, to a tenth."""
    listed = list(values)
    return round(statistics.median(listed), 1), round(percentile(listed, 0.99), 1)
