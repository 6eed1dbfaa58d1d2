"""What became of a save: stored, seen, shown, with milliseconds, while it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import streamlit as st

from shared_backend.portal_ui.live import live
from shared_backend.portal_ui.topics import ACK, ack_topic

_PORTALS = {"admin_portal": "the admin portal", "user_portal": "the user portal"}


class AckView(Protocol):
    """One acknowledgement, as the save's writer sees it."""

    @property
    def portal(self) -> str: ...
    @property
    def stage(self) -> str: ...
    @property
    def elapsed_ms(self) -> float: ...
    @property
    def people(self) -> int: ...


def after_save_status(
    kind: str,
    entity_id: str,
    version: int,
    *,
    acks: Callable[[], Iterable[AckView]],
    key: str,
    stored_ms: float | None = None,
) -> None:
    """A line that fills as the version is stored, seen by each portal and shown on people's screens.

    `acks()` answers that version's acknowledgements; it is asked when one of them changes, and not otherwise.
    `stored_ms` is how long the save itself took. The container's key is `save_status_<key>`.
    """

    def draw() -> None:
        with st.container(key=f"save_status_{key}", gap="xxsmall"):
            for line in status_lines(version, acks(), stored_ms):
                st.markdown(line)

    live(ACK, ack_topic(kind, entity_id, version)[1], draw=draw, key=f"save-status-{key}")


def status_lines(version: int, acks: Iterable[AckView], stored_ms: float | None = None) -> list[str]:
    """The line's words, one item for each stage and portal; numbers and our own names only."""
    known = list(acks)
    took = f" in {_ms(stored_ms)}" if stored_ms is not None else ""
    lines = [f":material/check_circle: Version {version} stored{took}"]
    for ack in known:
        if ack.stage == "seen":
            lines.append(f":material/visibility: Seen by {_portal(ack.portal)} after {_ms(ack.elapsed_ms)}")
    for ack in known:
        if ack.stage == "shown":
            screens = "one screen" if ack.people <= 1 else f"{ack.people:,} people's screens"
            lines.append(f":material/devices: Shown in {_portal(ack.portal)} after {_ms(ack.elapsed_ms)}, on {screens}")
    if not any(ack.stage == "shown" for ack in known):
        lines.append(":material/schedule: On nobody's screen yet")
    return lines


def _portal(name: str) -> str:
    return _PORTALS.get(name, "another portal")


def _ms(value: float) -> str:
    return f"{value:,.0f} ms" if value < 10_000 else f"{value / 1000:,.0f} s"
