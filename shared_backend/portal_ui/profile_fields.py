"""One field of a profile as people meet it: its label, how it is typed, and what is said beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Widget = Literal["line", "prose", "lines", "date", "link", "email", "phone"]


@dataclass(frozen=True)
class FieldSpec:
    """`name` is the field's last step in the data and in widget keys; `under` the object that it stands in, if any.

    `wide` fields take a row of their own. `lines` are kept as a list of texts and typed one on each line.
    """

    name: str
    label: str
    widget: Widget = "line"
    placeholder: str = ""
    help: str = ""
    under: str = ""

    @property
    def wide(self) -> bool:
        """Whether the input takes a row of its own."""
        return self.widget in ("prose", "lines")

    def text(self, data: dict[str, Any]) -> str:
        """The value as the input shows it; empty where there is none."""
        holder = data.get(self.under) if self.under else data
        value = holder.get(self.name) if isinstance(holder, dict) else None
        if isinstance(value, list):
            return "\n".join(str(line) for line in value)
        return "" if value is None else str(value)

    def value(self, text: Any) -> str | list[str] | None:
        """What is stored for what was typed; None where nothing was."""
        typed = "" if text is None else str(text)
        if self.widget == "lines":
            return [line.strip() for line in typed.splitlines() if line.strip()] or None
        if self.widget == "prose":
            return typed if typed.strip() else None
        return typed.strip() or None


def line(name: str, label: str, placeholder: str = "", help: str = "", under: str = "") -> FieldSpec:
    """A short text."""
    return FieldSpec(name, label, "line", placeholder, help, under)


def prose(name: str, label: str, placeholder: str = "") -> FieldSpec:
    """A text of any length."""
    return FieldSpec(name, label, "prose", placeholder)


def lines(name: str, label: str, placeholder: str = "") -> FieldSpec:
    """A list of short texts."""
    return FieldSpec(name, label, "lines", placeholder, "One on each line.")


def date(name: str, label: str, help: str = "") -> FieldSpec:
    """A date as precise as somebody likes."""
    return FieldSpec(name, label, "date", "2024-05", help or "A year, a month or a day: 2024, 2024-05 or 2024-05-31.")


def link(name: str = "url", label: str = "Web address", placeholder: str = "https://example.org") -> FieldSpec:
    """A web address."""
    return FieldSpec(name, label, "link", placeholder)
