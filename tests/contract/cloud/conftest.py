"""Runs every test of a capability on every provider that brings a case for it (see tests/support/cloud/case.py).

A test module names its capability in `CAPABILITY`.
"""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from shared_backend.cloud.deadline import Deadline
from tests.support.cloud.case import Case, Opened

SUPPORT = Path(__file__).resolve().parents[2] / "support" / "cloud"
# A provider that has no support module yet brings no cases.
PROVIDERS = ("local", "azure", "aws", "hybrid")


@cache
def cases() -> dict[str, Case]:
    """All cases by name."""
    modules = [importlib.import_module(f"tests.support.cloud.{name}") for name in PROVIDERS if has_support(name)]
    return {case.name: case for module in modules for case in module.CASES}


def has_support(name: str) -> bool:
    return (SUPPORT / f"{name}.py").is_file()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "opened" in metafunc.fixturenames:
        wanted = metafunc.module.CAPABILITY
        names = [name for name, case in cases().items() if wanted in case.capabilities]
        metafunc.parametrize("opened", names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def _open_cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Opened]]:
    with ExitStack() as stack:

        @cache
        def open_case(name: str) -> Opened:
            return stack.enter_context(cases()[name].open(tmp_path_factory.mktemp(name.replace("/", "-"))))

        yield open_case


@pytest.fixture(scope="session")
def opened(request: pytest.FixtureRequest, _open_cases: Callable[[str], Opened]) -> Opened:
    """One provider, ready."""
    return _open_cases(request.param)


@pytest.fixture
def offer(request: pytest.FixtureRequest, opened: Opened) -> Any:
    """The provider's implementation of the module's capability."""
    return opened.provider.offer(request.module.CAPABILITY)


@pytest.fixture
def deadline() -> Deadline:
    """Plenty of time."""
    return Deadline(30)


@pytest.fixture
def passed() -> Deadline:
    """No time left."""
    return Deadline(0)


@pytest.fixture
def here() -> str:
    """The beginning of every name that this test uses; nobody else has used it."""
    return f"t{uuid.uuid4().hex[:12]}"
