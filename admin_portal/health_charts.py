"""How long things took and how much memory there was, minute by minute over the last hour."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any, Final

import plotly.graph_objects as go
import streamlit as st

# Streamlit loads this when the first chart is drawn, and a figure made before that has not the theme's colours.
from streamlit.elements import plotly_chart as _registers_the_theme  # noqa: F401

from shared_backend.portal_ui.lockstep_words import portal_title
from shared_backend.services.process_reports import ProcessReport
from shared_backend.services.system_health import SystemReport

_CONFIG: Final = {"displayModeBar": False, "scrollZoom": False}
_KINDS: Final = {"page": "pages", "request": "calls", "job": "jobs"}
_SYMBOLS: Final = {"page": "circle", "request": "diamond", "job": "square"}
_P95, _COUNT = 3, 0


def duration_chart(report: SystemReport, *, zone: tzinfo, key: str) -> int:
    """The 95th percentile of each minute in milliseconds, a line for each process and kind; answers how many points
    were drawn."""
    figure, points, slowest = go.Figure(), 0, 0.0
    for process, title in _titled(report):
        for kind, word in _KINDS.items():
            found = [
                (_time(number, zone), of_kind[kind])
                for number, _rss, of_kind in process.report.get("minutes", ())
                if kind in of_kind
            ]
            if not found:
                continue
            points += len(found)
            slowest = max(slowest, *(told[_P95] for _at, told in found))
            figure.add_scatter(
                x=[at for at, _told in found],
                y=[told[_P95] * 1000 for _at, told in found],
                mode="lines+markers",
                marker={"symbol": _SYMBOLS[kind], "size": 6},
                name=f"{title}: {word}",
                customdata=[told[_COUNT] for _at, told in found],
                hovertemplate="%{y:,.0f} ms, %{customdata:,} of them<br>%{x|%H:%M}<extra>%{fullData.name}</extra>",
            )
    if points:
        figure.update_layout(**_layout(300))
        figure.update_xaxes(showgrid=False, nticks=_ticks(report), tickformat="%H:%M")
        figure.update_yaxes(title_text="Milliseconds (log scale)", type="log", dtick=1, tickformat=",")
        alt = f"95th percentile of each minute over the last hour; the slowest minute had {slowest * 1000:,.0f} ms"
        st.plotly_chart(figure, key=key, config=_CONFIG, alt=alt)
    return points


def memory_chart(report: SystemReport, *, zone: tzinfo, key: str) -> int:
    """Resident memory of each process in MiB; answers how many points were drawn."""
    figure, points, most = go.Figure(), 0, 0.0
    for process, title in _titled(report):
        found = [(_time(number, zone), rss / 2**20) for number, rss, _kinds in process.report.get("minutes", ()) if rss]
        points += len(found)
        most = max([most, *(mib for _at, mib in found)])
        figure.add_scatter(
            x=[at for at, _mib in found],
            y=[mib for _at, mib in found],
            mode="lines+markers",
            marker={"size": 5},
            name=title,
            hovertemplate="%{y:,.0f} MiB<br>%{x|%H:%M}<extra>%{fullData.name}</extra>",
        )
    if points:
        figure.update_layout(**_layout(300))
        figure.update_xaxes(showgrid=False, nticks=_ticks(report), tickformat="%H:%M")
        figure.update_yaxes(title_text="MiB", rangemode="tozero", tickformat=",d", nticks=5)
        alt = f"Resident memory of {len(report.processes)} processes over the last hour, at most {most:,.0f} MiB"
        st.plotly_chart(figure, key=key, config=_CONFIG, alt=alt)
    return points


def _titled(report: SystemReport) -> list[tuple[ProcessReport, str]]:
    """Each process with a name of its own: the number tells two of the same portal apart."""
    titles = [portal_title(each.portal) for each in report.processes]
    return [
        (each, f"{title} {each.pid}" if titles.count(title) > 1 else title)
        for each, title in zip(report.processes, titles, strict=True)
    ]


def _ticks(report: SystemReport) -> int:
    """At most one a minute, or the same time would stand there twice."""
    numbers = {number for each in report.processes for number, _rss, _kinds in each.report.get("minutes", ())}
    return max(min(6, max(numbers, default=0) - min(numbers, default=0)), 1)


def _time(minute: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC).astimezone(zone).replace(tzinfo=None)


def _layout(height: int) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 0, "r": 0, "t": 8, "b": 0},
        "legend": {"orientation": "h", "y": -0.18, "yanchor": "top", "x": 0, "title": {"text": ""}},
        "showlegend": True,
    }
