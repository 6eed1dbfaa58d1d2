"""The inside of a dialog that asks before something is deleted: what, what follows, and the way back beside it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from shared_backend.portal_ui.text_safety import escape


def draw_confirmation(
    what: str,
    follows: str,
    *,
    where: str = "",
    label: str,
    keys: tuple[str, str],
    problem: str,
    on_confirm: Callable[[], None],
    on_keep: Callable[[], None],
) -> None:
    """Draws it. `what`, `where` and `label` have been escaped; `follows` says what is lost; `keys` are those of the two
    buttons; `problem`: why the last try failed."""
    st.markdown(f"**{what}**")
    if where:
        st.caption(where)
    st.text(follows)
    if problem:
        st.error(escape(problem), icon=":material/error:")
    with st.container(horizontal=True):
        st.button(label, key=keys[0], type="primary", icon=":material/delete:", on_click=on_confirm)
        st.button("Keep it", key=keys[1], on_click=on_keep)
