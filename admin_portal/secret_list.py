"""The secrets by name: how old each is, and whether it is due to be rotated."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from admin_portal import dialog_state
from admin_portal.cloud_words import at_provider, not_set_up, plural, where_badge
from admin_portal.secret_dialogs import open_dialog
from shared_backend.cloud.errors import CloudNotConfigured, CloudUnavailable
from shared_backend.cloud.secret_copies import KeptCopy
from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.relative_time import exact, relative
from shared_backend.portal_ui.states import draw_error, empty
from shared_backend.portal_ui.tables import first_page, pager
from shared_backend.portal_ui.text_safety import escape
from shared_backend.services.secret_desk import ROTATE_AFTER, ListedSecret, SecretDesk


def draw_search() -> None:
    """Narrows the list to names with a text in them."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="secret_filters"):
        st.text_input(
            "Search",
            key="secret_search",
            type="search",
            placeholder="Part of a name",
            bind="query-params",
            on_change=first_page,
            max_chars=120,
            width=320,
        )
        st.toggle("Due for rotation", key="secret_due", bind="query-params", on_change=first_page)


def draw_list(context: PageContext) -> None:
    """One page of the secrets that match."""
    dialog_state.draw_page_if_asked()
    desk = SecretDesk(context.backend)
    try:
        shelf = desk.all(actor=context.actor)
    except CloudNotConfigured as error:
        not_set_up("secrets", desk.provider(), error)
        return
    except CloudUnavailable as error:
        draw_error(error)
        _standing_in(desk.copies(actor=context.actor))
        return
    copies = desk.copies(actor=context.actor)
    wanted = str(st.session_state.get("secret_search") or "").strip().lower()
    due = bool(st.session_state.get("secret_due"))
    found = [each for each in shelf.secrets if wanted in each.name and (each.due or not due)]
    old = sum(each.due for each in shelf.secrets)
    st.caption(
        f"{plural(len(shelf.secrets), 'secret')} {at_provider(shelf.provider)}, {old:,} due for rotation: "
        f"older than {ROTATE_AFTER.days} days."
    )
    rows = st.container(gap="xsmall", key="secret_rows")
    with st.container():
        window = pager(len(found))
    # The place of each part is the same on every draw; see file_list.
    with rows:
        if shelf.notice:
            st.warning(f"Some may be missing. {escape(shelf.notice)}", icon=":material/cloud_off:")
        for each in found[window.offset : window.offset + window.size]:
            _row(each, shelf.provider, copies.get(each.name), context.actor.may(Permission.OPERATE))
        if not found:
            _nothing(bool(wanted or due), context.actor.may(Permission.OPERATE))


def _standing_in(copies: Mapping[str, KeptCopy]) -> None:
    if not copies:
        return
    st.caption(f"Until it is back, {plural(len(copies), 'sealed copy', 'sealed copies')} of this machine may stand in.")
    for copy in copies.values():
        with st.container(border=True, key=f"secret_copy_{copy.name}", horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/key: {escape(copy.name)}", width="content")
            _copy_badge(copy, stale=True)


def _copy_badge(copy: KeptCopy, *, stale: bool) -> None:
    """`stale`: that it is of the newest version is not known, or known not to be so."""
    words, color = ("Stale copy here", "orange") if stale else ("Copy here", "gray")
    st.badge(words, icon=":material/content_copy:", color=color)  # type: ignore[arg-type]
    st.caption(
        f"kept {relative(copy.kept_at)}, stands in until {exact(copy.until)}", help=exact(copy.kept_at), width="content"
    )


def _row(each: ListedSecret, provider: str, copy: KeptCopy | None, may_write: bool) -> None:
    with st.container(border=True, key=f"secret_{each.name}"):
        left, middle, right = st.columns([5, 4, 6], vertical_alignment="center", gap="xsmall")
        with left.container(gap="xxsmall"):
            st.markdown(f":material/key: {escape(each.name)}")
            st.caption(f"Newest version {relative(each.created_at)}", help=exact(each.created_at))
        with middle.container(horizontal=True, gap="xsmall"):
            where_badge(provider, None)
            if each.due:
                st.badge("Due for rotation", icon=":material/schedule:", color="orange")
            if copy is not None:
                _copy_badge(copy, stale=(copy.provider, copy.version) != (provider, each.version))
        with right.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
            _button("Versions", f"versions_{each.name}", ":material/history:", "versions", each.name)
            if may_write:
                _button("Rotate", f"rotate_{each.name}", ":material/autorenew:", "rotate", each.name)
                _button("Delete", f"delete_secret_{each.name}", ":material/delete:", "delete", each.name)


def _button(label: str, key: str, icon: str, act: str, name: str) -> None:
    st.button(label, key=key, icon=icon, type="tertiary", on_click=open_dialog, args=(act, name))


def _nothing(filtered: bool, may_write: bool) -> None:
    if filtered:
        empty("No secret matches", "Look for another name, or take the filter away.", icon=":material/search_off:")
    elif may_write:
        empty("No secrets yet", "Add the first one with the button above.", icon=":material/key:")
    else:
        empty("No secrets yet", "Owners and administrators add them.", icon=":material/key:")
