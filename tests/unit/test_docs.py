"""The documents name what there is, and nothing that there is not. Settings: tests/unit/frame/test_documents.py."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from admin_portal.navigation import NAVIGATION as ADMIN
from shared_backend.cli.main import COMMANDS
from shared_backend.lockstep.event_types import EventRegister
from shared_backend.lockstep.kinds import KindRegister
from user_portal.navigation import NAVIGATION as USER

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PAGES = [item.title for navigation in (ADMIN, USER) for items in navigation.values() for item in items]
WIDGETS_ACTED_ON = {
    "button", "checkbox", "chat_input", "date_input", "download_button", "export_button", "feedback",
    "file_uploader", "form_submit_button", "link_button", "multiselect", "number_input", "pagination", "pills",
    "popover", "radio", "segmented_control", "selectbox", "slider", "tabs", "take_button", "text_area", "text_input",
    "time_input", "toggle",
}  # fmt: skip


def headings(document: str, level: int = 3) -> list[str]:
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    return re.findall(rf"^{'#' * level} (.+)$", text, re.M)


@pytest.mark.parametrize("kind", list(KindRegister()), ids=lambda kind: kind.name)
def test_every_kind_of_entity_has_its_heading(kind: object) -> None:
    assert kind.name in headings("events.md")  # type: ignore[attr-defined]


def test_every_event_type_has_its_heading_and_no_other() -> None:
    kinds = list(KindRegister())
    known = {*EventRegister(kind.events for kind in kinds).names(), *(kind.name for kind in kinds), "custom events"}
    assert set(headings("events.md")) == known


def test_every_command_has_its_heading_and_no_other() -> None:
    assert sorted(headings("commands.md")) == sorted(f"intellicv {name}" for name, _module in COMMANDS)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_its_heading(page: str) -> None:
    assert page in headings("testing.md")


def test_every_decision_is_in_the_index_and_has_its_three_parts() -> None:
    records = sorted(path.name for path in (ROOT / "docs/adr").glob("0*.md"))
    index = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")
    assert re.findall(r"\((0\d{3}-[\w-]+\.md)\)", index) == records
    assert [int(name[:4]) for name in records] == list(range(1, len(records) + 1))
    for name in records:
        text = (ROOT / "docs/adr" / name).read_text(encoding="utf-8")
        assert text.startswith(f"# {int(name[:4])}. ")
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences")), name


def widget_keys() -> dict[str, str]:
    """Each literal key of a widget that a person acts on, and the file it is in; `<name>` for what is filled in."""
    found: dict[str, str] = {}
    for top in ("admin_portal", "user_portal", "shared_backend/portal_ui"):
        for path in sorted((ROOT / top).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and _name(node.func) in WIDGETS_ACTED_ON:
                    for key in _keys(node):
                        found[key] = str(path.relative_to(ROOT))
    return found


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _keys(call: ast.Call) -> Iterator[str]:
    for keyword in call.keywords:
        if keyword.arg == "key" and isinstance(keyword.value, ast.Constant | ast.JoinedStr):
            key = "".join(_part(part) for part in getattr(keyword.value, "values", [keyword.value]))
            # What begins with a variable can't be told from here; it is listed by whoever wrote it.
            if not key.startswith("<"):
                yield key


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    return f"<{_name(part.value) or 'id'}>"


def documented_keys() -> set[str]:
    text = (ROOT / "docs/testing.md").read_text(encoding="utf-8").partition("## Keys of widgets")[2]
    return {key for cell in re.findall(r"^\| (`.+?) \|", text, re.M) for key in re.findall(r"`([^`]+)`", cell)}


def test_every_key_of_a_widget_is_listed() -> None:
    known = {_shape(key) for key in documented_keys()}
    missing = {key: where for key, where in widget_keys().items() if _shape(key) not in known}
    assert missing == {}, "add them to their page in docs/testing.md"


def test_every_listed_key_is_in_the_source() -> None:
    folders = ("admin_portal", "user_portal", "shared_backend/portal_ui")
    source = "".join(path.read_text(encoding="utf-8") for top in folders for path in sorted((ROOT / top).rglob("*.py")))
    gone = [key for key in documented_keys() if max(re.split(r"<\w+>", key), key=len).strip("_") not in source]
    assert sorted(gone) == []


def _shape(key: str) -> str:
    """What is filled in has a name for the reader only."""
    return re.sub(r"<\w+>", "<>", key)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.S)
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", text):
        file, _, anchor = target.partition("#")
        path = (document.parent / file).resolve() if file else document
        assert path.exists(), f"{document.name} leads to {target}"
        if anchor:
            assert anchor in _anchors(path), f"{document.name} leads to {target}"


def _anchors(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_every_file_that_the_architecture_names_is_there() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    for name in re.findall(r"`([\w/]+\.py)`", text):
        places = (ROOT / name, ROOT / "shared_backend" / name, *ROOT.glob(f"shared_backend/*/{name}"))
        portal = (ROOT / "admin_portal" / name,)
        assert any(place.exists() for place in (*places, *portal)), f"{name} is gone"


def test_the_documents_name_no_machine() -> None:
    for document in DOCUMENTS:
        assert not re.search(r"/(root|work|home)/\w", document.read_text(encoding="utf-8")), document.name
