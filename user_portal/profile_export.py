"""Taking one's profile away: it is the person's, in formats that others read."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from shared_backend.data_management.profile_export import FORMATS
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.take_file import take_button

_LABELS: Final = {
    "pdf": ("PDF", ":material/picture_as_pdf:"),
    "docx": ("Word (DOCX)", ":material/description:"),
    "json": ("JSON Resume", ":material/data_object:"),
    "europass": ("Europass (XML)", ":material/public:"),
}


def draw_take_away() -> None:
    """A menu with a download for each format."""
    with st.popover("Take your profile with you", icon=":material/download:", key="take_away"):
        for format, (label, icon) in _LABELS.items():
            ending, mime = FORMATS[format]
            name, key = f"profile.{ending}", f"take_{format}"
            take_button(label, partial(_content, format), file_name=name, mime=mime, key=key, icon=icon)


def _content(format: str) -> bytes:
    context = page_context()
    return context.backend.documents.export(context.actor.id, format, actor=context.actor, source=context.source)
