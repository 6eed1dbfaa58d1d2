"""The whole page again, at the interval that the person picks."""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit_autorefresh import st_autorefresh

OFF: Final = "off"
CHOICES: Final = (OFF, "2", "5", "10", "30")


def refresh_picker(*, default: str = OFF) -> int:
    """The choice of seconds, kept in the address; answers it, 0 for off. Off mounts no timer at all."""
    chosen = st.segmented_control(
        "Refresh this page",
        CHOICES,
        default=default,
        required=True,
        format_func=lambda choice: "Off" if choice == OFF else f"{choice} s",
        key="refresh_every",
        bind="query-params",
        help="Draws the whole page again at this interval. Off: only what changes is drawn again.",
    )
    if chosen is None or chosen == OFF:
        return 0
    seconds = int(chosen)
    with st.container(key="autorefresh", height=1, border=False):
        # A key of its own for each interval: the timer before it is taken out of the page with its frame.
        st_autorefresh(interval=seconds * 1000, key=f"autorefresh_{seconds}")
    return seconds
