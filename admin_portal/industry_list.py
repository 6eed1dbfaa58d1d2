"""The industries of one system: its tree from the top, or what a search finds in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from admin_portal.cloud_words import plural
from admin_portal.same_page import same_page
from shared_backend.data_management.industry_tree import NAICS, SYSTEMS, Industry, IndustryTree
from shared_backend.portal_ui.attributions import draw_sources
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.tables import first_page, pager
from shared_backend.portal_ui.text_safety import inline
from shared_backend.services.industries import IndustryLook, IndustryPeople, PeopleCount

PAGE: Final = "app_pages/industry.py"
_LONGEST_SEARCH: Final = 100


def current_system() -> str:
    """The system that the person or the address has chosen."""
    chosen = st.session_state.get("industry_system") or st.query_params.get("industry_system", NAICS)
    return chosen if chosen in SYSTEMS else NAICS


def draw(look: IndustryLook, context: PageContext) -> None:
    """The choice of the system, the search, and one page of what they leave."""
    tree = look.tree
    with st.container(horizontal=True, vertical_alignment="bottom", key="industry_filters"):
        system = st.segmented_control(
            "Classification",
            tuple(SYSTEMS),
            format_func=SYSTEMS.__getitem__,
            default=NAICS,
            required=True,
            key="industry_system",
            wrap=True,
            bind="query-params",
            on_change=first_page,
        )
        search = st.text_input(
            "Search",
            key="industry_search",
            bind="query-params",
            type="search",
            icon=":material/search:",
            placeholder="A title or a code",
            max_chars=_LONGEST_SEARCH,
            live="300ms",
            on_change=first_page,
            width=360,
        )
    system = system or NAICS
    people = counted(context)
    if (search or "").strip():
        _found(tree, tree.search(str(search), system), people)
    else:
        top = tree.top(system)
        st.markdown(f"**{tree.count(system):,}** industries of all levels, {plural(len(top), 'sector')} at the top")
        with st.container(gap="xsmall", key="industry_rows"):
            for each in top:
                row(each, tree, people)
    st.caption(basis_words(people))
    draw_sources(look.sources)


def row(
    industry: Industry, tree: IndustryTree, people: PeopleCount, *, with_path: bool = False, same: bool = False
) -> None:
    """One industry as a line that leads to it; `same` on the page of another industry."""
    with st.container(border=True, key=f"industry_{industry.system}_{industry.code}"):
        left, right = st.columns([7, 4], vertical_alignment="center", gap="xsmall")
        above = " › ".join(each.title for each in tree.path(industry)[:-1]) if with_path else ""
        code = f":small[:gray[`{industry.code}`]] " if industry.system != "linkedin" else ""
        more = f" :small[:gray[{inline(above, longest=110)}]]" if above else ""
        left.page_link(
            PAGE,
            label=f"{code}**{inline(industry.title)}**{more}",
            query_params=same_page(id=industry.id) if same else {"id": industry.id},
        )
        facts = [f"{plural(industry.below, 'industry', 'industries')} below"] if industry.below else []
        here = people.by_industry.get(industry.id, IndustryPeople())
        if here.ever:
            facts.append(f"{plural(here.ever, 'candidate')}, {here.now:,} now")
        right.caption(" · ".join(facts))


def counted(context: PageContext) -> PeopleCount:
    """The counts of candidates; with many thousands of them the first count takes some seconds."""
    with st.spinner("Counting candidates …"):
        return context.backend.industries.people(actor=context.actor)


def basis_words(people: PeopleCount) -> str:
    """What the counts of candidates rest on."""
    if not people.profiles:
        return "Candidates are counted here once there are profiles with work experience."
    if not people.employers:
        return "No profile names an employer yet, so no candidate is counted."
    return (
        f"Candidates are counted by what their employers are called: {people.told:,} of "
        f"{plural(people.employers, 'employer')} in {plural(people.profiles, 'profile')} say an industry by their "
        "name. The others are not counted."
    )


def _found(tree: IndustryTree, found: Sequence[Industry], people: PeopleCount) -> None:
    st.markdown(f"**{len(found):,}** {'industry' if len(found) == 1 else 'industries'} found")
    rows = st.container(gap="xsmall", key="industry_rows")
    window = pager(len(found))
    with rows:
        if not found:
            empty("No industry matches", "Try fewer words, or another classification.", icon=":material/search_off:")
        for each in found[window.offset : window.offset + window.size]:
            row(each, tree, people, with_path=True)
