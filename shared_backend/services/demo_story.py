"""What happens in the made-up company, apart from who is in it: how profiles get filled, and edits that meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

HISTORY_DAYS = 24


class Step(NamedTuple):
    """Something that is done at a moment of the story."""

    days_ago: float
    do: Callable[[], Any]


class Save(Protocol):
    """Saves a candidate's profile as `who` (`self`, or one of the staff) and answers as the bridge does."""

    def __call__(
        self, who: str, of: str, patch: dict[str, Any], key: str, base_version: int | None = None
    ) -> dict[str, Any]: ...


def with_ids(profile: dict[str, Any]) -> dict[str, Any]:
    """The profile with an id for each entry: `work-1`, `work-2`, … so that every run writes the same."""
    return {section: _entries(section, value) for section, value in profile.items()}


def filled_by_hand(profile: dict[str, Any]) -> list[dict[str, Any]]:
    """A profile as a person fills it in: themselves first, then where they worked and learned, then the rest."""
    middle = ("work", "education")
    parts = [
        {key: value for key, value in profile.items() if key == "basics"},
        {key: value for key, value in profile.items() if key in middle},
        {key: value for key, value in profile.items() if key not in ("basics", *middle)},
    ]
    return [part for part in parts if part]


def meetings(save: Save, resolve: Callable[[str, str, str], None], undo: Callable[[str, str, int], None]) -> list[Step]:
    """Two conflicts that are open, one that was decided, and a mistake that was taken back."""

    def candidate_loses() -> None:
        base = save("ada", "eleanor.specimen", {"basics": {"image": "https://eleanor.example.org/a.jpg"}}, "meet:1a")
        same = base["version"]
        save("ada", "eleanor.specimen", {"basics": {"label": "Head of data engineering"}}, "meet:1b", same)
        save("self", "eleanor.specimen", {"basics": {"label": "Principal data engineer, rail"}}, "meet:1c", same)

    def admin_wins() -> None:
        base = save("omar", "max.mustermann", {"basics": {"phone": "+49 30 23125 002"}}, "meet:2a")
        same = base["version"]
        mine = "Konstruktion und Versuch von Getrieben für Bahnen und Windräder. Am liebsten nah an der Werkstatt."
        save("self", "max.mustermann", {"basics": {"summary": mine}}, "meet:2b", same)
        theirs = "Versuchsingenieur mit zehn Jahren Erfahrung in der Antriebstechnik für Schienenfahrzeuge."
        save("omar", "max.mustermann", {"basics": {"summary": theirs}}, "meet:2c", same)

    def decided() -> None:
        base = save("self", "lucia.ejemplar", {"basics": {"phone": "+34 976 555 010"}}, "meet:3a")
        same = base["version"]
        save("ada", "lucia.ejemplar", {"basics": {"label": "Coordinadora de urgencias"}}, "meet:3b", same)
        met = save("self", "lucia.ejemplar", {"basics": {"label": "Enfermera docente de urgencias"}}, "meet:3c", same)
        resolve("ada", met["conflict"]["ids"][0], "apply_mine")

    def mistake() -> None:
        # The edit before this one was a slip; what stood until then comes back as a new version.
        slip = save("omar", "kwame.mfatoho", {"basics": {"url": "https://wrong.example.org"}}, "meet:4")
        undo("omar", "kwame.mfatoho", slip["version"] - 2)

    return [Step(4.1, decided), Step(3.1, mistake), Step(1.4, candidate_loses), Step(0.4, admin_wins)]


def _entries(section: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _entries(key, item) for key, item in value.items()}
    if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
        return [{"id": f"{section}-{number}", **entry} for number, entry in enumerate(value, start=1)]
    return value
