"""Packages that a part needs: loaded when it is first used, and named when they are missing."""

from __future__ import annotations

import importlib
from types import ModuleType

from shared_backend.cloud.errors import CloudNotConfigured
from shared_backend.cloud.local.disk import PROVIDER


def needed(module: str, *, install: str, why: str) -> ModuleType:
    """The module. Raises CloudNotConfigured that says what to install and what for."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise CloudNotConfigured(
            f"{why} needs the package {install}, which is not installed here. Install it: pip install {install}",
            provider=PROVIDER,
        ) from error
