"""One occupation in full."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import streamlit as st

from admin_portal import title_moves
from admin_portal.alias_list import draw_of_occupation
from admin_portal.knowledge_words import basis_words, change, number, source_line
from admin_portal.same_page import same_page
from admin_portal.title_charts import employment_chart, importance_chart, pay_chart
from admin_portal.title_search import PAGE, draw_nearest, link
from shared_backend.data_management.unified_data_connector import UnknownRole
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.regions import live_region
from shared_backend.portal_ui.text_safety import escape, inline
from shared_backend.services.job_titles import JobTitles
from shared_backend.services.title_aliases import KIND

_TITLES, _RATINGS = 24, 10
_IMPORTANCE: Final = "Importance, 1 to 5"


def draw(code: str, context: PageContext) -> None:
    """The page of the occupation with this code; of none, the nearest."""
    st.page_link(PAGE, label="All job titles", icon=":material/arrow_back:", query_params=same_page(), width="content")
    try:
        found = JobTitles(context.backend.knowledge, context.backend.titles).occupation(code, actor=context.actor)
    except UnknownRole as unknown:
        st.warning(f"There is no occupation {inline(code, longest=40)}.", icon=":material/search_off:")
        draw_nearest(unknown.nearest)
        return
    details, salary = found["details"], found["salary"]
    _heading(details)
    _figures(details)
    live_region(KIND, draw=partial(draw_of_occupation, details["code"]), key="occupation_aliases")
    pay, outlook = st.columns(2, gap="large")
    with pay:
        _pay(details, salary)
    with outlook:
        _outlook(details)
    _ratings(details)
    _technologies(details)
    title_moves.draw(found["path"])
    _related(details)
    _esco(details, found["esco_like"])


def _heading(details: dict[str, Any]) -> None:
    st.header(escape(details["title"]), anchor=False)
    steps = " › ".join(escape(step["title"]) for step in details["hierarchy"])
    st.caption(f"`{details['code']}` · {steps}")
    zone, education = details["job_zone"], details["education"]
    told = [
        ("Job zone", f"{zone['zone']} of 5: {zone['words']}" if zone else "not rated yet"),
        ("Typical education for entry", education["typical_entry"] or "not published"),
        ("Experience", education["experience"] or "not published"),
        ("Training on the job", education["training"] or "not published"),
    ]
    with st.container(border=True, key="occupation_preparation", gap="small"):
        with st.grid(min_column_width=180, gap="small"):
            for name, value in told:
                with st.container(gap="xxsmall"):
                    st.caption(name)
                    st.text(value)
        if education["reported"]:
            first = education["reported"][0]
            st.caption(
                f"{first['percent']:.0f}% of the people asked say that it takes: {escape(first['level'])}. "
                f"{source_line(details['sources'], 'onet/O*NET', 'bls/projections')}"
            )
    reported, alternate = details["reported_titles"], details["alternate_titles"]
    names = list(dict.fromkeys([*reported, *alternate]))
    if names:
        with st.expander(f"{len(names):,} other titles", icon=":material/sell:", key="occupation_titles"):
            st.text(", ".join(names[:_TITLES]))
            if names[_TITLES:]:
                with st.expander(f"All {len(names):,}"):
                    st.text(", ".join(names))
            st.caption(f"Titles that people in it have come first. {source_line(details['sources'], 'onet/O*NET')}")


def _figures(details: dict[str, Any]) -> None:
    pay, outlook = details["pay"], details["outlook"]
    median = pay["median"] if pay else None
    above = bool(pay and pay["at_or_above"] and "50" in pay["at_or_above"]["percentiles"])
    with st.container(key="occupation_figures"):
        one, two, three, four = st.columns(4)
        one.metric(
            "Median pay, $ a year",
            f"{pay['at_or_above']['amount']:,}+" if pay and above else f"{median:,}" if median else "–",
            border=True,
            height="stretch",
        )
        if not outlook:
            for column, name in ((two, "Employed 2024"), (three, "Employed 2034"), (four, "Openings a year")):
                column.metric(name, "–", border=True, height="stretch")
        else:
            percent = outlook["change_percent"]
            two.metric("Employed 2024, persons", number(outlook["employment_2024"]), border=True, height="stretch")
            three.metric(
                "Employed 2034, projected",
                number(outlook["employment_2034"]),
                delta=f"{percent:+.1f}% in ten years" if percent is not None else None,
                border=True,
                height="stretch",
            )
            four.metric("Openings, each year", number(outlook["openings_per_year"]), border=True, height="stretch")
        st.caption(f"United States. {source_line(details['sources'], 'bls/wages', 'bls/projections')}")


def _pay(details: dict[str, Any], salary: dict[str, Any]) -> None:
    st.subheader("Pay", anchor=False)
    national = salary["national"]
    if national is None or not pay_chart(national, salary["by_sector"], key="pay_chart"):
        hourly = national["hourly_median"] if national else None
        said = f" Its median is \\${hourly:,.2f} an hour." if hourly else ""
        st.caption(f"No pay by the year is published for it.{said}")
        return
    words = [
        basis_words(national["basis"]),
        f"Employed: {number(national['employment'])}." if national["employment"] else "",
        "Figures of \\$239,200 and more are not published exactly." if national["at_or_above"] else "",
        f"Unit: US dollars a year. {source_line(salary['sources'], 'bls/wages')}",
    ]
    st.caption(" ".join(filter(None, words)))
    if salary["by_area"]:
        with st.expander(f"In {len(salary['by_area']):,} areas"):
            st.dataframe(
                [
                    {"Area": each["area"], "State": each["state"], "Median": each["median"], "Year": str(each["year"])}
                    for each in salary["by_area"]
                ],
                hide_index=True,
                column_config={"Median": st.column_config.NumberColumn("Median, $ a year", format="localized")},
            )
            st.caption(f"{source_line(salary['sources'], 'bls/New York')}")


def _outlook(details: dict[str, Any]) -> None:
    st.subheader("Employment and openings", anchor=False)
    outlook = details["outlook"]
    if outlook is None:
        st.caption("No projection is published for it.")
        return
    employment_chart(outlook, key="employment_chart")
    words = [
        f"{change(outlook['change_percent'])} from 2024 to 2034.",
        basis_words(outlook["basis"]),
        f"Unit: persons. {source_line(details['sources'], 'bls/projections')}",
    ]
    st.caption(" ".join(filter(None, words)))


def _ratings(details: dict[str, Any]) -> None:
    basis = details["ratings_basis"]
    borrowed = ""
    if not basis["exact"] and basis["of"]:
        others = ", ".join(escape(each["title"]) for each in basis["of"])
        borrowed = f"It is not rated itself yet: this is the mean of {others}. "
    left, right = st.columns(2, gap="large")
    for column, table, title in ((left, "skills", "Skills"), (right, "knowledge", "Knowledge")):
        rows = details[table]
        with column:
            st.subheader(title, anchor=False)
            if not rows:
                st.caption("Not rated, nor are its neighbours.")
                continue
            top = [(str(each["name"]), float(each["importance"])) for each in rows[:_RATINGS]]
            alt = f"The most important of {title.lower()}: " + ", ".join(f"{name} {value}" for name, value in top[:5])
            importance_chart(top, unit=_IMPORTANCE, scale=(1, 5), alt=alt, key=f"{table}_chart")
            st.caption(f"{borrowed}Unit: importance, 1 to 5. {source_line(details['sources'], 'onet/Skills')}")
            with st.expander(f"All {len(rows):,}"):
                st.dataframe(
                    [
                        {"Name": each["name"], "Importance, 1–5": each["importance"], "Level, 0–7": each["level"]}
                        for each in rows
                    ],
                    hide_index=True,
                )


def _technologies(details: dict[str, Any]) -> None:
    rows = details["technologies"]
    st.subheader("Technology skills", anchor=False)
    if not rows:
        st.caption("None are listed for it.")
        return
    st.dataframe(
        [
            {
                "Technology": each["name"],
                "Kind": each["category"],
                "In demand": each["in_demand"],
                "Hot": each["hot"],
            }
            for each in rows
        ],
        hide_index=True,
        height=min(38 + 35 * len(rows), 390),
        key="technology_table",
    )
    st.caption(
        f"{len(rows):,} technologies. In demand: often asked for in postings for this occupation. Hot: often asked for "
        f"in postings of all. {source_line(details['sources'], 'onet/O*NET')}"
    )


def _related(details: dict[str, Any]) -> None:
    st.subheader("Related occupations", anchor=False)
    with st.container(horizontal=True, gap="small", key="occupation_related"):
        for each in details["related"]:
            link(each["code"], each["title"])
    st.caption(f"The nearest first. {source_line(details['sources'], 'onet/O*NET')}")


def _esco(details: dict[str, Any], like: list[dict[str, Any]]) -> None:
    st.subheader("In ESCO", anchor=False)
    source = source_line(details["sources"], "esco")
    if details["esco"]:
        rows = [
            {"Occupation": each["label"], "ISCO-08": each["isco"], "Confidence, as published": each["confidence"]}
            for each in details["esco"]
        ]
        words = f"By the crosswalk. Confidence is 0.5, 1 or 2, the surest 2. {source}"
    else:
        rows = [
            {"Occupation": each["title"], "ISCO-08": each["isco"], "Likeness, 0–1": round(each["score"], 2)}
            for each in like
        ]
        words = (
            f"The crosswalk leads to no ESCO occupation. {'These have labels like its title. ' if rows else ''}{source}"
        )
    if rows:
        st.dataframe(rows, hide_index=True, key="esco_table")
    st.caption(words)
