"""The sign-in page, the page that a link opens, and the menu that says who is signed in."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import streamlit as st

from shared_backend.config.backend_config import Settings
from shared_backend.identity.actor import Actor
from shared_backend.identity.errors import LinkUnusable
from shared_backend.identity.links import Purpose
from shared_backend.identity.passwords import MIN_PASSWORD
from shared_backend.identity.portals import Portal
from shared_backend.portal_ui.courier import send_courier
from shared_backend.services.people import Absence, LinkInfo, People, Recognition
from shared_backend.utils.exception_handler import IntelliCVError

PRODUCT = "IntelliCV"
CARD_WIDTH = 420

# Kept in st.session_state from a callback to the run after it; a reload of the page forgets them.
_TICKET = "_auth_ticket"
_LINK = "_auth_link"
_LEAVE = "_auth_leave"
_ERROR = "_auth_error"

_WHY = {
    Absence.LOCKED: "Your account was locked, so you have been signed out. Ask an administrator of your company.",
    Absence.ENDED: "You have been signed out, here or in another window.",
    Absence.EXPIRED: "Your sign-in has run out. Please sign in again.",
    Absence.UNKNOWN: "Your sign-in is no longer valid. Please sign in again.",
    Absence.NOT_HERE: "Your account may no longer use this portal.",
}
_FAILED = {
    0: "The portal did not answer. Check your connection and sign in again.",
    -1: "Your browser did not keep the sign-in cookie. Allow cookies for this address, or open it by https.",
}
_SUBTITLE = {Portal.ADMIN: "For administrators and analysts", Portal.USER: "Your career, with evidence"}


def is_wanted() -> bool:
    """Whether the page belongs to signing in or out although somebody is signed in."""
    return bool(st.session_state.get(_LINK) or st.session_state.get(_LEAVE) or st.session_state.get(_TICKET))


def draw(portal: Portal, recognition: Recognition) -> None:
    """Draws what the person needs in order to come in."""
    ticket, leave = st.session_state.get(_TICKET), st.session_state.get(_LEAVE)
    focus = None
    with (
        st.container(key="sign_in_page", horizontal_alignment="center"),
        st.container(key="sign_in_card", border=True, width=CARD_WIDTH, gap="medium"),
    ):
        st.title(PRODUCT, anchor=False)
        if ticket or leave:
            st.text("Signing you in…" if ticket else "Signing you out…")
        elif st.session_state.get(_LINK):
            focus = _draw_link(portal, recognition.actor)
        else:
            focus = _draw_sign_in(portal, recognition.absence)
    send_courier(
        on_link=_take_link,
        on_failed=_ticket_failed,
        ticket=ticket,
        leave=leave,
        signed_in=recognition.actor is not None,
        focus=focus,
    )


def account_menu(actor: Actor, portal: str) -> None:
    """Who is signed in, and the way out. For the sidebar of every page; a link that is opened here is noticed too."""
    with st.container(key="account_menu", gap="small"):
        # As text, never as Markdown: a name is whatever its person likes.
        st.text(actor.name)
        st.caption(str(actor.role).capitalize())
        st.button(
            "Sign out", key="sign_out", icon=":material/logout:", width="stretch", on_click=_sign_out, args=(portal,)
        )
        send_courier(on_link=_take_link, on_failed=_ticket_failed, signed_in=True)


def _draw_sign_in(portal: Portal, absence: Absence | None) -> str:
    st.caption(f"{portal.label.capitalize()} · {_SUBTITLE[portal]}")
    if not _draw_error() and absence in _WHY:
        st.info(_WHY[absence], icon=":material/info:")
    with st.form("sign_in_form", border=False):
        st.text_input("E-mail", key="sign_in_email", type="email", autocomplete="username")
        st.text_input(
            "Password",
            key="sign_in_password",
            type="password",
            autocomplete="current-password",
        )
        st.form_submit_button(
            "Sign in", key="sign_in_submit", type="primary", width="stretch", on_click=_submit_sign_in, args=(portal,)
        )
    st.caption("No account yet, or no way in? An administrator of your company can send you a link.")
    return "sign_in_password" if st.session_state.get("sign_in_email") else "sign_in_email"


def _draw_link(portal: Portal, signed_in: Actor | None) -> str | None:
    try:
        info = _people().peek_link(st.session_state[_LINK])
    except LinkUnusable as error:
        st.error(str(error), icon=":material/link_off:")
        _draw_way_back("Go to the sign-in" if signed_in is None else "Go on without it")
        return None
    if info.portal is not portal:
        address = info.portal.address(_settings())
        st.info(f"This link is for the {info.portal.label}.", icon=":material/info:")
        st.link_button(
            f"Open it in the {info.portal.label}",
            f"{address}/#link={st.session_state[_LINK]}",
            key="link_elsewhere",
            type="primary",
            width="stretch",
        )
        _draw_way_back("Stay here")
        return None
    _draw_welcome(info)
    if signed_in is not None:
        st.warning("Somebody is signed in here now. This link signs them out in this browser.", icon=":material/group:")
        st.text(signed_in.name)
    _draw_error()
    _draw_link_form(info)
    if signed_in is not None:
        _draw_way_back("Go on without it")
    return "link_password" if info.purpose is Purpose.RESET else "link_name"


def _draw_welcome(info: LinkInfo) -> None:
    match info.purpose:
        case Purpose.OWNER:
            st.subheader("Welcome. Make this yours", anchor=False)
            st.caption("You are the first here, so you become the owner: you invite everybody else.")
        case Purpose.RESET:
            st.subheader("Choose a new password", anchor=False)
        case _:
            st.subheader("Welcome. Choose a password", anchor=False)
            st.caption("You have been invited. From now on you sign in with this e-mail and your password.")
    if info.email:
        st.text(info.email)


def _draw_link_form(info: LinkInfo) -> None:
    if info.name:
        st.session_state.setdefault("link_name", info.name)
    with st.form("link_form", border=False):
        if info.purpose is not Purpose.RESET:
            st.text_input("Your name", key="link_name", autocomplete="name")
        if info.purpose is Purpose.OWNER:
            st.text_input("E-mail", key="link_email", type="email", autocomplete="username")
        st.text_input(
            "Password",
            key="link_password",
            type="password",
            autocomplete="new-password",
            help=f"At least {MIN_PASSWORD} characters. A few unrelated words are strong and easy to remember.",
        )
        label = "Save and sign in" if info.purpose is Purpose.RESET else "Start"
        st.form_submit_button(label, key="link_submit", type="primary", width="stretch", on_click=_submit_link)


def _draw_error() -> bool:
    message = st.session_state.pop(_ERROR, None)
    if message:
        st.error(message, icon=":material/error:")
    return bool(message)


def _draw_way_back(label: str) -> None:
    st.button(label, key="link_leave", type="tertiary", on_click=lambda: st.session_state.pop(_LINK, None))


# Callbacks


def _submit_sign_in(portal: Portal) -> None:
    email, password = st.session_state.get("sign_in_email") or "", st.session_state.get("sign_in_password") or ""
    st.session_state["sign_in_password"] = ""
    if not email.strip() or not password:
        st.session_state[_ERROR] = "Enter your e-mail and your password."
        return
    _buy_ticket(lambda: _people().sign_in(email, password, portal))


def _submit_link() -> None:
    state = st.session_state
    password = state.get("link_password") or ""
    state["link_password"] = ""
    token, name, email = state[_LINK], state.get("link_name") or "", state.get("link_email") or ""
    _buy_ticket(lambda: _people().accept_link(token, password=password, name=name, email=email))


def _buy_ticket(attempt: Callable[[], str]) -> None:
    try:
        st.session_state[_TICKET] = attempt()
    except IntelliCVError as error:
        st.session_state[_ERROR] = str(error)


def _take_link(token: str) -> None:
    st.session_state[_LINK] = token


def _ticket_failed(status: int) -> None:
    for key in (_TICKET, _LINK):
        st.session_state.pop(key, None)
    st.session_state[_ERROR] = _FAILED.get(status, "The sign-in could not be completed. Please sign in again.")


def _sign_out(portal: str) -> None:
    from shared_backend.portal_ui.session import read_session_token

    _people().sign_out(read_session_token(portal), portal)
    # What this page remembers of the person goes with them; the reload that follows begins an empty session anyway.
    st.session_state.clear()
    st.session_state[_LEAVE] = secrets.token_hex(8)


def _people() -> People:
    from shared_backend.services.backend import get_backend

    return get_backend().people


def _settings() -> Settings:
    from shared_backend.services.backend import get_backend

    return get_backend().settings
