"""What a command answers is on standard output, and what it logs is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LOGS = """
import structlog
from shared_backend.cli import main
from shared_backend.utils.clock import utc_now
from shared_backend.cli import migrate
print_ = migrate.typer.echo
def noisy(*arguments, **named):
    structlog.get_logger("a").info("small talk")
    structlog.get_logger("a").warning("something is wrong")
    print_(*arguments, **named)
migrate.typer.echo = noisy
main.app(["migrate"])
"""


def test_a_command_logs_onto_standard_error(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOGS],
        cwd=ROOT,
        env={"INTELLICV_VAR_DIR": str(tmp_path / "var"), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.startswith("The database has schema") and done.stdout.count("\n") == 1, done.stdout
    assert "something is wrong" in done.stderr and "small talk" not in done.stderr
