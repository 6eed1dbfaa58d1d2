"""What the documents say about settings and commands is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared_backend.config.backend_config import Settings
from shared_backend.config.cloud_config import setting_names

ROOT = Path(__file__).resolve().parents[3]
NAMES = [*(f"INTELLICV_{name}".upper() for name in Settings.model_fields), *setting_names()]


def test_every_setting_is_explained_and_no_other() -> None:
    table = re.findall(r"^\| `(INTELLICV_\w+)` \|", (ROOT / "docs/operations.md").read_text(), re.M)
    assert sorted(table) == sorted(NAMES)


def test_the_example_lists_every_setting_that_a_person_sets() -> None:
    listed = re.findall(r"^(INTELLICV_\w+)=", (ROOT / ".env.example").read_text(), re.M)
    assert sorted([*listed, "INTELLICV_PROCESS"]) == sorted(NAMES)


@pytest.mark.parametrize("document", ["README.md", "CHANGELOG.md", "docs/operations.md", "docs/adr/README.md"])
def test_links_lead_somewhere(document: str) -> None:
    path = ROOT / document
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_lock_names_no_machine_and_covers_the_requirements() -> None:
    pins = (ROOT / "constraints.txt").read_text()
    assert not re.search(r"://| @ |file:", pins)
    locked = {re.split(r"==", line)[0].lower().replace("_", "-") for line in pins.splitlines() if "==" in line}
    wanted = re.findall(r"^([A-Za-z][\w-]*)", (ROOT / "requirements.txt").read_text(), re.M)
    assert {name.lower() for name in wanted} <= locked
