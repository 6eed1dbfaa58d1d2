"""Charts of one occupation: pay, employment, and how important skills are. Each has its unit, its source beside it, and
words for who can't see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import plotly.graph_objects as go
import streamlit as st

# Streamlit loads this when the first chart is drawn, and a figure made before that has not the theme's colours.
from streamlit.elements import plotly_chart as _registers_the_theme  # noqa: F401

from shared_backend.portal_ui.text_safety import shorten

CONFIG: Final = {"displayModeBar": False, "scrollZoom": False}
_BAR, _GAP = 34, 52
_LONGEST = 30
# Beyond the longest bar, for its number.
_ROOM, _ROOM_OF_PERSONS = 1.18, 1.5
_SECTORS = 5
_POINTS: Final = ("10", "25", "50", "75", "90")


def pay_chart(national: Mapping[str, Any], sectors: Sequence[Mapping[str, Any]], *, key: str) -> bool:
    """Percentiles of pay: the nation, and below it the sectors that employ most. False where nothing is published.

    A point at or above the top of the published scale is drawn there, and its text says so.
    """
    rows = _pay_rows(national, sectors)
    if not rows:
        return False
    figure = go.Figure()
    names = [name for name, _points in rows]
    for low, high, width, word in (("10", "90", 4, "10th–90th percentile"), ("25", "75", 14, "25th–75th")):
        xs: list[float | None] = []
        ys: list[str | None] = []
        for name, points in rows:
            if low in points and high in points:
                xs += [points[low][0], points[high][0], None]
                ys += [name, name, None]
        if xs:
            figure.add_scatter(
                x=xs, y=ys, mode="lines", line={"width": width}, name=word, hoverinfo="skip", opacity=0.55
            )
    for medians in (False, True):
        shown = [(name, at, *value) for name, points in rows for at, value in points.items() if (at == "50") is medians]
        figure.add_scatter(
            x=[value for _name, _at, value, _text in shown],
            y=[name for name, _at, _value, _text in shown],
            mode="markers+text" if medians else "markers",
            marker={"size": 13 if medians else 9, "symbol": "diamond" if medians else "line-ns-open"},
            text=[text for _name, _at, _value, text in shown] if medians else None,
            textposition="top center",
            name="Median" if medians else "",
            showlegend=medians,
            customdata=[(_ordinal(at), text) for _name, at, _value, text in shown],
            hovertemplate="%{customdata[0]}: %{customdata[1]}<extra>%{y}</extra>",
        )
    figure.update_layout(**layout(len(rows) * _GAP + 96))
    figure.update_xaxes(
        title_text="US dollars a year", tickprefix="$", tickformat="~s", nticks=4, tickangle=0, rangemode="tozero"
    )
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1], title_text="", automargin=True)
    st.plotly_chart(figure, key=key, config=CONFIG, alt=_pay_alt(national))
    return True


def employment_chart(outlook: Mapping[str, Any], *, key: str) -> None:
    """Persons employed in 2024 and projected for 2034, and openings a year."""
    bars = (
        ("Employed 2024", outlook["employment_2024"]),
        ("Employed 2034, projected", outlook["employment_2034"]),
        ("Openings each year", outlook["openings_per_year"]),
    )
    told = [(name, value) for name, value in bars if value is not None]
    figure = go.Figure()
    figure.add_bar(
        x=[value for _name, value in told],
        y=[name for name, _value in told],
        orientation="h",
        text=[f"{value:,}" for _name, value in told],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:,} persons<extra></extra>",
    )
    figure.update_layout(**layout(len(told) * _GAP + 60), bargap=0.35)
    figure.update_layout(showlegend=False)
    most = max((value for _name, value in told), default=0)
    figure.update_xaxes(title_text="Persons", tickformat="~s", nticks=5, range=[0, most * _ROOM_OF_PERSONS or 1])
    figure.update_yaxes(autorange="reversed", title_text="", automargin=True)
    alt = "; ".join(f"{name}: {value:,} persons" for name, value in told)
    st.plotly_chart(figure, key=key, config=CONFIG, alt=alt)


def importance_chart(
    rows: Sequence[tuple[str, float]], *, unit: str, scale: tuple[float, float] | None, alt: str, key: str
) -> None:
    """Names with a number each, the first on top. `scale` is where the axis begins and ends."""
    figure = go.Figure()
    # Two long names may begin alike: the place is the category, and the name its label.
    places = list(range(len(rows)))
    figure.add_bar(
        x=[value for _name, value in rows],
        y=places,
        orientation="h",
        text=[f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" for _name, value in rows],
        textposition="outside",
        cliponaxis=False,
        customdata=[name for name, _value in rows],
        hovertemplate="%{customdata}: %{x:,}<extra></extra>",
    )
    figure.update_layout(**layout(len(rows) * _BAR + 60), bargap=0.3)
    figure.update_layout(showlegend=False)
    low, high = scale or (0, max((value for _name, value in rows), default=1))
    ends = {"range": [low, low + (high - low) * _ROOM]}
    figure.update_xaxes(title_text=unit, **ends, **({"dtick": 1} if scale else {"nticks": 5, "tickformat": ",d"}))
    labels = [shorten(name, _LONGEST) for name, _value in rows]
    figure.update_yaxes(tickvals=places, ticktext=labels, autorange="reversed", title_text="", automargin=True)
    st.plotly_chart(figure, key=key, config=CONFIG, alt=alt)


def layout(height: int) -> dict[str, Any]:
    """What all these charts have in common."""
    return {
        "height": height,
        "margin": {"l": 0, "r": 8, "t": 8, "b": 0},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": {"text": ""}},
        "showlegend": True,
    }


def _pay_rows(
    national: Mapping[str, Any], sectors: Sequence[Mapping[str, Any]]
) -> list[tuple[str, dict[str, tuple[float, str]]]]:
    """(name, percentile → (where to draw it, its text)); rows without a figure are left out."""
    top = national["at_or_above"]["amount"] if national["at_or_above"] else None
    beyond = national["at_or_above"]["percentiles"] if national["at_or_above"] else ()
    points: dict[str, tuple[float, str]] = {}
    for at in _POINTS:
        value = national["percentiles"][at]
        if value is not None:
            points[at] = (value, f"${value:,}")
        elif at in beyond and top is not None:
            points[at] = (top, f"${top:,} or more")
    rows = [("All of the United States", points)]
    for sector in sectors[:_SECTORS]:
        given = {"10": sector["p10"], "50": sector["median"], "90": sector["p90"]}
        known = {at: (value, f"${value:,}") for at, value in given.items() if value is not None}
        rows.append((shorten(str(sector["sector"]), _LONGEST), known))
    return [(name, known) for name, known in rows if known]


def _ordinal(at: str) -> str:
    return "Median" if at == "50" else f"{at}th percentile"


def _pay_alt(national: Mapping[str, Any]) -> str:
    told = [
        f"{_ordinal(at)} ${national['percentiles'][at]:,}" for at in _POINTS if national["percentiles"][at] is not None
    ]
    return "Pay in US dollars a year: " + ", ".join(told)
