"""Keeps a handful of processes running together: starts, listens, restarts, and stops all when told to.

Not honcho, which stops everything as soon as one process ends: here a portal that dies comes back and the other one
does not notice.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from shared_backend.cli.child import Child, Service

Say = Callable[[str, str], None]

_TICK_S = 0.1
_STOP_WITHIN_S = 6.0
_CRASHES_A_MINUTE = 5
_SLOW_START_S = 60.0


class Supervisor:
    """Runs services until a signal comes, or one of them can't be kept alive.

    `say(name, line)` gets every line of output and the supervisor's own remarks, under the name "intellicv".
    `when_up()` is called once, when all are healthy for the first time.
    """

    def __init__(self, services: Sequence[Service], say: Say, when_up: Callable[[], None] | None = None) -> None:
        self._say = say
        self._when_up = when_up
        self._children = [Child(service, say) for service in services]
        self._stop_asked = 0
        self._wake = threading.Event()
        self._slow: set[str] = set()

    def run(self) -> int:
        """Blocks until everything has ended; 0 after a signal, 1 when a service could not be kept alive.

        To be called from the main thread: it answers SIGINT, SIGTERM and SIGHUP meanwhile.
        """
        before = {number: signal.signal(number, self._on_signal) for number in _signals()}
        code = 0
        try:
            for child in self._children:
                child.start()
            while not self._stop_asked:
                self._tick(time.monotonic())
                self._wake.wait(_TICK_S)
        except _HopelessChild as hopeless:
            code = 1
            self._own(str(hopeless))
        finally:
            self._stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)
        return code

    def stop(self) -> None:
        """Asks for the end, from any thread; asked twice, nobody is waited for."""
        self._stop_asked += 1
        self._wake.set()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stop()

    def _own(self, line: str) -> None:
        self._say("intellicv", line)

    def _tick(self, now: float) -> None:
        for child in self._children:
            code = child.exit_code()
            if code is not None:
                self._after_crash(child, code, now)
            elif child.restart_at is not None and now >= child.restart_at:
                child.start()
            elif child.check_health():
                self._after_health(child)
            elif not child.healthy and child.process is not None:
                self._remark_on_slowness(child, now)
        if self._when_up is not None and all(child.healthy for child in self._children):
            when_up, self._when_up = self._when_up, None
            when_up()

    def _after_crash(self, child: Child, code: int, now: float) -> None:
        child.finish_output()
        pause = child.crashed(now)
        name = child.service.name
        if child.crashes_since(now - 60.0) >= _CRASHES_A_MINUTE:
            raise _HopelessChild(
                f"{name} ended {_CRASHES_A_MINUTE} times within a minute ({_ended(code)}), so everything is stopped. "
                "What it wrote last is above; correct that and start again."
            )
        self._own(f"{name} ended unexpectedly ({_ended(code)}); it is started again in {pause:g} s")

    def _after_health(self, child: Child) -> None:
        if child.crashes:
            self._own(f"{child.service.name} is back")
        self._slow.discard(child.service.name)

    def _remark_on_slowness(self, child: Child, now: float) -> None:
        name = child.service.name
        if now - child.started_at > _SLOW_START_S and name not in self._slow:
            self._slow.add(name)
            self._own(f"{name} has not answered for {_SLOW_START_S:g} s; still waiting")

    def _stop_all(self) -> None:
        running = [child for child in self._children if child.process is not None]
        for child in running:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_WITHIN_S
        asked = self._stop_asked
        while time.monotonic() < deadline and self._stop_asked <= max(asked, 1):
            running = [child for child in running if child.exit_code() is None]
            if not running:
                break
            time.sleep(0.02)
        for child in running:
            self._own(f"{child.service.name} did not stop by itself and is ended")
            child.signal(signal.SIGKILL)
        for child in self._children:
            if child.process is not None:
                child.process.wait()
            child.finish_output()


class _HopelessChild(Exception):
    """A service that ends as soon as it is started."""


def _ended(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _signals() -> list[Any]:
    return [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
