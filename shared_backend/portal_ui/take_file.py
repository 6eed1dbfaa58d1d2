"""Taking a file from a page, in two presses at one place: the first has it made, the second saves it.

The first press is a callback: it asks who is pressing, and the service reads or makes the bytes. The second is a link
to exactly these bytes, which a redraw of the page does not change. A download button that is given a function instead
has another address with each redraw, so a press meanwhile saves nothing, and it makes the file for whoever was looking
when it was drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st

from shared_backend.portal_ui.lockstep_words import size_words
from shared_backend.portal_ui.text_safety import escape, inline
from shared_backend.utils.exception_handler import IntelliCVError

_READY: Final = "_file_ready"
_LONGEST_NAME: Final = 40


@dataclass(frozen=True)
class _Ready:
    """The one file that waits to be saved: a session holds one at most. `about` is what it was made of."""

    key: str
    about: Hashable
    content: bytes


def take_button(
    label: str,
    make: Callable[[], bytes],
    *,
    file_name: str,
    mime: str,
    key: str,
    about: Hashable = None,
    icon: str = ":material/download:",
    type: Literal["primary", "secondary", "tertiary"] = "secondary",
    help: str | None = None,
    disabled: bool = False,
) -> None:
    """The button `key`, and once it was pressed the button `ready_<key>` in its place, which saves the file.

    `make` runs at the first press, in the page: it asks `page_context()` for who is there and raises IntelliCVError for
    what can't be. `about` is what the file is made of, such as the filter of a list: with another one it is made anew.
    """
    ready = st.session_state.get(_READY)
    if isinstance(ready, _Ready) and (ready.key, ready.about) == (key, about) and not disabled:
        st.download_button(
            f"Save {inline(file_name, longest=_LONGEST_NAME)} ({size_words(len(ready.content))})",
            ready.content,
            file_name=file_name,
            mime=mime,
            key=f"ready_{key}",
            icon=":material/save_alt:",
            type="primary",
            on_click=_saved,
        )
        return
    st.button(
        label,
        key=key,
        icon=icon,
        type=type,
        help=help,
        disabled=disabled,
        on_click=_make,
        args=(key, about, make),
    )


def _make(key: str, about: Hashable, make: Callable[[], bytes]) -> None:
    try:
        st.session_state[_READY] = _Ready(key, about, make())
    except IntelliCVError as error:
        st.session_state.pop(_READY, None)
        st.toast(escape(error), icon=":material/error:", duration="long")


def _saved() -> None:
    # The bytes stay with the server until the run after the next one, so that the browser has them by then.
    st.session_state.pop(_READY, None)
