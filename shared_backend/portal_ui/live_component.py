"""The browser's side of live pages, as Streamlit components: their scripts are the .js files beside this one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

FRAME_KEY = "live-frame"
REGION_KEY = "live-region-"
POLL_KEY = "live-poll-result"
MARK_KEY = "live-mark-"

# Invisible components still take their place in the page, and so a gap; the frame takes all of them out of the flow.
_HIDDEN_CSS = f"""
[class*="st-key-{FRAME_KEY}"], [class*="st-key-{REGION_KEY}"], [class*="st-key-{POLL_KEY}"] {{
  position: absolute;
  width: 0;
  height: 0;
  overflow: hidden;
}}
"""

_MARK_CSS = """
.mark {
  height: 1.4rem;
  line-height: 1.4rem;
  font-family: var(--st-font);
  font-size: 0.85rem;
  color: var(--st-primary-color);
  opacity: 0;
  white-space: nowrap;
  overflow: hidden;
  text-overflow: ellipsis;
}
.mark.fresh { animation: settle 6s ease-out; }
@keyframes settle { 0%, 70% { opacity: 1 } 100% { opacity: 0 } }
"""

_MARK_HTML = """
<div class="mark"
     role="status" aria-live="polite"></div>
"""


def _nothing() -> None:
    """Streamlit passes a component's values on only when it has a callback."""


def _script(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


@functools.cache
def _frame() -> Callable[..., Any]:
    # Styles are not isolated here, so that the rule above reaches the page.
    return st.components.v2.component(
        "intellicv_live_frame",
        js=_script("live_texts.js") + _script("live_frame.js"),
        css=_HIDDEN_CSS,
        isolate_styles=False,
    )


@functools.cache
def _region() -> Callable[..., Any]:
    return st.components.v2.component("intellicv_live_region", js=_script("live_region.js"))


@functools.cache
def _poll() -> Callable[..., Any]:
    return st.components.v2.component("intellicv_live_poll", js=_script("live_poll.js"))


@functools.cache
def _mark() -> Callable[..., Any]:
    return st.components.v2.component(
        "intellicv_changed_mark", html=_MARK_HTML, css=_MARK_CSS, js=_script("changed_mark.js")
    )


def mount_frame(data: dict[str, Any]) -> bool:
    """The tab's client. True when the browser asks for the whole page to be drawn again."""
    answer = _frame()(key=FRAME_KEY, data=data, on_push_change=_nothing, on_changed_change=_nothing)
    return answer.changed is not None


def mount_poll(
    topics: Iterable[tuple[str, str | None, int]], texts: Mapping[str, str], *, epoch: str, process: str
) -> None:
    """What the timer has found changed, for the tab's client, and the texts that are shown of it."""
    rows = [list(topic) for topic in topics]
    _poll()(key=POLL_KEY, data={"topics": rows, "texts": dict(texts), "epoch": epoch, "process": process})


def reported_push() -> str | None:
    """What the browser last said of its socket: "up", "down", or None when it has said nothing yet."""
    return st.session_state.get(FRAME_KEY, {}).get("push")


def mount_region(key: str, data: dict[str, Any]) -> None:
    """The invisible end of a live region."""
    _region()(key=REGION_KEY + key, data=data, on_changed_change=_nothing)


def region_payload(key: str) -> dict[str, Any] | None:
    """What came with the browser's request to redraw this region in this very run; None when it didn't ask."""
    return st.session_state.get(REGION_KEY + key, {}).get("changed")


def changed_mark(version: int, by: str, *, key: str) -> None:
    """A line beside what it marks: "Updated just now by …" when `version` grows while the page is open; else blank.

    It fades by itself in the browser and keeps its height, so nothing moves. `by` is a person's or a portal's name.
    """
    _mark()(key=MARK_KEY + key, data={"version": version, "text": f"Updated just now by {by}"})


def region_data(
    topics: Iterable[tuple[str, str | None, int]],
    shown: Iterable[tuple[str, str, int]],
    texts: Mapping[str, str],
    *,
    epoch: str,
    process: str,
    drawn: int,
) -> dict[str, Any]:
    """What a region tells the browser; `drawn` counts redraws, so that each one is noticed there."""
    return {
        "topics": [list(topic) for topic in topics],
        "shown": [list(item) for item in shown],
        "texts": dict(texts),
        "epoch": epoch,
        "process": process,
        "drawn": drawn,
    }
