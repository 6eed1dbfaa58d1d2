"""The portals' configuration: no option that Streamlit would silently ignore, and colours that can be read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit import config

PATH = Path(__file__).resolve().parents[3] / ".streamlit" / "config.toml"
CONFIG: dict[str, Any] = tomllib.loads(PATH.read_text(encoding="utf-8"))
HUES = ("red", "orange", "yellow", "blue", "green", "violet", "gray")
# The Web Content Accessibility Guidelines' level AA for text; for graphics it is 3.
READABLE = 4.5


def options(table: dict[str, Any], section: str = "") -> Iterator[str]:
    for key, value in table.items():
        name = f"{section}.{key}" if section else key
        if isinstance(value, dict):
            yield from options(value, name)
        else:
            yield name


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours `#rrggbb`, from 1 to 21, after WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_streamlit_knows_every_option() -> None:
    known = config.get_config_options()
    assert [name for name in options(CONFIG) if name not in known] == []


def test_what_keeps_strangers_out() -> None:
    server = CONFIG["server"]
    assert server["allowedHosts"] == ["127.0.0.1", "localhost"]
    assert server["enableCORS"] and server["enableXsrfProtection"]
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["browser"]["gatherUsageStats"] is False


def test_nothing_is_fetched_from_elsewhere() -> None:
    theme = PATH.read_text(encoding="utf-8").split("[theme]")[1]
    assert not re.search(r"https?:", theme)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_can_be_read(mode: str) -> None:
    page = CONFIG["theme"][mode]
    sidebar = page | page["sidebar"]
    pairs = {}
    for place, theme in (("page", page), ("sidebar", sidebar)):
        for ground in ("backgroundColor", "secondaryBackgroundColor"):
            for ink in ("textColor", "linkColor", *(f"{hue}TextColor" for hue in HUES)):
                pairs[f"{place} {ink} on {ground}"] = (theme[ink], theme[ground])
        pairs[f"{place} white on a button"] = ("#ffffff", theme["primaryColor"])
    pairs["code"] = (page["codeTextColor"], page["codeBackgroundColor"])
    pairs["table header"] = (page["dataframeHeaderTextColor"], page["dataframeHeaderBackgroundColor"])
    for hue in HUES:
        pairs[f"{hue} badge"] = (page[f"{hue}TextColor"], page[f"{hue}BackgroundColor"])
    poor = {name: round(contrast(*pair), 2) for name, pair in pairs.items() if contrast(*pair) < READABLE}
    assert poor == {}


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_charts_can_be_seen(mode: str) -> None:
    theme = CONFIG["theme"][mode]
    assert len(theme["chartSequentialColors"]) == len(theme["chartDivergingColors"]) == 10
    # Ten: Streamlit fills ten places of a Plotly chart, and one that stays open makes Plotly drop all of them.
    assert len(set(theme["chartCategoricalColors"])) == 10
    faint = [hue for hue in theme["chartCategoricalColors"][:6] if contrast(hue, theme["backgroundColor"]) < 2.5]
    assert faint == []
    assert contrast(theme["primaryColor"], theme["backgroundColor"]) >= 3
