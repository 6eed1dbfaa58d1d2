"""One skill: who needs it and how much, what goes with it, and how many candidates have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from admin_portal.candidate_filters import SKILL
from admin_portal.knowledge_words import source_line
from admin_portal.same_page import same_page
from admin_portal.skill_search import PAGE, about, link
from admin_portal.title_charts import importance_chart
from admin_portal.title_search import link as occupation_link
from shared_backend.data_management.skill_catalog import UnknownSkill
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.tables import pager
from shared_backend.portal_ui.text_safety import escape, inline
from shared_backend.services.job_titles import JobTitles
from shared_backend.services.skills import Need, SkillFacts

_TOP, _SHOWN_NAMES = 15, 12
_CANDIDATES: Final = "app_pages/candidates.py"
_BASIS: Final = {
    "correlation": "Where the one is important, the other is: the correlation of their importance over all occupations "
    "that are rated, 0 to 1.",
    "together": "Used in the same occupations: the share of the occupations of either that have both.",
    "words": "Their names share words: no release says which of these go together.",
}


def draw(entry_id: str, context: PageContext) -> None:
    """The page of the skill with this id."""
    st.page_link(PAGE, label="All skills", icon=":material/arrow_back:", query_params=same_page(), width="content")
    try:
        with st.spinner("Looking it up…"):
            facts = context.backend.skills.facts(entry_id, actor=context.actor)
    except UnknownSkill as unknown:
        st.warning(str(unknown), icon=":material/search_off:")
        return
    entry = facts.entry
    st.header(escape(entry.name), anchor=False)
    st.caption(f"{about(entry)} · `{entry.id}`")
    if facts.other_names:
        names = ", ".join(facts.other_names[:_SHOWN_NAMES])
        more = len(facts.other_names) - _SHOWN_NAMES
        st.caption(f"Also: {escape(names)}{f' and {more} more' if more > 0 else ''}")
    _candidates(facts, context)
    _needed(facts, context)
    _related(facts)


def _candidates(facts: SkillFacts, context: PageContext) -> None:
    skills, actor = context.backend.skills, context.actor
    holders, everybody = skills.holders(facts.entry.id, actor=actor), skills.candidates(actor=actor)
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="large", key="skill_candidates"):
        share = f"{holders / everybody:.0%} of {everybody:,}" if everybody else "there are none yet"
        st.metric("Candidates who have it", f"{holders:,}", width="content")
        with st.container(width="content", gap="xxsmall"):
            st.caption(f"{share}, by the name in their profile, as it stands now.")
            if holders:
                st.page_link(
                    _CANDIDATES,
                    label="Show them",
                    icon=":material/groups:",
                    query_params={SKILL: facts.entry.id},
                    width="content",
                )


def _needed(facts: SkillFacts, context: PageContext) -> None:
    st.subheader("Who needs it", anchor=False)
    kind, source = facts.entry.kind, source_line(facts.sources, "onet", "esco")
    if not facts.needs:
        st.caption(
            "ESCO's release names the skills of ICT occupations alone, and this is none of theirs."
            if kind == "esco"
            else "No occupation is listed for it."
        )
        _same_name(facts)
        return
    if kind in ("skill", "knowledge"):
        top = [(need.title, float(need.importance or 0)) for need in facts.needs[:_TOP]]
        alt = "Where it is most important: " + ", ".join(f"{name} {value}" for name, value in top[:5])
        importance_chart(top, unit="Importance, 1 to 5", scale=(1, 5), alt=alt, key="need_chart")
        st.caption(f"The {len(top)} of {len(facts.needs):,} rated occupations where it is most important. {source}")
    elif kind == "technology":
        _families(facts, context, source)
    _table(facts, source)
    _same_name(facts)


def _families(facts: SkillFacts, context: PageContext, source: str) -> None:
    """How many occupations of each field use it: technologies are not rated, only listed."""
    groups = (
        JobTitles(context.backend.knowledge, context.backend.titles).occupations(actor=context.actor, limit=1).groups
    )
    titles = {group.code[:2]: group.title for group in groups}
    counted = Counter(titles.get(need.code[:2], "Other") for need in facts.needs)
    rows = [(title.removesuffix(" Occupations"), number) for title, number in counted.most_common(_TOP)]
    demand = sum(need.in_demand for need in facts.needs)
    alt = "Occupations that use it, by field: " + ", ".join(f"{name} {number}" for name, number in rows[:5])
    importance_chart(rows, unit="Occupations that use it", scale=None, alt=alt, key="need_chart")
    hot = " It is a hot technology: often asked for in postings of all kinds." if facts.needs[0].hot else ""
    st.caption(
        f"{len(facts.needs):,} occupations use it; in {demand:,} of them it is often asked for.{hot} O*NET lists "
        f"technologies and does not rate how important they are. {source}"
    )


def _table(facts: SkillFacts, source: str) -> None:
    columns = _columns(facts.entry.kind)
    with st.expander(f"All {len(facts.needs):,} occupations", expanded=facts.entry.kind == "esco", key="need_list"):
        rows = st.container(gap="small", key="need_rows")
        window = pager(len(facts.needs))
        with rows:
            for need in facts.needs[window.offset : window.offset + window.size]:
                with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                    if need.code:
                        occupation_link(need.code, need.title, here=False)
                    else:
                        st.markdown(inline(need.title), width="content")
                    told = columns(need)
                    if told:
                        st.caption(told, width="content")
        st.caption(source)


def _columns(kind: str) -> Callable[[Need], str]:
    def rated(need: Need) -> str:
        level = f" · level {need.level:.2f} of 7" if need.level is not None else " · not relevant"
        return f"importance {need.importance:.2f} of 5{level}"

    def used(need: Need) -> str:
        return ":material/trending_up: in demand" if need.in_demand else ""

    def esco(need: Need) -> str:
        return f"ESCO · leads to `{need.code}`" if need.code else "ESCO · the crosswalk leads to no O\\*NET occupation"

    by_kind: dict[str, Callable[[Need], str]] = {"skill": rated, "knowledge": rated, "technology": used, "esco": esco}
    return by_kind[kind]


def _same_name(facts: SkillFacts) -> None:
    if facts.same_name:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="skill_same_name"):
            st.markdown("The same name in other vocabularies:", width="content")
            for other in facts.same_name:
                link(other)
                st.caption(about(other), width="content")


def _related(facts: SkillFacts) -> None:
    st.subheader("Related skills", anchor=False)
    if not facts.related:
        st.caption("None that the data tells of.")
        return
    with st.container(gap="small", key="skill_related"):
        for each in facts.related:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.progress(min(max(each.share, 0.0), 1.0), width=96)
                st.caption(f"{each.share:.2f}", width="content")
                link(each.entry)
    words: Any = _BASIS[facts.basis]
    st.caption(f"{words} {source_line(facts.sources, 'onet', 'esco')}")
