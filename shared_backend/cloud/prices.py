"""What tokens cost, by a table that the operator gives with its source and date. Without a price there is no cost: a
guess would be taken for a bill."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from shared_backend.config.backend_config import ConfigurationError

_MILLION = 1_000_000
_THOUSAND = 1_000


@dataclass(frozen=True)
class Prices:
    """Prices of a million tokens, by `provider/model`: (in, out); of a thousand units, by `provider/operation`."""

    source: str = ""
    date: str = ""
    currency: str = ""
    models: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    units: Mapping[str, float] = field(default_factory=dict)

    def cost(self, provider: str, model: str, input_tokens: int, output_tokens: int, *, units: int = 0) -> float | None:
        """What so many tokens or units cost; None for a model or an operation without a price."""
        if units:
            each = self.units.get(f"{provider}/{model}")
            return None if each is None else each * units / _THOUSAND
        price = self.models.get(f"{provider}/{model}")
        if price is None:
            return None
        return (price[0] * input_tokens + price[1] * output_tokens) / _MILLION


def load_prices(file: Path | None) -> Prices:
    """The table in a file, or an empty one without. Raises ConfigurationError that says what is wrong with it."""
    if file is None:
        return Prices()
    try:
        given: Any = json.loads(file.read_text(encoding="utf-8"))
        table = {name: _pair(name, price) for name, price in given["models"].items()}
        return Prices(
            _text(given, "source"),
            date.fromisoformat(given["date"]).isoformat(),
            _text(given, "currency"),
            table,
            {name: _price(name, price) for name, price in given.get("units", {}).items()},
        )
    except OSError as error:
        raise ConfigurationError(f"INTELLICV_CLOUD_PRICES: {file} can't be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(
            f"INTELLICV_CLOUD_PRICES: {file} is no table of prices ({type(error).__name__}: {error}). It is JSON with "
            '"source", "date" (2026-11-23), "currency" and "models": {"azure/gpt-4o": {"input": 2.5, "output": 10}}, '
            'prices for a million tokens; and where wanted "units": {"azure/sentiment": 1.0}, prices for a thousand.'
        ) from None


def _pair(name: str, price: Mapping[str, Any]) -> tuple[float, float]:
    pair = float(price["input"]), float(price.get("output", 0))
    if "/" not in name or min(pair) < 0:
        raise ValueError(f"{name!r} is no provider/model with prices of 0 or more")
    return pair


def _price(name: str, price: Any) -> float:
    if "/" not in name or float(price) < 0:
        raise ValueError(f"{name!r} is no provider/operation with a price of 0 or more")
    return float(price)


def _text(given: Mapping[str, Any], name: str) -> str:
    found = given[name]
    if not isinstance(found, str) or not found.strip():
        raise ValueError(f'"{name}" is missing')
    return found.strip()
