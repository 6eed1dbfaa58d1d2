"""The list of conflicts, each with its decision."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import streamlit as st

from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.lockstep.fields import MISSING, differ
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.csv_export import csv_bytes, export_button
from shared_backend.portal_ui.live_component import changed_mark
from shared_backend.portal_ui.lockstep_words import field_title, portal_title
from shared_backend.portal_ui.relative_time import time_caption
from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.tables import first_page, pager
from shared_backend.portal_ui.text_safety import inline, shorten
from shared_backend.services.conflict_reads import STATUSES, ConflictPage, ListedConflict, find_conflicts

_ALL: Final = "all"
_WORDS: Final = {
    "open": "Open",
    "accepted": "Accepted",
    "dismissed": "Dismissed",
    "applied": "Kept value applied",
    "overridden": "Overridden",
    _ALL: "All",
}
_ICONS: Final = {
    "open": ":material/help:",
    "overridden": ":material/gavel:",
    "dismissed": ":material/do_not_disturb_on:",
}
_DONE: Final = {
    "accept": "Accepted: the value that stands stays.",
    "dismiss": "Dismissed: nothing was changed.",
    "apply_mine": "Applied: the kept value stands now, as a new version.",
}
_REASONS: Final = {
    "admin_precedence": "An administrator's edit goes before a candidate's.",
    "later_commit": "Both had the same say, so the later save stands.",
    "override": "It was overridden on purpose.",
}
_LONGEST: Final = 240
_EXPORT_LIMIT: Final = 500


def filters() -> None:
    """Status and person, kept in the address."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="conflict_filters"):
        st.segmented_control(
            "Status",
            (*STATUSES, _ALL),
            format_func=_WORDS.__getitem__,
            default="open",
            required=True,
            key="conflict_status",
            wrap=True,
            bind="query-params",
            on_change=first_page,
        )
        st.text_input(
            "Person",
            key="conflict_person",
            type="search",
            placeholder="Name of the candidate or of who edited",
            bind="query-params",
            on_change=first_page,
            max_chars=200,
            width=320,
        )


def draw_list(context: PageContext) -> None:
    """One page of conflicts, newest first."""
    status: str | None = st.session_state.get("conflict_status") or "open"
    status = None if status == _ALL else status
    person = st.session_state.get("conflict_person") or ""
    find = partial(find_conflicts, context.backend.database, actor=context.actor, status=status, person=person)
    counted = find(limit=1)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{counted.total:,}** {_counted(status, counted)}", width="content")
        if counted.items:
            changed_mark(_newest(counted), "the bridge", key="conflicts")
        if context.actor.may(Permission.EXPORT):
            export_button(
                "conflicts.csv",
                partial(_export, status, person),
                key="export_conflicts",
                about=(status, person),
                help=f"The newest {_EXPORT_LIMIT:,} conflicts of this filter.",
                disabled=not counted.total,
            )
    rows = st.container(gap="medium", key="conflict_list")
    window = pager(counted.total)
    found = find(limit=window.size, offset=window.offset)
    with rows:
        if not found.items:
            _nothing(status, person)
        for item in found.items:
            _card(item, context.actor)


def _card(item: ListedConflict, actor: Actor) -> None:
    conflict = item.conflict
    with st.container(border=True, key=f"conflict_{conflict.id}", gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"#### {inline(_sentence(field_title(conflict.path)))}", width="content")
            icon = _ICONS.get(conflict.status, ":material/check_circle:")
            colour = "orange" if conflict.status == "open" else "gray"
            st.badge(_WORDS.get(conflict.status, conflict.status), icon=icon, color=colour)  # type: ignore[arg-type]
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            name = inline(item.label or conflict.entity_id, longest=60)
            if conflict.kind == "user_profile":
                link = {"id": conflict.entity_id}
                st.page_link("app_pages/candidate.py", label=name, icon=":material/person:", query_params=link)
            else:
                st.markdown(name, width="content")
            time_caption(
                f"Both edits started from version {conflict.base_version:,}. {_REASONS.get(conflict.reason, '')} Met",
                conflict.opened_at,
            )
        before, stands, kept = st.columns(3)
        with before:
            _value("Both started from", conflict.base_value, f"Version {conflict.base_version:,}")
        with stands:
            _value(*_stands(item))
        with kept:
            _value("Kept aside", conflict.losing_value, _side(conflict.loser_name, conflict.loser_source))
        if conflict.status == "open":
            _actions(item, actor)
        elif conflict.resolved_at is not None:
            by = f" by {inline(conflict.resolved_by_name)}" if conflict.resolved_by_name else ""
            version = f", as version {conflict.resolved_version:,}" if conflict.resolved_version else ""
            time_caption(f"{_WORDS.get(conflict.status, conflict.status)}{by}{version}", conflict.resolved_at)


