"""The test portal's page: a live region, a region of a whole kind, inputs in and out of a form, and an edit form."""

from __future__ import annotations

import streamlit as st

from shared_backend.portal_ui.live import LiveLink, Shown, live, live_frame
from shared_backend.portal_ui.live_component import changed_mark
from tests.browser.live_portal.store import store

backend = store()
backend.ran("app")
session = backend.sessions.get(st.context.cookies.get("test_session", ""))
live_frame(
    LiveLink(backend.watcher, backend.hub.acks, session[0] if session else None, poll_tight_s=0.5, poll_slack_s=60.0)
)
if session is None:
    st.title("Please sign in")
    st.stop()
st.title("Live")


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


st.markdown("First paragraph")
live("user_profile", "42", draw=profile, key="profile")
st.markdown("Last paragraph")
live("announcement", draw=announcements, key="announcements")
st.text_input("Outside", key="note_outside")
