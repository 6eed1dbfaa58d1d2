"""The charts that pages draw, each with its unit, its source and a name for those who can't see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

import plotly.graph_objects as go
import streamlit as st

# Streamlit loads this when the first chart is drawn, and a figure made before that has not the theme's colours.
from streamlit.elements import plotly_chart as _registers_the_theme  # noqa: F401

from shared_backend.portal_ui.lockstep_words import portal_title
from shared_backend.services.lockstep_reads import STAGES, LatencyPoint

_CONFIG = {"displayModeBar": False, "scrollZoom": False}
_STAGE_WORDS = {"seen": "Seen by the portal's process", "shown": "Shown on a person's screen"}
# Told apart by shape, too.
_SYMBOLS = {"seen": "circle", "shown": "diamond"}
_FEW = 10
_FEW_TICKS = 5


def edits_chart(
    hours: Mapping[tuple[datetime, str], int], *, by: str, now: datetime, zone: tzinfo, key: str
) -> tuple[int, int]:
    """Edits by portal: per `day` of the last 14, or per `hour` of the last 48. Answers (edits drawn, steps)."""
    steps = _steps(by, now.astimezone(zone))
    totals: dict[str, dict[datetime, int]] = {}
    for (hour, source), number in hours.items():
        step = _step_of(by, hour.astimezone(zone))
        if step in steps:
            of_source = totals.setdefault(source, dict.fromkeys(steps, 0))
            of_source[step] += number
    figure = go.Figure()
    for source in sorted(totals):  # the same colour for a portal on every page: the admin portal comes first
        figure.add_bar(
            x=[step.replace(tzinfo=None) for step in steps],
            y=list(totals[source].values()),
            name=portal_title(source),
            hovertemplate="%{y:,} edits<extra>%{fullData.name}</extra>",
        )
    figure.update_layout(**_layout(280), barmode="stack", bargap=0.25, hovermode="x unified")
    figure.update_xaxes(tickformat="%-d %b" if by == "day" else "%H:%M\n%-d %b", showgrid=False)
    highest = max((sum(of_source[step] for of_source in totals.values()) for step in steps), default=0)
    ticks = {"dtick": 1} if highest <= _FEW_TICKS else {"nticks": 5}  # a count has no halves
    figure.update_yaxes(title_text=f"Edits per {by}", rangemode="tozero", tickformat=",d", **ticks)
    total = sum(sum(of_source.values()) for of_source in totals.values())
    alt = f"Edits per {by} by portal: {total:,} over {len(steps)} {by}s"
    st.plotly_chart(figure, key=key, config=_CONFIG, alt=alt)
    return total, len(steps)


def latency_chart(points: Sequence[LatencyPoint], *, zone: tzinfo, key: str) -> None:
    """Milliseconds from the commit of an edit to its stages, one point an acknowledgement."""
    figure = go.Figure()
    for stage in STAGES:
        mine = [point for point in points if point.stage == stage]
        if not mine:
            continue
        figure.add_scatter(
            x=[point.at.astimezone(zone).replace(tzinfo=None) for point in mine],
            y=[max(point.elapsed_ms, 0.1) for point in mine],
            mode="markers",
            marker={"symbol": _SYMBOLS[stage], "size": 9 if len(mine) < _FEW else 6, "opacity": 0.75},
            name=_STAGE_WORDS[stage],
            customdata=[portal_title(point.portal) for point in mine],
            hovertemplate="%{y:,.0f} ms, %{customdata}<br>%{x|%-d %b, %H:%M:%S}<extra>%{fullData.name}</extra>",
        )
    figure.update_layout(**_layout(300))
    figure.update_xaxes(showgrid=False, nticks=6)
    figure.update_yaxes(title_text="Milliseconds (log scale)", type="log", dtick=1, tickformat=",")
    st.plotly_chart(figure, key=key, config=_CONFIG, alt=_latency_alt(points))


def _latency_alt(points: Sequence[LatencyPoint]) -> str:
    parts = []
    for stage in STAGES:
        values = sorted(point.elapsed_ms for point in points if point.stage == stage)
        if values:
            parts.append(f"{stage} after {values[len(values) // 2]:,.0f} ms (median of {len(values)})")
    return "Milliseconds from the commit of an edit: " + ", ".join(parts)


def _layout(height: int) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 0, "r": 0, "t": 8, "b": 0},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": {"text": ""}},
        "showlegend": True,
    }


def _steps(by: str, now: datetime) -> list[datetime]:
    if by == "day":
        today = _step_of(by, now)
        # By calendar, so that a day of 23 or 25 hours is one day.
        return [datetime.combine(today.date() - timedelta(days=n), today.timetz()) for n in range(13, -1, -1)]
    hour = _step_of(by, now)
    return [hour - timedelta(hours=n) for n in range(47, -1, -1)]


def _step_of(by: str, at: datetime) -> datetime:
    hour = at.replace(minute=0, second=0, microsecond=0)
    return hour.replace(hour=0) if by == "day" else hour
