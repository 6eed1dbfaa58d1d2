"""One industry: its place in the tree, what it is elsewhere, its sector's figures, and the candidates in it."""

from __future__ import annotations

from typing import Final

import streamlit as st

from admin_portal import industry_list, industry_sector
from admin_portal.cloud_words import plural
from admin_portal.same_page import same_page
from shared_backend.data_management.industry_tree import ISIC, LINKEDIN, NAICS, SYSTEMS, Industry, IndustryTree
from shared_backend.portal_ui.attributions import draw_sources
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.text_safety import inline
from shared_backend.services.industries import IndustryLook, IndustryPeople, PeopleCount

_HOW: Final = {"title": "same title", "rule": "our rule"}


def draw(look: IndustryLook, chosen: str, context: PageContext) -> None:
    """The whole industry; a code that is none says so and leads back."""
    tree = look.tree
    industry = tree.find(chosen)
    if industry is None:
        empty(
            "There is no such industry",
            "The classification in use may be another version than the one this address was made for.",
            icon=":material/search_off:",
        )
        _back(NAICS)
        return
    _way(tree, industry)
    people = industry_list.counted(context)
    with st.container(border=True, key="industry_head", gap="small"):
        st.markdown(f"#### {inline(industry.title)}")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(SYSTEMS[industry.system], icon=":material/category:", color="blue")
            st.badge(industry.level_words, color="gray")
            st.caption(f"Code `{industry.code}`", width="content")
        _people(people.by_industry.get(industry.id, IndustryPeople()), people)
    left, right = st.columns(2, gap="large")
    with left:
        _below(tree, industry, people)
    with right:
        _elsewhere(tree, industry)
    industry_sector.draw(industry, tree, context)
    draw_sources(look.sources)


def _way(tree: IndustryTree, industry: Industry) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", key="industry_crumbs"):
        _back(industry.system)
        for each in tree.path(industry)[:-1]:
            st.caption("›", width="content")
            st.page_link(industry_list.PAGE, label=inline(each.title, longest=50), query_params=same_page(id=each.id))


def _back(system: str) -> None:
    st.page_link(
        "app_pages/industries.py",
        label=f"All of {SYSTEMS[system]}",
        icon=":material/arrow_back:",
        # The address has the words of the choice.
        query_params={"industry_system": SYSTEMS[system]},
    )


def _people(here: IndustryPeople, people: PeopleCount) -> None:
    with st.container(horizontal=True, key="industry_people"):
        st.metric("Work here now", plural(here.now, "candidate"), width="content")
        st.metric("Work or have worked here", plural(here.ever, "candidate"), width="content")
    if here.employers:
        named = ", ".join(f"{inline(name, longest=60)} ({number:,})" for name, number in here.employers)
        st.markdown(f"Employers named most: {named}")
    st.caption(industry_list.basis_words(people))


def _below(tree: IndustryTree, industry: Industry, people: PeopleCount) -> None:
    st.subheader("Below it", anchor=False)
    children = tree.children(industry)
    if not children:
        st.caption("Nothing: it is not divided further.")
    with st.container(gap="xsmall", key="industry_rows"):
        for each in children:
            industry_list.row(each, tree, people, same=True)


def _elsewhere(tree: IndustryTree, industry: Industry) -> None:
    st.subheader("In other classifications", anchor=False)
    pairs = tree.pairs(industry)
    for system in (LINKEDIN, NAICS, ISIC):
        found = [pair for pair in pairs if pair.industry.system == system]
        if system == industry.system:
            continue
        st.markdown(f"**{SYSTEMS[system]}**")
        if not found:
            st.caption("None with the same title, and no rule names one.")
        for pair in found:
            of = "" if pair.of == industry else f", of the wider {inline(pair.of.title, longest=60)}"
            code = f"`{pair.industry.code}` " if system != LINKEDIN else ""
            st.page_link(
                industry_list.PAGE,
                label=f"{code}{inline(pair.industry.title)} :small[:gray[{_HOW[pair.how]}{of}]]",
                query_params=same_page(id=pair.industry.id),
            )
    st.caption(
        "The publishers have no crosswalk between these. *Same title* need not mean quite the same; *our rule* is one "
        "of those by which IntelliCV tells industries from employers' names."
    )
