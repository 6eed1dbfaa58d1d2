"""One process under the supervisor: started in a group of its own, listened to, and stopped with all it started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_LAUNCHER = Path(__file__).with_name("launcher.py")
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 10.0
_STEADY_AFTER_S = 60.0


@dataclass(frozen=True)
class Service:
    """What is to run: `healthy` tells whether it answers; without one, being alive is enough.

    Lines of its output that hold one of `noise` are not passed on, nor are empty ones.
    """

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: Path
    healthy: Callable[[], bool] | None = None
    noise: tuple[str, ...] = ()


@dataclass
class Child:
    """A service's process, and the ones that came after it died."""

    service: Service
    say: Callable[[str, str], None]
    process: subprocess.Popen[str] | None = None
    started_at: float = 0.0
    healthy: bool = False
    restart_at: float | None = None
    crashes: deque[float] = field(default_factory=deque)
    _listener: threading.Thread | None = None

    def start(self) -> None:
        """Starts it. Call from the thread that lives as long as the supervisor: the kernel watches that thread."""
        self.restart_at, self.healthy, self.started_at = None, False, time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-E", str(_LAUNCHER), str(os.getpid()), *self.service.command],
            cwd=self.service.folder,
            env=self.service.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._listener = threading.Thread(
            target=self._listen, args=(self.process,), name=f"output of {self.service.name}", daemon=True
        )
        self._listener.start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                if line.strip() and not any(noise in line for noise in self.service.noise):
                    self.say(self.service.name, line.rstrip())

    def exit_code(self) -> int | None:
        """The code it ended with, once it has; its group is then cleared of whatever it left behind."""
        if self.process is None:
            return None
        if self.process.returncode is None:
            # Looked at without taking it away: until then its number can't belong to another group.
            if os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                return None
            self.signal(signal.SIGKILL)
            self.process.wait()
        return self.process.returncode

    def signal(self, number: int) -> None:
        """Sends a signal to the process and everything that it started."""
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def check_health(self) -> bool:
        """Whether it became healthy just now."""
        if self.healthy or self.process is None or self.process.returncode is not None:
            return False
        self.healthy = self.service.healthy is None or self.service.healthy()
        return self.healthy

    def crashed(self, now: float) -> float:
        """Notes a crash and answers after how many seconds to start again."""
        if now - self.started_at > _STEADY_AFTER_S:
            self.crashes.clear()
        self.crashes.append(now)
        pause = min(_FIRST_PAUSE_S * 2 ** (len(self.crashes) - 1), _LONGEST_PAUSE_S)
        self.process, self.healthy, self.restart_at = None, False, now + pause
        return pause

    def crashes_since(self, moment: float) -> int:
        """How often it crashed since that moment (monotonic seconds)."""
        return sum(1 for at in self.crashes if at >= moment)

    def finish_output(self, timeout_s: float = 1.0) -> None:
        """Waits until what it wrote last has been passed on."""
        if self._listener is not None:
            self._listener.join(timeout_s)
