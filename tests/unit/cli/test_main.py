from __future__ import annotations

import importlib
import sys

import pytest
import typer
from typer.testing import CliRunner

from shared_backend.cli import main
from shared_backend.cli.printer import Printer
from shared_backend.utils.exception_handler import NotFound


def test_every_command_can_be_imported_and_has_help() -> None:
    result = CliRunner().invoke(main.app, ["--help"])
    assert result.exit_code == 0
    for name, path in main.COMMANDS:
        assert isinstance(importlib.import_module(path).app, typer.Typer)
        assert name in result.output


def test_version() -> None:
    result = CliRunner().invoke(main.app, ["version"])
    assert result.exit_code == 0
    assert result.output.startswith("IntelliCV ")


def test_an_unknown_command_is_refused() -> None:
    assert CliRunner().invoke(main.app, ["fly"]).exit_code == 2


def test_our_errors_are_one_line_and_not_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = typer.Typer()

    @failing.command()
    def run() -> None:
        raise NotFound("There is no such backup.")

    monkeypatch.setattr(sys.modules["shared_backend.cli.version"], "app", failing)
    result = CliRunner().invoke(main.app, ["version"])
    assert result.exit_code == 1
    assert result.output.strip() == "There is no such backup."


def test_the_printer_survives_its_reader(tmp_path: object) -> None:
    class Gone:
        def write(self, text: str) -> int:
            raise BrokenPipeError

        def isatty(self) -> bool:
            return False

    Printer(Gone()).say("worker", "hello")  # type: ignore[arg-type]
