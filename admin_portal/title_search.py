"""Any title, read: its parts, and the occupations that it may name, the company's own word first."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from admin_portal.knowledge_words import source_line
from admin_portal.same_page import same_page
from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.live import Shown
from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.text_safety import escape, inline, shorten
from shared_backend.services.job_titles import JobTitles
from shared_backend.services.title_aliases import KIND

PAGE: Final = "app_pages/job_titles.py"
_HOW: Final = {
    "alias": "your company's alias",
    "code": "its code",
    "title": "its title",
    "reported title": "a title that people in it have",
    "alternate title": "one of its titles",
    "similar title": "like one of its titles",
}
_FOUND = 8
_EXAMPLES: Final = ("Sr. SWE II – Payments (Remote)", "Staff nurse", "Head of people", "Barista")


def draw_box() -> str:
    """The search; it stands in the address as `title`."""
    return (
        st.text_input(
            "Title",
            key="title",
            bind="query-params",
            type="search",
            icon=":material/search:",
            placeholder="Any title, as people write it: Sr. SWE II – Payments (Remote)",
            label_visibility="collapsed",
            max_chars=300,
            live="400ms",
        )
        or ""
    ).strip()


def draw_answer(title: str, context: PageContext) -> list[Shown]:
    """What the title is understood as."""
    if not title:
        JobTitles(context.backend.knowledge, context.backend.titles).get_ready()
        empty(
            "Type a title to see what it is understood as",
            f"For example {', '.join(f'“{each}”' for each in _EXAMPLES)}.",
            icon=":material/search:",
        )
        return []
    titles = JobTitles(context.backend.knowledge, context.backend.titles)
    with st.spinner("Reading the title…"):  # the first one waits for the index
        found = titles.read(title, actor=context.actor, limit=_FOUND)
    _parts(found)
    if not found["known"]:
        _unknown(title, found, context)
        return []
    alias = found["alias"]
    if alias:
        st.info(
            f"Your company says what this title means: the alias {inline(alias['title'], longest=80)}, set by "
            f"{inline(alias['set_by'] or 'an administrator', longest=60)}. It goes before everything else.",
            icon=":material/apartment:",
        )
    elif found["ambiguous"]:
        st.warning(
            "This title is ambiguous: the first occupations fit equally well. An alias says which one your company "
            "means.",
            icon=":material/help:",
        )
    onet, esco = st.columns([3, 2], gap="large")
    with onet:
        st.subheader("Occupations", anchor=False)
        _occupations(found["onet"])
        told_by = source_line(found["sources"], "onet/O*NET")
        st.caption(f"Scores are likenesses of words from 0 to 1, not probabilities. {told_by}")
        _alias_link(title, found, context)
    with esco:
        st.subheader("In ESCO", anchor=False)
        _esco(found["esco"])
        st.caption(source_line(found["sources"], "esco"))
    return [Shown(KIND, alias["id"], alias["version"])] if alias else []


def draw_nearest(nearest: list[dict[str, Any]]) -> None:
    """Occupations that are most like something that is none."""
    for match in nearest:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            link(match["code"], match["title"])
            st.caption(f"`{match['code']}` · has the title {inline(match['label'], longest=80)}", width="content")


def link(code: str, title: str, *, icon: str | None = None, longest: int = 100, here: bool = True) -> None:
    """The way to an occupation, from this page (`here`) or another; a title that is cut is whole in the tooltip."""
    st.page_link(
        PAGE,
        label=escape(shorten(title, longest)),
        icon=icon,
        query_params=same_page(code=code) if here else {"code": code},
        width="content",
        help=escape(title) if len(title) > longest else None,
    )


def _parts(found: dict[str, Any]) -> None:
    told = [
        ("Function", found["function"]),
        ("Seniority", found["seniority"]),
        ("Grade", found["grade"]),
        ("Narrowed by", ", ".join(found["qualifiers"])),
        ("Set aside", ", ".join(found["noise"])),
    ]
    with st.container(border=True, horizontal=True, gap="large", key="title_parts"):
        for name, value in told:
            if value:
                with st.container(width="content", gap="xxsmall"):
                    st.caption(name)
                    st.text(value)


def _occupations(found: list[dict[str, Any]]) -> None:
    if not found:
        st.caption("None that O*NET knows.")
    with st.container(gap="xsmall", key="title_occupations"):
        for each in found:
            with st.container(border=True, gap="xxsmall"):
                link(each["code"], each["title"])
                how = _HOW.get(each["how"], each["how"])
                label = inline(each["label"], longest=80)
                st.progress(min(each["score"], 1.0), text=f":small[{each['score']:.2f} · {how}: {label}]")
                st.caption(f"`{each['code']}`")


def _esco(found: list[dict[str, Any]]) -> None:
    if not found:
        st.caption("None that ESCO knows.")
    with st.container(gap="xsmall", key="title_esco"):
        for each in found:
            with st.container(border=True, gap="xxsmall"):
                st.markdown(f"{inline(each['title'], longest=80)}")
                with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                    leads = " · leads to" if each["onet"] else ""
                    st.caption(f"{each['score']:.2f} · ISCO {each['isco']}{leads}", width="content")
                    if each["onet"]:
                        link(each["onet"], each["onet"])


def _unknown(title: str, found: dict[str, Any], context: PageContext) -> None:
    with st.container(border=True, key="title_unknown"):
        st.markdown(f"#### :material/search_off: {inline(title, longest=80)} is not known")
        st.caption(found["reason"])
        if found["nearest"]:
            st.markdown("The nearest, though none is near enough to answer for it:")
            draw_nearest(found["nearest"])
        _alias_link(title, found, context)


def _alias_link(title: str, found: dict[str, Any], context: PageContext) -> None:
    if not context.actor.may(Permission.EDIT_ALL):
        return
    alias = found["alias"]
    if alias:
        st.page_link(
            PAGE,
            label="Change this alias",
            icon=":material/edit:",
            query_params=same_page(alias=alias["id"]),
            width="content",
        )
    else:
        st.page_link(
            PAGE,
            label="Say what your company means by it",
            icon=":material/add:",
            query_params=same_page(alias="new", **{"for": title}),
            width="content",
        )
