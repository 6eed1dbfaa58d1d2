"""`intellicv bench`: measurements, each beside a control in the same run."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from pathlib import Path
from typing import Any

import typer

from shared_backend.config.backend_config import load_settings, project_root
from shared_backend.utils.exception_handler import InvalidInput
from shared_backend.utils.logging_config import configure_logging

app = typer.Typer(help="Measure beside a control.")


@app.command()
def run(
    name: str = typer.Argument(help="Which benchmark: cloud, cv, lockstep, post_script_gc, titles."),
    quick: bool = typer.Option(False, "--quick", help="Fewer rounds, for a first look."),
    json_file: Path | None = typer.Option(None, "--json", help="Write the figures to this file, too."),
    only: list[str] = typer.Option([], "--only", help="Only this part; may be given several times."),
    seed: int | None = typer.Option(None, "--seed", help="Replay what this seed draws, where a benchmark draws."),
) -> None:
    """Run a benchmark and print its table."""
    benchmark = _load(name)
    # As in production the saves are logged, but not onto the table: at WARNING, as a script has it.
    configure_logging(load_settings().model_copy(update={"log_level": "WARNING"}))
    figures: Any = importlib.import_module("benchmarks.figures")
    report = figures.Report(name)
    drawn: dict[str, Any] = {} if seed is None else {"seed": seed}
    if drawn and "seed" not in inspect.signature(benchmark.run).parameters:
        raise InvalidInput(f"Nothing in the benchmark {name} is drawn, so there is no seed to replay.")
    benchmark.run(report, quick=quick, only=only, **drawn)
    report.print()
    if json_file is not None:
        report.write(json_file)


def _load(name: str) -> Any:
    """The module of that name below benchmarks/, which lies in the checkout and is not installed."""
    root = str(project_root())
    if root not in sys.path:
        sys.path.insert(0, root)
    try:
        package = importlib.import_module("benchmarks")
    except ModuleNotFoundError:
        raise InvalidInput("The benchmarks are in the checkout: run this from there.") from None
    known = [found.name for found in pkgutil.iter_modules(package.__path__) if found.ispkg]
    if name not in known:
        raise InvalidInput(f"There is no benchmark {name!r}. There is {', '.join(known)}.")
    return importlib.import_module(f"benchmarks.{name}")
