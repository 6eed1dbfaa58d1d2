"""All occupations: by SOC group, from the widest down, and by job zone."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from admin_portal.knowledge_words import change, dollars, number, source_line
from admin_portal.same_page import same_page
from admin_portal.title_search import PAGE, link
from shared_backend.data_management.occupation_browse import Sort
from shared_backend.data_management.occupations import ZONES
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.tables import first_page, pager
from shared_backend.portal_ui.text_safety import inline
from shared_backend.services.job_titles import JobTitles

ANY_ZONE: Final = "Any job zone"
_ZONES: Final = {ANY_ZONE: None, **{f"Zone {zone}: {words}": zone for zone, words in ZONES.items()}}
_SORTS: Final[dict[str, Sort]] = {
    "Title": "title",
    "Code": "code",
    "Highest pay": "-pay",
    "Lowest pay": "pay",
    "Growing fastest": "-growth",
    "Shrinking fastest": "growth",
    "Most openings": "-openings",
}


def draw(context: PageContext) -> None:
    """The groups within the chosen one, and a page of its occupations. `group` stands in the address."""
    group = st.query_params.get("group", "")
    titles = JobTitles(context.backend.knowledge, context.backend.titles)
    with st.container(horizontal=True, vertical_alignment="bottom", key="browse_filters"):
        zone = _ZONES[_choice("Job zone", "zone", list(_ZONES), 300)]
        sort = _SORTS[_choice("Sort by", "sort", list(_SORTS), 200)]
    asked: dict[str, Any] = {"actor": context.actor, "group": group, "zone": zone, "sort": sort}
    counted = titles.occupations(**asked, limit=1)
    _crumbs(counted.path)
    if counted.groups:
        with st.expander(f"{len(counted.groups):,} SOC groups", expanded=not group, key="browse_groups"):
            for each in counted.groups:
                st.page_link(
                    PAGE,
                    label=f"{inline(each.title)} :small[:gray[{each.code} · {each.occupations:,}]]",
                    query_params=same_page(view="Browse", group=each.code, **_kept()),
                )
    rows = st.container(gap="xsmall", key="occupation_rows")
    window = pager(counted.total)
    page = titles.occupations(**asked, limit=window.size, offset=window.offset)
    with rows:
        st.caption(f"{page.total:,} occupation{'' if page.total == 1 else 's'}")
        if not page.lines:
            empty("No occupation here", "Choose another group or job zone.", icon=":material/search_off:")
        for line in page.lines:
            with st.container(border=True, gap="xxsmall"):
                link(line.code, line.title)
                told = [
                    f"`{line.code}`",
                    f"Zone {line.zone}" if line.zone else "Not in a job zone yet",
                    f"Median pay {dollars(line.median_pay)}" + (" a year" if line.median_pay else ""),
                    f"Employment {change(line.change_percent)}"
                    + (" to 2034" if line.change_percent is not None else ""),
                    f"Openings {number(line.openings)}" + (" a year" if line.openings is not None else ""),
                ]
                st.caption(" · ".join(told).replace("$", "\\$"))
    told_by = source_line(page.sources, "onet/O*NET", "bls/wages", "bls/projections")
    st.caption(f"Pay and outlook may be of a wider group; the occupation's page says so. {told_by}")


def _kept() -> dict[str, str]:
    return {key: value for key in ("zone", "sort") if (value := st.query_params.get(key))}


def _crumbs(path: list[Any]) -> None:
    if not path:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="browse_path"):
        st.page_link(PAGE, label="All", query_params=same_page(view="Browse", **_kept()), width="content")
        for each in path:
            st.markdown(":gray[:material/chevron_right:]", width="content")
            st.page_link(
                PAGE,
                label=inline(each.title, longest=60),
                query_params=same_page(view="Browse", group=each.code, **_kept()),
                width="content",
                disabled=each is path[-1],
            )


def _choice(label: str, key: str, options: list[str], width: int) -> str:
    chosen = st.selectbox(
        label, options, key=key, bind="query-params", on_change=first_page, width=width, filter_mode=None
    )
    return chosen or options[0]
