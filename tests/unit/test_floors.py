"""The house rules that a reader should not have to check by eye: who may import whom, and what stands where."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("shared_backend", "admin_portal", "user_portal")

# From low to high: a floor imports from itself and from the ones above it in this list, which are lower in the house.
FLOORS = (
    "shared_backend.utils",
    "shared_backend.config",
    "shared_backend.database",
    "shared_backend.identity",
    "shared_backend.lockstep",
    "shared_backend.data_management",
    "shared_backend.cloud",
    "shared_backend.ai_engines",
    "shared_backend.jobs",
    "shared_backend.services",
    "shared_backend.api",
    "shared_backend.portal_ui",
)
PORTALS = ("admin_portal", "user_portal")
COMMAND_LINE = "shared_backend.cli"

MAY_IMPORT_STREAMLIT = ("shared_backend.portal_ui", *PORTALS)
MAY_READ_ENVIRONMENT = ("shared_backend.config.backend_config",)
MAY_COMMIT = ("shared_backend.database",)
LONGEST_FILE = 400


@cache
def modules() -> dict[str, tuple[Path, ast.Module]]:
    """Every module of the product by its dotted name, parsed."""
    found = {}
    for path in sorted(path for top in OURS for path in (ROOT / top).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = (path, ast.parse(path.read_text(encoding="utf-8"), str(path)))
    return found


def imports(name: str, path: Path, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, imported module) of a module, inside functions too; relative imports are resolved."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            # `from shared_backend import services` names a floor in its second half.
            yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)


def inside(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def floor_of(name: str) -> int | None:
    for height, floor in enumerate(FLOORS):
        if inside(name, (floor,)):
            return height
    return None


def wrong_import(name: str, imported: str) -> str | None:
    """Why `name` must not import `imported`; None when it may."""
    if inside(imported, ("streamlit",)) and not inside(name, MAY_IMPORT_STREAMLIT):
        return "streamlit belongs to portal_ui and the portals"
    if not inside(imported, OURS) or inside(name, (COMMAND_LINE,)):
        return None
    if inside(imported, (COMMAND_LINE,)):
        return "nothing imports the command line"
    if inside(imported, PORTALS):
        same = imported.split(".")[0] == name.split(".")[0]
        return None if same else "nothing imports a portal but itself"
    if inside(name, PORTALS):
        return None
    own, other = floor_of(name), floor_of(imported)
    if own is None or other is None:
        return None if "." not in name or "." not in imported else "it stands on no floor: name it in FLOORS"
    return "imports go downwards only" if other > own else None


def complaints(check: str) -> list[str]:
    return [line for name, (path, tree) in modules().items() for line in globals()[check](name, path, tree)]


def check_imports(name: str, path: Path, tree: ast.Module) -> Iterator[str]:
    for line, imported in imports(name, path, tree):
        if reason := wrong_import(name, imported):
            yield f"{path.relative_to(ROOT)}:{line} imports {imported}: {reason}"


def check_environment(name: str, path: Path, tree: ast.Module) -> Iterator[str]:
    if inside(name, MAY_READ_ENVIRONMENT):
        return
    for node in ast.walk(tree):
        attribute = node.attr if isinstance(node, ast.Attribute) else ""
        imported = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        if attribute in ("getenv", "environ") or {"getenv", "environ"} & set(imported):
            yield f"{path.relative_to(ROOT)}:{node.lineno} reads the environment: make it a setting"  # type: ignore[attr-defined]


def check_commits(name: str, path: Path, tree: ast.Module) -> Iterator[str]:
    if inside(name, MAY_COMMIT):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
            yield f"{path.relative_to(ROOT)}:{node.lineno} commits: the unit of work does that"


def check_length(name: str, path: Path, tree: ast.Module) -> Iterator[str]:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    if lines > LONGEST_FILE:
        yield f"{path.relative_to(ROOT)} has {lines} lines: one noun, one file"


def check_habits(name: str, path: Path, tree: ast.Module) -> Iterator[str]:
    where = path.relative_to(ROOT)
    future = any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body)
    if tree.body[1:] and not future:
        yield f"{where} lacks `from __future__ import annotations`"
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            yield f"{where}:{node.lineno} imports everything by a star"
        if isinstance(node, ast.ExceptHandler) and all(isinstance(step, ast.Pass) for step in node.body):
            caught = ast.unparse(node.type) if node.type else "everything"
            if caught in ("everything", "Exception", "BaseException"):
                yield f"{where}:{node.lineno} swallows {caught} without a word"


@pytest.mark.parametrize(
    "check", ["check_imports", "check_environment", "check_commits", "check_length", "check_habits"]
)
def test_house_rule(check: str) -> None:
    assert complaints(check) == []


def test_there_is_something_to_check() -> None:
    assert len(modules()) > 10


@pytest.mark.parametrize(
    ("name", "imported", "allowed"),
    [
        ("shared_backend.lockstep.watcher", "shared_backend.database.engine.Database", True),
        ("shared_backend.lockstep.watcher", "shared_backend.lockstep.health", True),
        ("shared_backend.database.engine", "shared_backend.lockstep.watcher", False),
        ("shared_backend.database.engine", "shared_backend.services", False),
        ("shared_backend.utils.clock", "shared_backend.config.backend_config", False),
        ("shared_backend.services.portal_bridge", "shared_backend.cli.main", False),
        ("shared_backend.cli.main", "shared_backend.services.backend", True),
        ("shared_backend.cli.main", "streamlit", False),
        ("shared_backend.services.portal_bridge", "streamlit.runtime", False),
        ("shared_backend.portal_ui.live", "streamlit", True),
        ("shared_backend.portal_ui.live", "admin_portal.navigation", False),
        ("user_portal.main", "admin_portal.main", False),
        ("user_portal.main", "shared_backend.portal_ui.live", True),
        ("shared_backend.newcomer.thing", "shared_backend.utils.clock", False),
        ("shared_backend.utils.clock", "datetime.datetime", True),
    ],
)
def test_the_rule_itself_tells_right_from_wrong(name: str, imported: str, allowed: bool) -> None:
    assert (wrong_import(name, imported) is None) is allowed


def test_imports_are_found_wherever_they_stand() -> None:
    tree = ast.parse("from . import a\nfrom ..database import engine\ndef f():\n    import streamlit as st\n")
    path = Path("shared_backend/lockstep/watcher.py")
    found = {imported for _, imported in imports("shared_backend.lockstep.watcher", path, tree)}
    assert found == {"shared_backend.lockstep.a", "shared_backend.database.engine", "streamlit"}
