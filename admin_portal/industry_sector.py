"""Employment and pay in the sector of an industry, as a table of its occupations."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from shared_backend.data_management.industry_figures import SectorFigures, SectorOccupation
from shared_backend.data_management.industry_tree import Industry, IndustryTree
from shared_backend.data_management.pay import TOP_YEARLY
from shared_backend.portal_ui.attributions import draw_sources
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.tables import pager
from shared_backend.portal_ui.text_safety import inline

_ROWS: Final = 15


def draw(industry: Industry, tree: IndustryTree, context: PageContext) -> None:
    """The sector's figures, or why there are none."""
    st.subheader("Jobs and pay in the sector", anchor=False)
    figures, sources = context.backend.industries.figures(industry, actor=context.actor)
    sector = tree.sector(industry)
    if figures is None:
        why = (
            "It is not known which one sector of NAICS this is."
            if sector is None
            else f"Nothing is published for {inline(sector.title)}."
        )
        st.caption(f"{why} Figures are published by sector of NAICS, for the United States.")
        return
    st.caption(
        f"All of the sector **{inline(figures.title, longest=170)}** in the United States, not this industry alone."
        if sector is not None and sector.id != industry.id
        else f"The sector **{inline(figures.title, longest=170)}** in the United States."
    )
    _whole(figures.whole)
    _occupations(figures)
    draw_sources(sources)


def _whole(whole: SectorOccupation) -> None:
    shown = (
        ("People employed", "–" if whole.employment is None else f"{whole.employment:,}"),
        ("Median pay a year", _dollars(whole, "median")),
        ("A tenth earn less than", _dollars(whole, "p10")),
        ("A tenth earn more than", _dollars(whole, "p90")),
    )
    with st.grid(4, min_column_width=150, key="sector_figures"):
        for label, value in shown:
            st.metric(label, value, border=True, height="stretch")


def _dollars(row: SectorOccupation, name: str) -> str:
    if name in row.at_or_above:
        return f"${TOP_YEARLY:,}+"
    value = getattr(row, name)
    return "–" if value is None else f"${value:,}"


def _occupations(figures: SectorFigures) -> None:
    table = st.container()
    window = pager(len(figures.occupations), key="occupation_page", size=_ROWS)
    part = figures.occupations[window.offset : window.offset + window.size]
    employed = figures.whole.employment
    rows = [
        {
            "Occupation": each.title,
            "SOC": each.code,
            "People": each.employment,
            "Share": None if not employed or each.employment is None else 100 * each.employment / employed,
            "10th percentile": _cell(each, "p10"),
            "Median": _cell(each, "median"),
            "90th percentile": _cell(each, "p90"),
        }
        for each in part
    ]
    money = st.column_config.NumberColumn(format="$%,d")
    with table:
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            key="sector_occupations",
            alt="Occupations of the sector by number of people, with pay a year",
            height=len(rows) * 35 + 40,
            column_config={
                "Occupation": st.column_config.TextColumn(width="medium"),
                "SOC": st.column_config.TextColumn(width="small"),
                "People": st.column_config.NumberColumn(format="localized"),
                "Share": st.column_config.NumberColumn(format="%.1f %%"),
                "10th percentile": money,
                "Median": money,
                "90th percentile": money,
            },
        )
    st.caption(
        f"People employed and US dollars a year; an empty cell is not published. Figures at or above the survey's top "
        f"stand as ${TOP_YEARLY:,}."
    )


def _cell(row: SectorOccupation, name: str) -> int | None:
    return TOP_YEARLY if name in row.at_or_above else getattr(row, name)
