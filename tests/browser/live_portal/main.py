"""The test portal's pages: live regions with inputs in and out of a form, and an edit form with its save's status."""

from __future__ import annotations

import streamlit as st

from shared_backend.portal_ui.editing import EditSession, Head, open_edit
from shared_backend.portal_ui.incoming_panel import incoming_panel
from shared_backend.portal_ui.live import LiveLink, Shown, live, live_frame, send_ahead
from shared_backend.portal_ui.live_component import changed_mark
from shared_backend.portal_ui.relative_time import relative
from shared_backend.portal_ui.save_status import after_save_status
from tests.browser.live_portal.store import Row, store

backend = store()
backend.ran("app")
session = backend.sessions.get(st.context.cookies.get("test_session", ""))
live_frame(
    LiveLink(
        backend.pages_watcher,
        backend.hub.acks,
        session[0] if session else None,
        poll_tight_s=0.5,
        poll_slack_s=60.0,
        read_texts=lambda topics: backend.read_texts({}, topics),
    )
)
if session is None:
    st.title("Please sign in")
    st.stop()


def profile() -> list[Shown]:
    row = backend.rows[("user_profile", "42")]
    st.markdown(f"Headline is {row.data['headline']}")
    st.markdown(f"Region runs: {backend.ran('profile')}")
    changed_mark(row.version, row.by, key="profile")
    st.text_input("Note", value=row.data["headline"], key="note_live")
    with st.form("note_form"):
        st.text_input("Note in a form", value=row.data["headline"], key="note_form_live")
        st.form_submit_button("Keep note", key="keep_note")
    return [Shown("user_profile", "42", row.version)]


def announcements() -> list[Shown]:
    backend.ran("announcements")
    found = [(key[1], row) for key, row in sorted(backend.rows.items()) if key[0] == "announcement"]
    for entity_id, row in found:
        st.markdown(f"Announcement {entity_id}: {row.data['text']}")
    return [Shown("announcement", entity_id, row.version) for entity_id, row in found]


def save(edit: EditSession) -> None:
    row = backend.put("user_profile", "42", edit.changes(), by="Me")
    edit.saved(head_of(row))
    st.session_state["saved_version"] = row.version


def head_of(row: Row) -> Head:
    return Head("user_profile", "42", row.version, row.data, row.by, "just now")


def form() -> list[Shown]:
    backend.ran("form")
    row = backend.rows[("user_profile", "42")]
    head = head_of(row)
    edit = open_edit("edit", head, region="form")
    edit.text_input("headline", "Headline")
    edit.text_input("place", "Place")
    edit.text_area("summary", "Summary")
    st.button("Save", key="save_edit", on_click=save, args=(edit,))
    st.markdown(f"Based on version {edit.base_version}, touched: {', '.join(sorted(edit.touched())) or 'nothing'}")
    incoming_panel(edit, head, {"headline": "Headline", "place": "Place", "summary": "Summary"})
    if "saved_version" in st.session_state:
        version = st.session_state["saved_version"]
        after_save_status(
            "user_profile",
            "42",
            version,
            acks=lambda: backend.acks("user_profile", "42", version),
            key="edit",
            stored_ms=2.0,
        )
    return [Shown("user_profile", "42", row.version)]


def card() -> list[Shown]:
    backend.may_draw.wait(20)
    row, runs = backend.rows[("user_profile", "42")], backend.ran("card")
    send_ahead(backend.texts())
    with st.container(key="value_place"):
        st.text(row.data["place"])
    with st.container(key="value_summary"):
        st.markdown(f"**{row.data['summary']}**")
    st.markdown(f"Card runs: {runs}")
    st.caption(f"Opened {relative(backend.opened)}")
    return [Shown("user_profile", "42", row.version)]


if st.query_params.get("page") == "card":
    live("user_profile", "42", draw=card, key="card")
    st.markdown("Last paragraph")
elif st.query_params.get("page") == "edit":
    st.title("Edit")
    live("user_profile", "42", draw=form, key="form")
else:
    st.title("Live")
    st.markdown("First paragraph")
    live("user_profile", "42", draw=profile, key="profile")
    st.markdown("Last paragraph")
    live("announcement", draw=announcements, key="announcements")
    st.text_input("Outside", key="note_outside")
