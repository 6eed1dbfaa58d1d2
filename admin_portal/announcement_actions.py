"""What can be done to an announcement from a page; each can be taken back."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from shared_backend.portal_ui.context import page_context

KIND: Final = "announcement"
DELETED: Final = "_announcement_deleted"


def publish(entity_id: str) -> None:
    """Puts it on every candidate's home page; after a withdrawal, puts it back."""
    context = page_context()
    title = str(context.bridge.get(KIND, entity_id, actor=context.actor).data.get("title") or "").strip()
    if not title:
        st.toast("It has no title yet. Open it, give it one, then publish.", icon=":material/error:")
        return
    if _set(entity_id, "published"):
        st.toast("Published: it is on every candidate's home page.", icon=":material/campaign:")


def withdraw(entity_id: str) -> None:
    """Takes it off every candidate's home page. Publishing it again is the way back."""
    if _set(entity_id, "withdrawn"):
        st.toast("Withdrawn: nobody sees it any more. Publish it to bring it back.", icon=":material/undo:")


def delete(entity_id: str, title: str) -> None:
    """Deletes it, and remembers it for the undo."""
    context = page_context()
    if tell(context.bridge.delete(KIND, entity_id, source=context.source, actor=context.actor)):
        st.session_state[DELETED] = (entity_id, title)


def undelete(entity_id: str) -> None:
    """Brings a deleted one back, as it was."""
    context = page_context()
    if tell(context.bridge.undelete(KIND, entity_id, source=context.source, actor=context.actor)):
        st.toast("It is back, as it was.", icon=":material/restore:")
    st.session_state.pop(DELETED, None)


def tell(answer: dict[str, Any]) -> bool:
    """Whether a write succeeded; what was wrong is said."""
    if not answer["success"]:
        st.toast(str(answer["error"]), icon=":material/error:", duration="long")
    return bool(answer["success"])


def _set(entity_id: str, status: str) -> bool:
    context = page_context()
    return tell(context.bridge.save(KIND, entity_id, {"status": status}, source=context.source, actor=context.actor))
