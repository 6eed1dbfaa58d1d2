"""Live regions that know who is looking, and that say what went wrong in their own place."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import streamlit as st

from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.live import Shown, live, on_screen
from shared_backend.portal_ui.states import draw_error
from shared_backend.portal_ui.topics import Topic
from shared_backend.utils.exception_handler import IntelliCVError

Draw = Callable[[PageContext], Iterable[Shown] | None]


def live_region(kind: str, entity_id: str | None = None, *, draw: Draw, key: str, also: Iterable[Topic] = ()) -> None:
    """`live` whose `draw` gets the person with the role that they have now. An error takes this region's place, and
    leaves the rest of the page alone."""

    def guarded() -> Iterable[Shown] | None:
        try:
            return draw(page_context())
        except IntelliCVError as error:
            draw_error(error)
            return None

    live(kind, entity_id, draw=guarded, key=key, also=also)


def follow(kind: str) -> None:
    """For a page that has its data from everywhere on it: when something of this kind changes, the page is run again,
    and not a region of it."""
    key = f"follow_{kind}"

    def draw(_context: PageContext) -> None:
        if on_screen(key) is not None:  # the browser has asked: this is not the page's own run
            st.rerun()

    live_region(kind, draw=draw, key=key)
