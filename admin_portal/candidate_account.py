"""A candidate's account on their page: its state in words, and what an administrator does to it."""

from __future__ import annotations

from typing import Final

import streamlit as st

from shared_backend.identity.accounts import Account, Status
from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.relative_time import relative
from shared_backend.portal_ui.text_safety import escape
from shared_backend.utils.exception_handler import IntelliCVError, NotFound

_INVITATION = "_candidate_invitation"
BADGES: Final = {
    "active": (":material/check_circle: Account active", "green"),
    "invited": (":material/mail: Account invited", "orange"),
    "locked": (":material/lock: Account locked", "red"),
    "none": (":material/no_accounts: No account", "gray"),
}


def account_of(candidate_id: str, context: PageContext) -> Account | None:
    """The account behind a profile; None for a profile that has none."""
    try:
        return context.people.get(candidate_id, actor=context.actor)
    except NotFound:
        return None


def status_badge(status: str) -> None:
    """An account's status in words beside its icon; `none` is a profile without one."""
    words, color = BADGES.get(status, BADGES["none"])
    st.badge(words, color=color)  # type: ignore[arg-type]


def account_menu(account: Account | None, context: PageContext) -> None:
    """What can be done to the account, apart from the profile: lock, unlock, invite again."""
    if account is None or not context.actor.may(Permission.MANAGE_PEOPLE):
        return
    with st.popover("Account", icon=":material/manage_accounts:", key="account_actions"):
        st.text(account.email)
        st.caption(f"Last signed in: {relative(account.last_sign_in_at)}")
        if account.status is Status.LOCKED:
            st.button(
                "Unlock this account",
                key="unlock_account",
                icon=":material/lock_open:",
                on_click=_unlock,
                args=(account.id,),
            )
            return
        if account.status is Status.INVITED:
            st.button(
                "Make a new invitation link",
                key="invite_again",
                icon=":material/mail:",
                on_click=_invite,
                args=(account,),
            )
            link = st.session_state.get(_INVITATION, {}).get(account.id)
            if link:
                st.caption("Shown once; earlier links no longer work.")
                st.code(link, language=None, wrap_lines=True)
        st.caption("Locking ends all sessions of this person at once. The profile stays.")
        st.button("Lock this account", key="lock_account", icon=":material/lock:", on_click=_lock, args=(account.id,))


def _lock(account_id: str) -> None:
    context = page_context()
    try:
        context.people.lock(account_id, context.source, actor=context.actor)
        st.toast("The account is locked.", icon=":material/lock:")
    except IntelliCVError as error:
        st.toast(escape(str(error)), icon=":material/error:")


def _unlock(account_id: str) -> None:
    context = page_context()
    try:
        context.people.unlock(account_id, context.source, actor=context.actor)
        st.toast("The account is unlocked.", icon=":material/lock_open:")
    except IntelliCVError as error:
        st.toast(escape(str(error)), icon=":material/error:")


def _invite(account: Account) -> None:
    context = page_context()
    try:
        link = context.people.invite(
            account.email, account.name, str(account.role), context.source, actor=context.actor
        )
        st.session_state[_INVITATION] = {account.id: link}
    except IntelliCVError as error:
        st.toast(escape(str(error)), icon=":material/error:")