def _stands(item: ListedConflict) -> tuple[str, Any, str]:
    """What it is called, the value, and whose it is."""
    conflict = item.conflict
    who = _side(conflict.winner_name, conflict.winner_source)
    if conflict.status != "open":
        return "Stood then", conflict.winning_value, who
    if item.deleted:
        return "Stands now", item.stands, "Deleted since the two edits met"
    if differ(item.stands, conflict.winning_value):
        return "Stands now", item.stands, "Edited again since the two edits met"
    return "Stands now", item.stands, who


def _value(title: str, value: Any, under: str) -> None:
    whole = _words(value)
    with st.container(gap="xsmall"):
        st.caption(title)
        st.text(shorten(whole, _LONGEST))
        if len(whole) > _LONGEST:
            with st.expander("Whole text"):
                st.text(whole)
        st.caption(inline(under))


def _actions(item: ListedConflict, actor: Actor) -> None:
    conflict_id = item.conflict.id
    overtaken = item.deleted or not item.conflict.is_between(item.stands)
    if not actor.may(Permission.EDIT_ALL):
        st.caption("Owners and administrators decide conflicts.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Accept what stands",
            key=f"accept_{conflict_id}",
            icon=":material/check:",
            on_click=_resolve,
            args=(conflict_id, "accept"),
        )
        st.button(
            "Apply the kept value",
            key=f"apply_{conflict_id}",
            icon=":material/swap_horiz:",
            on_click=_resolve,
            args=(conflict_id, "apply_mine"),
            disabled=overtaken,
        )
        st.button(
            "Dismiss",
            key=f"dismiss_{conflict_id}",
            type="tertiary",
            on_click=_resolve,
            args=(conflict_id, "dismiss"),
        )
        if item.deleted:
            st.caption("It is deleted: bring it back to apply a value, or close the conflict. That changes nothing.")
        elif overtaken:
            st.caption(
                "Something else stands by now: edit it in its place, or close the conflict. That changes nothing."
            )
        else:
            st.caption("Applying writes a new version, which can be restored. The other two change nothing.")


def _resolve(conflict_id: str, resolution: str) -> None:
    context = page_context()
    answer = context.bridge.resolve_conflict(conflict_id, resolution, source=context.source, actor=context.actor)
    if answer["success"]:
        st.toast(_DONE[resolution], icon=":material/check_circle:")
    else:
        st.toast(inline(answer["error"], longest=400), icon=":material/error:", duration="long")


def _nothing(status: str | None, person: str) -> None:
    if person:
        empty("No conflict matches", "Look for another name, or choose another status.", icon=":material/search_off:")
    elif status == "open":
        empty(
            "No conflict waits for a decision",
            "When two people edit one field at once, one value stands, the other is kept, and both appear here.",
            icon=":material/check_circle:",
        )
    else:
        empty("No conflict in this status", "Choose another status above.", icon=":material/inbox:")


def _counted(status: str | None, found: ConflictPage) -> str:
    words = "conflict" if found.total == 1 else "conflicts"
    if status is None:
        return f"{words} in all, {found.by_status.get('open', 0):,} of them open"
    return f"{words}: {_WORDS[status].lower()}"


def _newest(found: ConflictPage) -> int:
    return max(int(each.conflict.opened_at.timestamp()) for each in found.items)


def _side(name: str, source: str) -> str:
    return f"{name or 'Somebody'}, {portal_title(source).lower()}"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _words(value: Any) -> str:
    if value is MISSING or value in ("", None, []):
        return "(empty)"
    if isinstance(value, list):
        value = ", ".join(str(each) for each in value)
    return str(value)


def _export(status: str | None, person: str) -> bytes:
    context = page_context()
    context.actor.require(Permission.EXPORT, "export conflicts")
    database = context.backend.database
    found = find_conflicts(database, actor=context.actor, status=status, person=person, limit=_EXPORT_LIMIT)
    header = ("Opened", "Status", "About", "Field", "Started from", "Stands", "By", "Kept aside", "By", "Id")
    return csv_bytes(
        header,
        [
            (
                c.opened_at,
                _WORDS.get(c.status, c.status),
                item.label,
                c.path,
                _words(c.base_value),
                _words(stands),
                by,
                _words(c.losing_value),
                _side(c.loser_name, c.loser_source),
                c.id,
            )
            for item in found.items
            for c, (_title, stands, by) in ((item.conflict, _stands(item)),)
        ],
    )
