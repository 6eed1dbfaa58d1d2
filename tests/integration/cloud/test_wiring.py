"""One orchestrator a process, made when it is first asked for, and let go with the backend."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared_backend.config.backend_config import ConfigurationError, load_settings
from shared_backend.services.backend import Backend


@pytest.fixture
def backend(sqlite_url: str) -> Iterator[Backend]:
    made = Backend.open(load_settings(database_url=sqlite_url))
    yield made
    made.close()


def test_all_threads_get_the_same_one(backend: Backend) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: backend.cloud, range(32)))
    assert len({id(each) for each in found}) == 1


def test_files_of_this_machine_are_under_the_var_folder(backend: Backend, tmp_path: Path) -> None:
    provider = backend.cloud.caller.providers.get("local")
    assert provider.folder == tmp_path / "var" / "cloud"  # type: ignore[attr-defined]


def test_it_is_closed_with_the_backend_and_its_providers_with_it(backend: Backend) -> None:
    cloud, closed = backend.cloud, list[str]()
    provider = cloud.caller.providers.get("local")
    provider.close = lambda: closed.append("local")  # type: ignore[attr-defined]
    backend.close()
    assert closed == ["local"]


def test_a_provider_that_can_not_let_go_keeps_none_of_the_others(backend: Backend) -> None:
    closed = list[str]()
    register = backend.cloud.caller.providers

    def fail() -> None:
        raise OSError("stuck")

    register.get("azure").close = fail  # type: ignore[attr-defined]
    register.get("local").close = lambda: closed.append("local")  # type: ignore[attr-defined]
    backend.close()
    assert closed == ["local"]


def test_unusable_settings_of_the_clouds_are_said_when_they_are_needed(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTELLICV_CLOUD_PRIMARY", "Not A Name")
    with pytest.raises(ConfigurationError, match="INTELLICV_CLOUD_PRIMARY"):
        _ = backend.cloud


def test_a_backend_that_nobody_asks_for_clouds_imports_no_sdk(sqlite_url: str, tmp_path: Path) -> None:
    program = f"""
import sys
from shared_backend.config.backend_config import load_settings
from shared_backend.services.backend import Backend
backend = Backend.open(load_settings(database_url={sqlite_url!r}, var_dir={str(tmp_path)!r}))
known = {{'shared_backend.cloud', 'shared_backend.cloud.errors'}}
clouds = [name for name in sys.modules if name.startswith('shared_backend.cloud') and name not in known]
assert not clouds, clouds
backend.cloud
heavy = [name for name in ('azure', 'boto3', 'botocore', 'openai', 'numpy') if name in sys.modules]
assert not heavy, heavy
backend.close()
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).resolve().parents[3], timeout=60)
