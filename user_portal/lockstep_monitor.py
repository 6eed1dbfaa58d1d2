"""Verifies the bridge from outside: `python -m user_portal.lockstep_monitor`, or `intellicv lockstep check`.

A canary goes each way through the bridge's public call, and both portal processes must answer it. Everything else is
read with statements of this file's own over the bare driver: it shares no read, no merge and no opinion with what it
checks. It exits 0 only when everything is right.
"""

from __future__ import annotations

import functools
import json
import textwrap
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any

import typer

from shared_backend.config.backend_config import Settings, load_settings
from shared_backend.identity.actor import Actor
from shared_backend.utils.exception_handler import IntelliCVError
from user_portal.lockstep_checks import (
    Finding,
    RawDatabase,
    check_counters,
    check_heads,
    check_log,
    check_orphans,
)

PORTALS = {"admin_portal": "The admin portal", "user_portal": "The user portal"}
_SHOWN = 5


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `points` is what a failure takes off the health; `ms` how long looking took."""

    name: str
    ok: bool
    words: str
    ms: float
    points: int = 0


@dataclass
class Report:
    """All checks, and one number for them."""

    checks: list[Check] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything is right."""
        return bool(self.checks) and all(check.ok for check in self.checks)

    @property
    def health(self) -> int:
        """0 to 100; 100 only when everything is right."""
        return max(0, 100 - sum(check.points for check in self.checks if not check.ok))

    def run(self, name: str, points: int, look: Callable[[], Finding]) -> None:
        """Adds what `look` answers."""
        began = time.perf_counter()
        try:
            problems, words = look()
        except Exception as error:
            # Whatever goes wrong while looking is a finding too: a monitor that dies says nothing.
            problems, words = [f"could not be checked: {type(error).__name__}: {str(error).partition(chr(10))[0]}"], ""
        self.add(name, points, problems, words, (time.perf_counter() - began) * 1000)

    def add(self, name: str, points: int, problems: list[str], words: str = "", ms: float = 0.0) -> None:
        """Adds a finding; it is right when there are no problems."""
        more = f" (and {len(problems) - _SHOWN:,} more)" if len(problems) > _SHOWN else ""
        shown = "; ".join(problems[:_SHOWN]) + more if problems else words
        self.checks.append(Check(name, not problems, shown, round(ms, 1), points))


class Canaries:
    """One canary each way: written through the bridge's public call, answered by the other portal's process."""

    def __init__(self, url: str, publish: Callable[..., dict[str, Any]], timeout_s: float) -> None:
        self._raw, self._publish, self._timeout_s = RawDatabase(url), publish, timeout_s

    def check(self, source: str, portal: str) -> Finding:
        """Writes as `source` and waits until `portal` has seen it."""
        canary_id, began = str(uuid.uuid4()), time.perf_counter()
        answer = self._publish(
            "canary", {"canary_id": canary_id}, source=source, actor=Actor.system("lockstep_monitor")
        )
        if not answer["success"]:
            return [f"the bridge refused the canary: {answer['error']}"], ""
        stored_ms = (time.perf_counter() - began) * 1000
        if not self._stored(answer["seq"], canary_id):
            return [f"the bridge answered event {answer['seq']}, and the log does not hold the canary there"], ""
        while time.perf_counter() - began < self._timeout_s:
            if self._answered(canary_id, portal):
                seen_ms = (time.perf_counter() - began) * 1000
                return [], f"stored after {stored_ms:.0f} ms, answered by the {portal} after {seen_ms:.0f} ms"
            time.sleep(0.01)
        running = "is running, and" if self._running(portal) else "is not running: no process of it reports here. It"
        return [f"{PORTALS[portal]} {running} has not answered within {self._timeout_s:g} s"], ""

    def close(self) -> None:
        """Lets go of the connection."""
        self._raw.close()

    def _ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        self._raw.renew()
        return list(self._raw.rows(statement, *values))

    def _stored(self, seq: int, canary_id: str) -> bool:
        rows = self._ask("SELECT data FROM event WHERE seq = ? AND type = 'canary'", seq)
        return [json.loads(data).get("canary_id") for (data,) in rows] == [canary_id]

    def _answered(self, canary_id: str, portal: str) -> bool:
        statement = (
            "SELECT 1 FROM acknowledgement WHERE kind = 'canary' AND entity_id = ? AND portal = ? AND stage = 'seen'"
        )
        return bool(self._ask(statement, canary_id, portal))

    def _running(self, portal: str) -> bool:
        return bool(self._ask("SELECT 1 FROM process WHERE portal = ?", portal))


def monitor(settings: Settings, *, timeout_s: float = 5.0, portals: bool = True) -> Report:
    """Runs all checks on the database that the settings name. With `portals`, leaves two canaries in its log."""
    report = Report()
    if portals:
        try:
            _send_canaries(report, settings, timeout_s)
        except IntelliCVError as error:
            report.add("canaries", 60, [str(error)])
    for name, points, check in (
        ("numbers of the log", 60, check_counters),
        ("heads from versions", 60, check_heads),
        ("heads from the log", 60, check_log),
        ("references", 30, check_orphans),
    ):
        report.run(name, points, functools.partial(_look, settings.database_url, check))
    return report


def _send_canaries(report: Report, settings: Settings, timeout_s: float) -> None:
    # Imported late: without portals nothing of the product is loaded but its settings.
    from shared_backend.services.backend import Backend

    backend = Backend.open(settings)
    with closing(backend), closing(Canaries(settings.database_url, backend.bridge.publish_event, timeout_s)) as sent:
        for source, portal in (("admin_portal", "user_portal"), ("user_portal", "admin_portal")):
            report.run(f"{source} to {portal}", 30, functools.partial(sent.check, source, portal))


def _look(url: str, check: Callable[[RawDatabase], Finding]) -> Finding:
    with closing(RawDatabase(url)) as raw:
        return check(raw)


def draw(report: Report) -> None:
    """The checks as a table, and the verdict."""
    width = max(len(check.name) for check in report.checks)
    for check in report.checks:
        first, *more = textwrap.wrap(check.words, 100) or [""]
        typer.echo(f"{check.name:<{width}}  {'ok' if check.ok else 'WRONG':<5}  {check.ms:>9,.1f} ms  {first}")
        for line in more:
            typer.echo(f"{'':<{width}}  {'':<5}  {'':>12}  {line}")
    wrong = sum(1 for check in report.checks if not check.ok)
    verdict = "Everything is right." if report.ok else f"{wrong} of {len(report.checks)} checks found something wrong."
    typer.echo(f"\nHealth {report.health} of 100. {verdict}")


app = typer.Typer(add_completion=False)


@app.command()
def check(
    timeout: float = typer.Option(5.0, min=0.1, help="Seconds that a portal may take to answer a canary."),
    as_json: bool = typer.Option(False, "--json", help="Print the findings as JSON."),
    no_portals: bool = typer.Option(False, "--no-portals", help="Check the database alone; write no canaries."),
) -> None:
    """Verify the bridge from outside: canaries each way, and the log against versions and heads."""
    from shared_backend.utils.logging_config import configure_logging

    try:
        settings = load_settings()
        configure_logging(settings.model_copy(update={"log_level": "ERROR"}))
        report = monitor(settings, timeout_s=timeout, portals=not no_portals)
    except IntelliCVError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if as_json:
        found = {"health": report.health, "ok": report.ok, "checks": [asdict(each) for each in report.checks]}
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        draw(report)
    if not report.ok:
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
