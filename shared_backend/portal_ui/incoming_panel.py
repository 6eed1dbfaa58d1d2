"""What came in while a person was editing, beside their draft, with the three ways to go on; and what a connection that
broke has left of an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from shared_backend.portal_ui.editing import EditSession, Head, Incoming

_LONGEST = 300  # characters of a value; the whole text is in the history


def incoming_panel(edit: EditSession, head: Head, labels: Mapping[str, str] | None = None) -> bool:
    """Draw the panel if `head` is newer than the draft's base, or a restore has changed it; True when it was drawn.

    `labels` are the fields' names for people. Buttons: `keep_mine_<form>`, `take_theirs_<form>`, `merge_<form>`, in a
    container `incoming_<form>`. Draw it inside the live region that draws the form.

    Below it stands what the form's inputs held as the connection broke, if anything: buttons `use_rescued_<input>` (its
    key) and `drop_rescued_<form>`, in a container `rescued_<form>`.
    """
    # Takes its place in the page before there is anything to show: a panel that pushed what follows to other places
    # would have the browser build those inputs anew, without the focus and without what was typed a moment ago.
    place, below = st.container(), st.container()
    with below:
        _draw_rescued(edit, labels or {})
    if not edit.is_behind(head):
        return False
    fields = edit.incoming(head)
    with place, st.container(border=True, key=f"incoming_{edit.form}"):
        if edit.restored:
            st.markdown(":material/settings_backup_restore: **A backup was restored while you were editing**")
            st.text("What stands now is not what you started from. Your draft is untouched.")
        else:
            st.markdown(":material/sync_alt: **This changed while you were editing**")
            who, when = head.by or "Somebody", f", {head.when}" if head.when else ""
            # The names are data: st.text draws them as they are, whatever they hold.
            st.text(f"{who} saved version {head.version}{when}. Your draft is untouched.")
        # The buttons come before the values, which grow while somebody types, and are never disabled: either would make
        # a press miss that comes straight from an input.
        with st.container(horizontal=True):
            st.button(
                "Keep mine",
                key=f"keep_mine_{edit.form}",
                icon=":material/edit:",
                on_click=edit.keep_mine,
                args=(head,),
            )
            st.button(
                "Take theirs",
                key=f"take_theirs_{edit.form}",
                icon=":material/download:",
                on_click=edit.take_theirs,
                args=(head,),
            )
            st.button(
                "Merge",
                key=f"merge_{edit.form}",
                icon=":material/merge:",
                on_click=edit.merge,
                args=(head,),
            )
        # Not as the buttons' help: Streamlit draws a button with help twice, once for touch screens.
        st.caption(
            "Keep mine: your form stays as it is, and saving it replaces what came in. "
            "Take theirs: your draft is given up. Merge: theirs where you touched nothing, yours where you did."
        )
        for each in fields:
            _draw(each, (labels or {}).get(each.path, each.path))
    return True


def _draw_rescued(edit: EditSession, labels: Mapping[str, str]) -> None:
    offered = edit.offered()
    if not offered:
        return
    with st.container(border=True, key=f"rescued_{edit.form}"):
        st.markdown(":material/history: **The connection broke while this form was open**")
        st.caption("The form shows what is stored. Before the connection broke, it held this:")
        for path, value in offered.items():
            with st.container(horizontal=True, vertical_alignment="center"):
                with st.container(gap="xsmall"):
                    st.caption(labels.get(path, path))
                    st.text(_words(value))
                st.button(
                    "Use it",
                    key=f"use_rescued_{edit.key(path)}",
                    icon=":material/undo:",
                    on_click=edit.use_rescued,
                    args=(path,),
                )
        st.button("Drop this", key=f"drop_rescued_{edit.form}", icon=":material/close:", on_click=edit.drop_rescued)


def _draw(each: Incoming, label: str) -> None:
    with st.container(gap="xsmall"):
        st.text(label + (" (you changed it too)" if each.touched else ""))
        for column, (title, value) in zip(
            st.columns(3),
            (("You started from", each.base), ("Came in", each.theirs), ("Your draft", each.mine)),
            strict=True,
        ):
            with column:
                st.caption(title)
                st.text(_words(value))


def _words(value: Any) -> str:
    if value is None or value == "":
        return "(empty)"
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
