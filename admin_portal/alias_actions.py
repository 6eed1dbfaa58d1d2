"""What can be done to an alias from a page; each can be taken back."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.services.title_aliases import TitleAliases

REMOVED: Final = "_alias_removed"


def service(context: PageContext) -> TitleAliases:
    """The front door to the aliases."""
    return TitleAliases(context.bridge, context.backend.knowledge)


def remove(entity_id: str, title: str) -> None:
    """Removes it, and remembers it for the undo."""
    context = page_context()
    if tell(service(context).remove(entity_id, actor=context.actor, source=context.source)):
        st.session_state[REMOVED] = (entity_id, title)


def bring_back(entity_id: str) -> None:
    """Brings a removed one back, as it was."""
    context = page_context()
    if tell(service(context).bring_back(entity_id, actor=context.actor, source=context.source)):
        st.toast("It is back, as it was.", icon=":material/restore:")
    st.session_state.pop(REMOVED, None)


def tell(answer: dict[str, Any]) -> bool:
    """Whether a write succeeded; what was wrong is said."""
    if not answer["success"]:
        st.toast(str(answer["error"]), icon=":material/error:", duration="long")
    return bool(answer["success"])
