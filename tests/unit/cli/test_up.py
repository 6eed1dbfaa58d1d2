from __future__ import annotations

import io
import socket
from itertools import pairwise
from pathlib import Path

import pytest

from shared_backend.cli import up
from shared_backend.cli.printer import Printer
from shared_backend.config.backend_config import load_settings, project_root


def options(command: list[str], name: str) -> list[str]:
    return [value for key, value in pairwise(command) if key == f"--{name}"]


def test_four_services_with_the_same_settings_each_knowing_which_it_is(tmp_path: Path) -> None:
    settings = load_settings(var_dir=tmp_path, admin_port=9001)
    services = up.services(settings)
    assert [service.name for service in services] == ["admin portal", "user portal", "gateway", "worker"]
    assert [service.environment["INTELLICV_PROCESS"] for service in services] == [
        "admin_portal",
        "user_portal",
        "gateway",
        "worker",
    ]
    for service in services:
        assert service.environment["INTELLICV_DATABASE_URL"] == settings.database_url
        assert service.environment["INTELLICV_ADMIN_PORT"] == "9001"
        assert service.environment["PYTHONPATH"].split(":")[0] == str(project_root())
        assert service.folder == project_root()


def test_a_portal_answers_to_its_public_host_and_to_no_other(tmp_path: Path) -> None:
    settings = load_settings(var_dir=tmp_path, admin_url="https://admin.cv.example.org", host="0.0.0.0")
    admin, user = up.services(settings)[:2]
    assert options(admin.command, "server.allowedHosts") == ["127.0.0.1", "localhost", "admin.cv.example.org"]
    assert options(admin.command, "server.corsAllowedOrigins") == ["https://admin.cv.example.org"]
    assert options(admin.command, "browser.serverAddress") == ["admin.cv.example.org"]
    assert options(admin.command, "browser.serverPort") == ["443"]
    assert options(user.command, "server.allowedHosts") == ["127.0.0.1", "localhost"]


def test_a_taken_port_moves_the_portal_and_its_address(tmp_path: Path) -> None:
    out = io.StringIO()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        settings = load_settings(var_dir=tmp_path, admin_port=port, user_port=port + 1, gateway_port=port + 2)
        moved = up._on_free_ports(settings, Printer(out))
    assert moved.admin_port > port + 2
    assert moved.admin_url == f"http://127.0.0.1:{moved.admin_port}"
    assert len({moved.admin_port, moved.user_port, moved.gateway_port}) == 3
    assert f"port {port} is taken, so the admin portal takes {moved.admin_port}" in out.getvalue()


def test_a_public_address_stays_when_the_port_moves(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        settings = load_settings(var_dir=tmp_path, user_port=port, user_url="https://cv.example.org")
        assert up._on_free_ports(settings, Printer(io.StringIO())).user_url == "https://cv.example.org"


@pytest.mark.parametrize("plain", [True, False])
def test_json_stays_json(plain: bool) -> None:
    out = io.StringIO()
    printer = Printer(out)
    printer.plain_lines = plain
    printer.say("worker", '{"event": "x"}')
    assert out.getvalue().startswith("{") is plain
