"""Pictures of the journeys: on demand for people to look at, and of every open tab when a test has failed."""

from __future__ import annotations

import os
import re
from pathlib import Path

from playwright.sync_api import Error, Page

from shared_backend.config.backend_config import project_root


def shoot(page: Page, name: str) -> None:
    """Keeps a picture when SCREENSHOTS names a folder; nothing otherwise."""
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def shoot_failure(test: str, pages: list[Page]) -> list[Path]:
    """Pictures of the tabs under test-results/; a tab that can't be drawn any more is left out."""
    folder = project_root() / "test-results" / re.sub(r"[^\w.-]+", "-", test)
    kept = []
    for number, page in enumerate(pages, start=1):
        path = folder / f"tab-{number}.png"
        try:
            page.screenshot(path=path, timeout=5_000)
        except Error:
            continue
        kept.append(path)
    return kept
