"""One metric, event or trace as it is stored: bounded, and made of what both databases take."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

MAX_NAME = 120
MAX_ATTRIBUTES = 20
MAX_VALUE = 500
# PostgreSQL takes no NUL, and half a surrogate pair is no text.
_UNFIT = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Record:
    """The columns of a row."""

    at: datetime
    kind: str
    name: str
    value: float | None
    unit: str
    attributes: dict[str, str]

    def row(self) -> dict[str, Any]:
        """For an insert."""
        return asdict(self)


def record(
    kind: str, name: object, *, at: datetime, value: object = None, unit: object = "", attributes: object = None
) -> Record | None:
    """The record of whatever was given; None for what can't be one: no name, or a value that is no finite number."""
    number: float | None = None
    if kind != "event":
        number = _number(value)
        if number is None:
            return None
    text = _text(name, MAX_NAME)
    if not text:
        return None
    given = attributes if isinstance(attributes, Mapping) else {}
    pairs = list(given.items())[:MAX_ATTRIBUTES]
    known = {_text(key, MAX_NAME): _text(value, MAX_VALUE) for key, value in pairs}
    return Record(at, kind, text, number, _text(unit, 20), known)


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _text(value: object, longest: int) -> str:
    return _UNFIT.sub("", str(value))[:longest]
