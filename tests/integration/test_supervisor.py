from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shared_backend.cli import supervisor as supervisor_module
from shared_backend.cli.child import Service
from shared_backend.cli.ports import is_free, next_free
from shared_backend.cli.supervisor import Supervisor
from shared_backend.config.backend_config import ConfigurationError

ROOT = Path(__file__).resolve().parents[2]


class Said(list[tuple[str, str]]):
    def __call__(self, name: str, line: str) -> None:
        self.append((name, line))

    def text(self) -> str:
        return "\n".join(f"{name}: {line}" for name, line in self)


def service(name: str, code: str, tmp_path: Path, healthy: Callable[[], bool] | None = None) -> Service:
    return Service(name, [sys.executable, "-u", "-c", code], dict(os.environ), tmp_path, healthy)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_for(condition: Callable[[], bool], within_s: float = 10.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


SLEEP = "import time; time.sleep(600)"
WITH_GRANDCHILD = (
    "import subprocess, sys, time, pathlib\n"
    f"p = subprocess.Popen([sys.executable, '-c', {SLEEP!r}])\n"
    "pathlib.Path('grandchild').write_text(str(p.pid)); time.sleep(600)"
)
STUBBORN = (
    "import signal, subprocess, sys, time, pathlib\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "pathlib.Path('stubborn').write_text('x'); time.sleep(600)"
)


def test_all_are_up_before_it_says_so_and_all_stop(tmp_path: Path) -> None:
    said, healthy = Said(), threading.Event()
    ups: list[float] = []
    sup = Supervisor(
        [
            service("one", "print('hello')\n" + SLEEP, tmp_path, healthy.is_set),
            service("two", WITH_GRANDCHILD, tmp_path),
        ],
        said,
        when_up=lambda: ups.append(time.monotonic()),
    )

    def drive() -> None:
        wait_for(lambda: (tmp_path / "grandchild").exists() and ("one", "hello") in said)
        assert not ups
        healthy.set()
        wait_for(lambda: bool(ups))
        sup.stop()

    driver = threading.Thread(target=drive)
    driver.start()
    assert sup.run() == 0
    driver.join()
    assert len(ups) == 1
    wait_for(lambda: not alive(int((tmp_path / "grandchild").read_text())), 2)


def test_a_service_that_dies_comes_back_and_the_other_does_not_notice(tmp_path: Path) -> None:
    said = Said()
    once = "import pathlib, sys\nf = pathlib.Path('born'); n = len(f.read_text()) if f.exists() else 0\n"
    once += "f.write_text('x' * (n + 1))\nif n == 0: print('dying words'); sys.exit(3)\n" + SLEEP
    steady = "print('steady starts')\n" + SLEEP
    sup = Supervisor([service("frail", once, tmp_path), service("steady", steady, tmp_path)], said)
    threading.Thread(target=lambda: (wait_for(lambda: ("intellicv", "frail is back") in said), sup.stop())).start()
    assert sup.run() == 0
    assert "intellicv: frail ended unexpectedly (exit code 3); it is started again in 0.5 s" in said.text()
    assert said.index(("frail", "dying words")) < [line for _, line in said].index("frail is back")
    assert said.count(("steady", "steady starts")) == 1


def test_what_a_dead_service_left_behind_is_cleared_before_it_starts_again(tmp_path: Path) -> None:
    said = Said()
    orphaning = (
        "import subprocess, sys, pathlib\n"
        f"p = subprocess.Popen([sys.executable, '-c', {SLEEP!r}], stdout=subprocess.DEVNULL)\n"
        "pathlib.Path('orphan').write_text(str(p.pid)); sys.exit(1)"
    )
    sup = Supervisor([service("orphaning", orphaning, tmp_path)], said)

    def drive() -> None:
        wait_for(lambda: "started again" in said.text())
        wait_for(lambda: not alive(int((tmp_path / "orphan").read_text())), 2)
        sup.stop()

    driver = threading.Thread(target=drive)
    driver.start()
    assert sup.run() == 0
    driver.join()


def test_a_hopeless_service_stops_everything_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared_backend.cli.child._FIRST_PAUSE_S", 0.02)
    said = Said()
    sup = Supervisor(
        [service("hopeless", "print('no such table'); raise SystemExit(1)", tmp_path), service("two", SLEEP, tmp_path)],
        said,
    )
    assert sup.run() == 1
    assert said.count(("hopeless", "no such table")) == 5
    assert said[-1][1].startswith("hopeless ended 5 times within a minute (exit code 1), so everything is stopped.")


def test_who_does_not_stop_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_module, "_STOP_WITHIN_S", 0.3)
    said = Said()
    sup = Supervisor([service("stubborn", STUBBORN, tmp_path)], said)
    threading.Thread(target=lambda: (wait_for((tmp_path / "stubborn").exists), sup.stop())).start()
    assert sup.run() == 0
    assert said[-1] == ("intellicv", "stubborn did not stop by itself and is ended")


PROGRAM = """
import os, sys
from pathlib import Path
from shared_backend.cli.child import Service
from shared_backend.cli.supervisor import Supervisor
code = "import os, pathlib, time; pathlib.Path('child').write_text(str(os.getpid())); time.sleep(600)"
service = Service("one", [sys.executable, "-c", code], dict(os.environ), Path.cwd())
sys.exit(Supervisor([service], lambda name, line: print(name, line, flush=True)).run())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_promptly(tmp_path: Path, number: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    marker = tmp_path / "child"
    wait_for(lambda: marker.exists() and marker.read_text() != "")
    process.send_signal(number)
    assert process.wait(timeout=5) == 0
    assert not alive(int(marker.read_text()))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has died")
def test_a_supervisor_that_is_killed_takes_its_services_along(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    marker = tmp_path / "child"
    wait_for(lambda: marker.exists() and marker.read_text() != "")
    process.kill()
    process.wait(timeout=5)
    wait_for(lambda: not alive(int(marker.read_text())), 5)


def test_a_taken_port_is_noticed_and_the_next_one_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert not is_free("127.0.0.1", port)
        assert next_free("127.0.0.1", port, {port + 1}) > port + 1


def test_a_host_of_another_machine_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="not an address of this machine"):
        next_free("192.0.2.1", 65_000)
