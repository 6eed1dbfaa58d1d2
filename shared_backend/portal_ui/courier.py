"""The sign-in's errand boy in the browser: an invisible component, whose script is courier.js."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from shared_backend.portal_ui.auth_routes import SESSION_PATH, SIGN_OUT_PATH

KEY = "auth_courier"

# An invisible component would still leave a gap in the page. The card stands where the eye is, not at the top edge, and
# "Press Enter to submit" inside its narrow inputs would cover what is typed.
_CSS = f"""
[class*="st-key-{KEY}"] {{
  position: absolute;
  width: 0;
  height: 0;
  overflow: hidden;
}}
.st-key-sign_in_page {{
  padding-top: 10vh;
}}
.st-key-sign_in_page [data-testid="InputInstructions"] {{
  display: none;
}}
@media (max-width: 640px) {{
  .st-key-sign_in_page {{
    padding-top: 0;
  }}
}}
"""


@functools.cache
def _component() -> Callable[..., Any]:
    script = Path(__file__).with_name("courier.js").read_text(encoding="utf-8")
    return st.components.v2.component("intellicv_auth_courier", js=script, css=_CSS, isolate_styles=False)


def send_courier(
    *,
    on_link: Callable[[str], None],
    on_failed: Callable[[int], None],
    ticket: str | None = None,
    leave: str | None = None,
    signed_in: bool = False,
    focus: str | None = None,
) -> None:
    """Mounts the courier; at most once a run.

    It exchanges `ticket` for a cookie, or has the cookie cleared when `leave` is set (a value that is new for each
    sign-out), and reloads the page. `on_link(token)` is called when the page was opened with a link,
    `on_failed(status)` when the exchange failed: an HTTP status, 0 without an answer, -1 when the browser did not keep
    the cookie. `focus` is the key of the input to put the cursor into, should nothing have it.
    """

    def link() -> None:
        if token := st.session_state[KEY].get("link"):
            on_link(str(token))

    def failed() -> None:
        if (status := st.session_state[KEY].get("failed")) is not None:
            on_failed(int(status))

    _component()(
        key=KEY,
        data={
            "ticket": ticket,
            "leave": leave,
            "signedIn": signed_in,
            "focus": focus,
            "sessionPath": SESSION_PATH,
            "signOutPath": SIGN_OUT_PATH,
        },
        on_link_change=link,
        on_failed_change=failed,
    )
