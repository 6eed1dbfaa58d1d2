"""Searching the event log: filters in the address, a page of rows by number, one event's details."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

import pandas as pd
import streamlit as st

from shared_backend.identity.roles import Permission
from shared_backend.lockstep.event_log import Event
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.csv_export import csv_bytes, export_button
from shared_backend.portal_ui.lockstep_words import field_list, portal_title
from shared_backend.portal_ui.relative_time import exact, relative, time_caption, viewer_zone
from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.text_safety import escape
from shared_backend.services.event_reads import EventFilter, EventPage, event_words, find_events

PAGE: Final = 50
_EXPORT_LIMIT: Final = 5_000
_SOURCES: Final = ("admin_portal", "user_portal", "api", "worker", "script", "system")
_PAGES: Final = {"user_profile": "candidate", "account": "candidate", "announcement": "announcements"}


def draw_filters(context: PageContext) -> EventFilter:
    """What to look for, kept in the address; answers it."""
    types, kinds = event_words(context.backend.database, actor=context.actor)
    with st.container(border=True, key="event_filters", gap="small"):
        first = st.grid(3, min_column_width=200, vertical_alignment="bottom")
        with first:
            _many("Type", types, "event_type")
            _many("Source", _SOURCES, "event_source", portal_title)
            _many("About a", kinds, "event_kind", lambda kind: kind.replace("_", " "))
        second = st.grid(4, min_column_width=180, vertical_alignment="bottom")
        with second:
            _text("Who", "event_actor", "Name, or an account's id")
            _text("Entity", "event_entity", "The id of what it is about")
            _day("From", "event_from")
            _day("To", "event_to")
    zone = viewer_zone()
    since, until = _date("event_from"), _date("event_to")
    return EventFilter(
        types=tuple(st.session_state.get("event_type") or ()),
        sources=tuple(st.session_state.get("event_source") or ()),
        kinds=tuple(st.session_state.get("event_kind") or ()),
        entity=(st.session_state.get("event_entity") or "").strip(),
        who=(st.session_state.get("event_actor") or "").strip(),
        since=datetime.combine(since, datetime.min.time(), zone) if since else None,
        until=datetime.combine(until + timedelta(days=1), datetime.min.time(), zone) if until else None,
    )


def draw_table(context: PageContext, wanted: EventFilter) -> None:
    """One page of events and, for the row that is chosen, its details."""
    before, after = _number("before"), _number("after")
    database, actor = context.backend.database, context.actor
    page = find_events(database, wanted, actor=actor, before=before, after=after, limit=PAGE)
    if after is not None and not page.newer:
        # Paging back has reached the newest: the page is filled up from there.
        page = find_events(database, wanted, actor=actor, limit=PAGE)
    _heading(context, wanted, page)
    if not page.events:
        if wanted == EventFilter():
            empty(
                "No events yet", "They appear here as soon as somebody saves something.", icon=":material/receipt_long:"
            )
        else:
            empty("No event matches", "Take a filter away, or choose other days.", icon=":material/search_off:")
        return
    chosen = st.dataframe(
        pd.DataFrame([_row(event) for event in page.events]),
        hide_index=True,
        key="event_table",
        on_select="rerun",
        selection_mode="single-row",
        height=min(len(page.events), 25) * 35 + 40,
        alt="Events, newest first",
        placeholder="",
        column_config={
            "Seq": st.column_config.NumberColumn(format="localized", width="small"),
            "When": st.column_config.DatetimeColumn(format="distance", timezone=str(viewer_zone()), width=130),
            "Open": st.column_config.LinkColumn(display_text="Open", width="small"),
        },
    )
    _pages(page)
    rows = chosen["selection"]["rows"]
    if rows and rows[0] < len(page.events):
        _details(page.events[rows[0]], page.log.epoch)
    else:
        st.caption("Choose a row to see the whole event.")


def _heading(context: PageContext, wanted: EventFilter, page: EventPage) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        words = f"Newest number **{page.log.seq:,}**."
        if page.log.floor:
            words += (
                f" Events up to **{page.log.floor:,}** have been trimmed: the log begins "
                f"{relative(page.oldest_at)}. Versions and the audit are kept."
            )
        st.markdown(words, width=560)
        with st.container(horizontal=True, width="content"):
            st.button("Look again", key="refresh_events", icon=":material/refresh:", on_click=_newest)
            if context.actor.may(Permission.EXPORT):
                export_button(
                    "events.csv",
                    partial(_export, wanted),
                    key="export_events",
                    about=wanted,
                    help=f"The newest {_EXPORT_LIMIT:,} events that match.",
                    disabled=not page.events,
                )


def _pages(page: EventPage) -> None:
    first, last = page.events[0].seq, page.events[-1].seq
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(f"{last:,} to {first:,}, {len(page.events)} events", width="content")
        with st.container(horizontal=True, width="content"):
            st.button("Newest", key="newest_events", on_click=_newest, disabled=not page.newer)
            st.button(
                "Newer",
                key="newer_events",
                icon=":material/chevron_left:",
                on_click=_go,
                args=("after", first),
                disabled=not page.newer,
            )
            st.button(
                "Older",
                key="older_events",
                icon=":material/chevron_right:",
                icon_position="right",
                on_click=_go,
                args=("before", last),
                disabled=not page.older,
            )


def _details(event: Event, epoch: str) -> None:
    with st.container(border=True, key="event_details", gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"#### {event.seq:,}: {escape(event.type)}", width="content")
            if event.kind in _PAGES and event.entity_id:
                st.page_link(
                    f"app_pages/{_PAGES[event.kind]}.py",
                    label=f"Open this {event.kind.replace('_', ' ')}",
                    icon=":material/arrow_forward:",
                    query_params={"id": event.entity_id},
                )
        time_caption(f"{exact(event.at)}, from the {portal_title(event.source).lower()},", event.at)
        st.json(event.to_dict(epoch))


def _row(event: Event) -> dict[str, Any]:
    page = _PAGES.get(event.kind or "")
    changed = event.data.get("changed")
    about = (event.kind or "").replace("_", " ") + (f" {event.entity_id[:8]}" if event.entity_id else "")
    return {
        "Seq": event.seq,
        "When": event.at,
        "Type": event.type,
        "Who": event.actor_name or event.actor_id,
        "About": about,
        "Open": f"{page}?id={event.entity_id}" if page and event.entity_id else None,
        "What": field_list(map(str, changed), longest=2) if isinstance(changed, list) else "",
        "Version": event.version,
        "Source": portal_title(event.source),
    }


def _export(wanted: EventFilter) -> bytes:
    context = page_context()
    context.actor.require(Permission.EXPORT, "export the event log")
    found = find_events(context.backend.database, wanted, actor=context.actor, limit=_EXPORT_LIMIT)
    header = ("Seq", "At", "Type", "Who", "Actor id", "Source", "Kind", "Entity", "Version", "Correlation", "Changed")
    rows = [
        (
            each.seq,
            each.at,
            each.type,
            each.actor_name,
            each.actor_id,
            each.source,
            each.kind,
            each.entity_id,
            each.version,
            each.correlation_id,
            ", ".join(map(str, each.data.get("changed") or ())),
        )
        for each in found.events
    ]
    return csv_bytes(header, rows)


def _many(label: str, options: Any, key: str, words: Any = str) -> None:
    st.multiselect(
        label, options, key=key, format_func=words, placeholder="All", bind="query-params", on_change=_newest
    )


def _text(label: str, key: str, placeholder: str) -> None:
    st.text_input(label, key=key, placeholder=placeholder, bind="query-params", on_change=_newest, max_chars=200)


def _day(label: str, key: str) -> None:
    st.date_input(label, value=None, key=key, bind="query-params", on_change=_newest, format="YYYY-MM-DD")


def _date(key: str) -> date | None:
    value = st.session_state.get(key)
    return value if isinstance(value, date) else None


def _number(name: str) -> int | None:
    value = st.query_params.get(name, "")
    return int(value) if value.isdigit() and len(value) < 19 else None


def _go(name: str, seq: int) -> None:
    _newest()
    st.query_params[name] = str(seq)


def _newest() -> None:
    for name in ("before", "after"):
        st.query_params.pop(name, None)
