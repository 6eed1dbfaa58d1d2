"""The document beside its fields: the page as a picture, or as text, with the chosen field's place marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from shared_backend.data_management.document_store import Document
from shared_backend.data_management.reading import PageLook, Place
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.text_safety import escape
from shared_backend.utils.exception_handler import IntelliCVError

_LOOKS: Final = "_cv_looks"
_KEPT: Final = 6
# The page stays in sight while the fields beside it are scrolled; on a phone it stands above them and scrolls away.
_STYLE: Final = """<style>
@media (min-width: 900px) {
  [data-testid="stColumn"]:has(.st-key-cv_document) { position: sticky; top: 4.5rem; align-self: flex-start; }
}
@media (min-width: 1100px) { .stMainBlockContainer { max-width: 1180px; } }
[class*="st-key-cv_row_"] button { justify-content: flex-start; text-align: left; padding-left: 0; }
[class*="st-key-cv_row_"] button p { text-align: left; }
.st-key-cv_document img { border: 1px solid rgba(128, 128, 128, .35); border-radius: .4rem; max-width: 100%; }
</style>"""


def draw(document: Document, places: Sequence[Place], context: PageContext) -> None:
    """The page that is turned to, with those of the places that stand on it."""
    st.html(_STYLE)
    with st.container(key="cv_document", gap="xsmall"), st.expander("Your document", expanded=True):
        pages = max(document.pages, 1)
        page = _turned_to(pages)
        try:
            look = _look(document, page, tuple(each for each in places if each[0] == page), context)
        except IntelliCVError as error:
            st.warning(escape(error), icon=":material/broken_image:")
            return
        if look.png is not None:
            st.image(look.png, width="stretch", alt=f"Page {page} of your document")
        else:
            _text(look)
        if places:
            elsewhere = sorted({number for number, _start, _end in places} - {page})
            there = (
                f" It goes on at page {elsewhere[0]}." if elsewhere and any(p == page for p, _s, _e in places) else ""
            )
            st.caption(f"The chosen field is marked in the document.{there}")
        else:
            st.caption("Choose a field to see its place here.")


def _turned_to(pages: int) -> int:
    held = st.session_state.get("cv_page")
    held = held if isinstance(held, int) and 1 <= held <= pages else 1
    if pages == 1:
        return 1
    # Without a default of its own: a callback turns to the chosen field's page.
    st.session_state["cv_page"] = held
    numbers = range(1, pages + 1)
    if pages <= 6:
        st.segmented_control("Page", numbers, key="cv_page", required=True, label_visibility="collapsed")
    else:
        st.selectbox("Page", numbers, key="cv_page", label_visibility="collapsed")
    return int(st.session_state["cv_page"])


def turn_to(places: Sequence[Place]) -> None:
    """In a callback: shows the first page that a field stands on."""
    if places:
        st.session_state["cv_page"] = places[0][0]


def _look(document: Document, page: int, places: tuple[Place, ...], context: PageContext) -> PageLook:
    """Drawn once for each place in this tab, and kept for the last few."""
    looks: dict[object, PageLook] = st.session_state.setdefault(_LOOKS, {})
    wanted = (document.id, page, places)
    if wanted not in looks:
        look = context.backend.documents.look(document.id, page, places, actor=context.actor)
        while len(looks) >= _KEPT:
            looks.pop(next(iter(looks)))
        looks[wanted] = look
    return looks[wanted]


def _text(look: PageLook) -> None:
    with st.container(height=560, border=True):
        lines, start = [], 0
        for line in look.text.split("\n"):
            lines.append(_line(line, start, look.marks))
            start += len(line) + 1
        st.markdown("  \n".join(lines) or "This page is empty.")


def _line(line: str, start: int, marks: Sequence[tuple[int, int]]) -> str:
    parts, at = [], 0
    for low, high in sorted((max(0, low - start), min(len(line), high - start)) for low, high in marks):
        if low >= high or low < at:
            continue
        parts += [escape(line[at:low]), f":orange-background[{escape(line[low:high])}]"]
        at = high
    parts.append(escape(line[at:]))
    return " ".join(part for part in parts if part)
