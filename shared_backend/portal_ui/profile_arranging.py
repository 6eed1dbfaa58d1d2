"""The entries of a section as a list to work on: change, move, remove, and take a removal back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from shared_backend.lockstep.entities import Entity
from shared_backend.portal_ui.profile_desk import ProfileDesk
from shared_backend.portal_ui.profile_order import is_newest_first, period
from shared_backend.portal_ui.profile_sections import SectionSpec
from shared_backend.portal_ui.text_safety import escape

_FOLDED = 15  # rows of four buttons each


def draw_arranging(spec: SectionSpec, entity: Entity, desk: ProfileDesk, form: Callable[[], None]) -> None:
    """One row an entry, each with its actions; `form` draws the open one's in its place.

    Button keys: `edit_`, `up_`, `down_`, `remove_`, each with section and entry.
    """
    entries = spec.read(entity.data)
    if not is_newest_first(spec, entries):
        st.button(
            "Sort by date, newest first",
            key=f"sort_{spec.key}",
            icon=":material/sort:",
            on_click=desk.sort,
            args=(spec, entity.version),
        )
    with st.container(key=f"arrange_{spec.key}", gap="xsmall"):
        for index, entry in enumerate(entries[: None if spec.key in desk.unfolded else _FOLDED]):
            if desk.editing.get(spec.key) == entry["id"]:
                form()
                continue
            _row(spec, entry, entity.version, desk, index == 0, index == len(entries) - 1)

    if len(entries) > _FOLDED:
        st.button(
            f"Show the first {_FOLDED} only" if spec.key in desk.unfolded else f"Show all {len(entries):,}",
            key=f"more_{spec.key}",
            type="tertiary",
            icon=":material/unfold_more:",
            on_click=desk.toggle,
            args=("unfolded", spec),
        )


def _row(spec: SectionSpec, entry: dict[str, Any], version: int, desk: ProfileDesk, first: bool, last: bool) -> None:
    place = f"{spec.key}_{entry['id']}"
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        when = period(spec, entry)
        st.markdown(
            f"**{escape(spec.entry_title(entry))}**" + (f" :gray[{escape(when)}]" if when else ""), width="content"
        )
        with st.container(horizontal=True, width="content", gap="small"):
            # No tooltips: Streamlit draws a button that has one twice, and hides one of the two.
            for name, label, icon, disabled, action, args in (
                ("edit", "Change", "edit", False, desk.open, (spec, entry["id"])),
                ("up", "Up", "arrow_upward", first, desk.move, (spec, entry["id"], -1, version)),
                ("down", "Down", "arrow_downward", last, desk.move, (spec, entry["id"], 1, version)),
                ("remove", "Remove", "delete", False, desk.remove, (spec, entry["id"], version)),
            ):
                st.button(
                    label,
                    key=f"{name}_{place}",
                    type="tertiary",
                    icon=f":material/{icon}:",
                    disabled=disabled,
                    on_click=action,
                    args=args,
                )
