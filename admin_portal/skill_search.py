"""Skills by name, in all vocabularies; without a search those to begin with."""

from __future__ import annotations

from typing import Final

import streamlit as st

from admin_portal.knowledge_words import source_line
from admin_portal.same_page import same_page
from shared_backend.data_management.skill_catalog import KINDS, Entry, Hit, Kind
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.text_safety import escape, inline, shorten

PAGE: Final = "app_pages/skills.py"
KIND_WORDS: Final[dict[Kind, str]] = {
    "skill": "O*NET skill",
    "knowledge": "O*NET knowledge",
    "technology": "Technology, O*NET",
    "esco": "ESCO skill",
}
ALL: Final = "All"
_CHOICES: Final[dict[str, tuple[Kind, ...]]] = {
    ALL: KINDS,
    "O*NET": ("skill", "knowledge"),
    "Technologies": ("technology",),
    "ESCO": ("esco",),
}
_FOUND = 40


def draw(context: PageContext) -> None:
    """The search, which stands in the address as `find` and `of`, and what it finds."""
    wanted = (
        st.text_input(
            "Skill",
            key="find",
            bind="query-params",
            type="search",
            icon=":material/search:",
            placeholder="Python, negotiation, critical thinking, welding …",
            label_visibility="collapsed",
            max_chars=200,
            live="300ms",
        )
        or ""
    ).strip()
    chosen = st.segmented_control(
        "Vocabulary",
        tuple(_CHOICES),
        default=ALL,
        required=True,
        key="of",
        bind="query-params",
        label_visibility="collapsed",
        wrap=True,
    )
    kinds = _CHOICES[chosen or ALL]
    if not wanted:
        _to_begin_with(kinds, context)
        return
    with st.spinner("Looking it up…"):  # the first one waits for the catalogue
        hits = context.backend.skills.search(wanted, actor=context.actor, kinds=kinds, limit=_FOUND)
    if not hits:
        empty(
            "No skill has these words in its name",
            "Try fewer words, or all vocabularies.",
            icon=":material/search_off:",
        )
        return
    most = (
        f"The first {_FOUND}, the nearest first" if len(hits) == _FOUND else f"{len(hits):,} found, the nearest first"
    )
    st.caption(most)
    with st.container(gap="xsmall", key="skill_hits"):
        for hit in hits:
            _hit(hit)


def link(entry: Entry, *, longest: int = 80) -> None:
    """The way to a skill."""
    st.page_link(
        PAGE,
        label=escape(shorten(entry.name, longest)),
        query_params=same_page(id=entry.id),
        width="content",
        help=escape(entry.name) if len(entry.name) > longest else None,
    )


def about(entry: Entry) -> str:
    """Which vocabulary it is of, and which kind of software; Markdown."""
    return KIND_WORDS[entry.kind] + (f" · {escape(entry.category)}" if entry.category else "")


def _hit(hit: Hit) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        link(hit.entry)
        other = f" · also {inline(hit.label, longest=60)}" if hit.label != hit.entry.name else ""
        st.caption(f"{about(hit.entry)}{other}", width="content")


def _to_begin_with(kinds: tuple[Kind, ...], context: PageContext) -> None:
    skills = context.backend.skills
    if "technology" in kinds:
        st.subheader("Technologies most in demand", anchor=False)
        found, sources = skills.most_in_demand(actor=context.actor)
        with st.container(horizontal=True, gap="small", key="skills_in_demand"):
            for entry, number in found:
                st.page_link(
                    PAGE,
                    label=f"{inline(entry.name)} :small[:gray[{number:,}]]",
                    query_params=same_page(id=entry.id),
                    width="content",
                )
        st.caption(f"In how many occupations each is often asked for. {source_line(sources, 'onet/O*NET')}")
    for kind, title in (("skill", "O*NET's skills"), ("knowledge", "O*NET's knowledge")):
        if kind in kinds:
            st.subheader(title, anchor=False)
            with st.container(horizontal=True, gap="small", key=f"all_{kind}"):
                for entry in skills.of_onet(kind, actor=context.actor):
                    link(entry)
    if kinds == ("esco",):
        empty(
            "Type to search ESCO's skills",
            "For example “negotiate”, “welding” or “patient care”.",
            icon=":material/search:",
        )
