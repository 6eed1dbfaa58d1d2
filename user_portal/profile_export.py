"""Taking one's profile away: it is the person's, in formats that others read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from shared_backend.data_management.profile_export import FORMATS
from shared_backend.portal_ui.context import PageContext

_LABELS: Final = {
    "docx": ("Word (DOCX)", ":material/description:"),
    "json": ("JSON Resume", ":material/data_object:"),
    "europass": ("Europass (XML)", ":material/public:"),
}


def draw_take_away(context: PageContext) -> None:
    """A menu with a download for each format."""
    with st.popover("Take your profile with you", icon=":material/download:", key="take_away"):
        for format, (label, icon) in _LABELS.items():
            ending, mime = FORMATS[format]
            st.download_button(
                label,
                _content(format, context),
                file_name=f"profile.{ending}",
                mime=mime,
                key=f"take_{format}",
                icon=icon,
                on_click="ignore",
            )


def _content(format: str, context: PageContext) -> Callable[[], bytes]:
    documents, actor, source = context.backend.documents, context.actor, context.source
    return lambda: documents.export(actor.id, format, actor=actor, source=source)
