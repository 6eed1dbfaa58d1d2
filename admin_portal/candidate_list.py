"""The rows of the list of candidates. They are redrawn where they stand when profiles change: a list that sorts itself
anew under somebody's hand makes them press the wrong row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import streamlit as st

from admin_portal.candidate_account import status_badge
from admin_portal.candidate_filters import clear_filters, keep_filters
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.live import Shown
from shared_backend.portal_ui.profile_words import author_words, portal_words
from shared_backend.portal_ui.relative_time import exact, relative
from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.tables import pager
from shared_backend.portal_ui.text_safety import inline
from shared_backend.services.candidates import Candidate, Candidates, Filter

REGION = "candidates"
_STATE = "_candidate_list"


@dataclass
class _Held:
    """Which rows were asked for, and which were found then: they stay until the person asks for others."""

    asked: tuple[Filter, str, int]
    ids: list[str]


def draw_list(wanted: Filter, sort: str, context: PageContext) -> Iterable[Shown]:
    """The page of rows with its pager. Buttons: `refresh_candidates`, `clear_filters`."""
    directory = Candidates(context.backend.database)
    total = directory.count(wanted, actor=context.actor)
    above, rows, below = st.container(), st.container(key="candidate_rows", gap="xsmall"), st.container()
    with below:
        window = pager(total)
    now = directory.page(wanted, actor=context.actor, sort=sort, limit=window.size, offset=window.offset)
    held = _held((wanted, sort, window.number), [each.id for each in now])
    moved = [each.id for each in now] != held.ids
    found = directory.by_ids(held.ids, actor=context.actor) if moved else now
    with above:
        _line(wanted, total, moved)
    with rows:
        for each in found:
            _row(each, context)
    if not found:
        _nobody(wanted)
    keep_filters()
    return [Shown("user_profile", each.id, each.version) for each in found]


def forget_list() -> None:
    """The next draw asks the database for the rows again."""
    st.session_state.pop(_STATE, None)


def _held(asked: tuple[Filter, str, int], ids: list[str]) -> _Held:
    held = st.session_state.get(_STATE)
    if not isinstance(held, _Held) or held.asked != asked or not held.ids:
        held = st.session_state[_STATE] = _Held(asked, ids)
    return held


def _line(wanted: Filter, total: int, moved: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="candidate_count"):
        what = "deleted profile" if wanted.deleted else "candidate"
        st.caption(f"{total:,} {what}{'' if total == 1 else 's'}", width="content")
        if moved:
            st.button(
                "The list has changed: show it anew",
                key="refresh_candidates",
                icon=":material/refresh:",
                type="tertiary",
                on_click=forget_list,
            )


def _row(each: Candidate, context: PageContext) -> None:
    name = inline(each.name or each.email or f"Candidate {each.id[:8]}", longest=80)
    about = " · ".join(inline(text, longest=60) for text in (each.headline, each.email) if text)
    who = author_words(each.updated_by, each.updated_by_name, context.actor.id)
    by = "you" if who == "You" else inline(who, longest=40)
    with st.container(border=True, key=f"row_{each.id}"):
        left, middle, right = st.columns([8, 5, 6], vertical_alignment="center", gap="xsmall")
        left.page_link(
            "app_pages/candidate.py",
            label=f"**{name}** :small[:gray[{about or 'No headline yet'}]]",
            query_params={"id": each.id},
        )
        with middle.container(horizontal=True, vertical_alignment="center", gap="small"):
            status_badge(each.status)
            st.caption(f"{each.completeness}% complete", width="content")
        what, ago = ("Deleted" if each.deleted else "Changed"), relative(each.updated_at)
        right.caption(
            f"{what} {ago} by {by}" if each.deleted else f"{ago[:1].upper()}{ago[1:]} by {by}",
            help=f"{what} {exact(each.updated_at)}, {portal_words(each.updated_source)}",
        )


def _nobody(wanted: Filter) -> None:
    if wanted == Filter():
        empty("No candidates yet", "Invite the first one with the button above.", icon=":material/group_add:")
    elif wanted == Filter(deleted=True):
        empty(
            "No profile is deleted",
            "Profiles that are deleted can be brought back from here.",
            icon=":material/delete:",
        )
    else:
        empty("Nobody matches", "Try fewer words, or take a filter away.", icon=":material/search_off:")
        st.button("Clear all filters", key="clear_filters", icon=":material/filter_alt_off:", on_click=clear_filters)
