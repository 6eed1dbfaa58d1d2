"""What the list of candidates is narrowed by; every part of it stands in the address."""

from __future__ import annotations

from typing import Final

import streamlit as st

from shared_backend.data_management.skill_catalog import UnknownSkill
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.tables import first_page
from shared_backend.portal_ui.text_safety import inline
from shared_backend.services.candidates import MAX_SEARCH, Filter

_KEPT = "_candidate_filters"
SKILL: Final = "skill"
_KEYS = ("search", "completeness", "account", "sort", "deleted", "page", SKILL)

# The words are what stands in the address, too.
ANY_COMPLETENESS, ANY_ACCOUNT, BY_NAME = "Any completeness", "Any account", "Name"
COMPLETENESS: Final = {
    ANY_COMPLETENESS: (0, 100),
    "Under 40% complete": (0, 39),
    "40% to 79% complete": (40, 79),
    "80% or more complete": (80, 100),
}
STATUSES: Final[dict[str, tuple[str, ...]]] = {
    ANY_ACCOUNT: (),
    "Active": ("active",),
    "Invited": ("invited",),
    "Locked": ("locked",),
    "No account": ("none",),
}
SORTS: Final = {
    BY_NAME: "name",
    "Name, Z to A": "-name",
    "Changed last": "-updated",
    "Changed longest ago": "updated",
    "Most complete": "-completeness",
    "Least complete": "completeness",
    "Newest": "-created",
    "Oldest": "created",
}


def draw_filters(context: PageContext) -> tuple[Filter, str]:
    """The search and the filters; answers what is wanted, and in which order. Keys: `search`, `completeness`,
    `account`, `sort`, `deleted`. A skill comes with the address alone, from the Skills page: `skill`."""
    with st.container(key="candidate_filters", gap="small"):
        search = st.text_input(
            "Search",
            key="search",
            bind="query-params",
            type="search",
            icon=":material/search:",
            placeholder="Name, headline, e-mail, city, company or skill",
            label_visibility="collapsed",
            max_chars=MAX_SEARCH,
            live="300ms",
            on_change=first_page,
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            completeness = COMPLETENESS[_choice("completeness", list(COMPLETENESS))]
            statuses = STATUSES[_choice("account", list(STATUSES))]
            sort = SORTS[_choice("sort", list(SORTS))]
            deleted = st.toggle("Deleted", key="deleted", bind="query-params", on_change=first_page, width="content")
        names = _skill(context)
    return Filter(search or "", completeness, statuses, bool(deleted), names), sort


def kept_filters() -> dict[str, str]:
    """What the address of the list held when it was last on this person's screen."""
    return dict(st.session_state.get(_KEPT, {}))


def keep_filters() -> None:
    """Notes what the list shows, for whoever comes back to it. Call it whenever the list has been drawn."""
    st.session_state[_KEPT] = {key: value for key, value in st.query_params.to_dict().items() if key in _KEYS}


def back_to_filters() -> None:
    """Before anything is drawn: who comes back from a candidate by the browser's button finds the list as it was.
    Streamlit leaves the candidate's address on it then, with its id and without the filters."""
    if "id" in st.query_params:
        st.switch_page("app_pages/candidates.py", query_params=kept_filters())


def clear_filters() -> None:
    """Shows everybody again, as a callback."""
    st.session_state.update({"search": "", "completeness": ANY_COMPLETENESS, "account": ANY_ACCOUNT, "deleted": False})
    clear_skill()


def clear_skill() -> None:
    """Shows those without the skill again, as a callback."""
    st.query_params.pop(SKILL, None)
    first_page()


def _skill(context: PageContext) -> tuple[str, ...]:
    """The names of the skill in the address, by any of which a candidate may have it; none where there is none."""
    wanted = st.query_params.get(SKILL, "")
    if not wanted:
        return ()
    try:
        name, names = context.backend.skills.names(wanted, actor=context.actor)
    except UnknownSkill as unknown:
        st.warning(f"{unknown} Everybody is shown.", icon=":material/search_off:")
        return ()
    with st.container(horizontal=True, vertical_alignment="center", key="skill_filter"):
        st.markdown(f":material/construction: With the skill **{inline(name, longest=80)}**", width="content")
        st.button("Show everybody", key="clear_skill", icon=":material/close:", type="tertiary", on_click=clear_skill)
    return tuple(names)


def _choice(key: str, options: list[str]) -> str:
    chosen = st.selectbox(
        key.capitalize(),
        options,
        key=key,
        bind="query-params",
        on_change=first_page,
        label_visibility="collapsed",
        width=216,
        filter_mode=None,
    )
    return chosen or options[0]
