"""Adding, rotating and deleting a secret. What is typed as its value is in the session until the button's callback has
read it, and nowhere afterwards: not in an error, not in the page that comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st
from pydantic import SecretStr

from admin_portal import dialog_state
from admin_portal.cloud_words import at_provider
from admin_portal.confirmation import draw_confirmation
from shared_backend.cloud.names import MAX_SECRET_BYTES
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.relative_time import exact, relative
from shared_backend.portal_ui.states import draw_error
from shared_backend.portal_ui.text_safety import escape
from shared_backend.services.secret_desk import SecretDesk
from shared_backend.utils.exception_handler import IntelliCVError, InvalidInput

_STATE: Final = "_secret_dialog"


@dataclass
class _Open:
    """The dialog at hand. `name` is empty where the person is to give one. `number` grows with each try: the field for
    the value is a new one then, and Streamlit drops the old one with what it held."""

    act: Literal["add", "rotate", "delete", "versions"]
    name: str = ""
    problem: str = ""
    number: int = 1


def open_dialog(act: Literal["add", "rotate", "delete", "versions"], name: str = "") -> None:
    """The callback of the page's buttons."""
    _close()
    st.session_state[_STATE] = _Open(act, name)
    dialog_state.asked()


def draw_dialogs() -> None:
    """Whichever is open. Call it on every run of the page."""
    opened = st.session_state.get(_STATE)
    if isinstance(opened, _Open):
        {"add": _add, "rotate": _rotate, "delete": _delete, "versions": _versions}[opened.act]()


def _close() -> None:
    opened = st.session_state.pop(_STATE, None)
    if isinstance(opened, _Open):
        _taken(opened)


def _opened() -> _Open:
    opened = st.session_state.get(_STATE)
    if not isinstance(opened, _Open):
        st.rerun()
    return opened


@st.dialog("Add a secret", icon=":material/key:", on_dismiss=_close)
def _add() -> None:
    opened = _opened()
    st.text_input(
        "Name",
        key="secret_name",
        placeholder="smtp-password",
        help="Lower-case letters, digits and hyphens.",
        max_chars=120,
        autocomplete="off",
    )
    _value_form(opened, "Add the secret")


@st.dialog("Rotate this secret", icon=":material/autorenew:", on_dismiss=_close)
def _rotate() -> None:
    opened = _opened()
    st.markdown(f"**{escape(opened.name)}**")
    st.text("What reads it gets the new value from now on. Earlier versions stay with the provider.")
    _value_form(opened, "Rotate")


def _value_form(opened: _Open, label: str) -> None:
    st.text_input(
        "Value",
        key=f"secret_value_{opened.number}",
        type="password",
        max_chars=MAX_SECRET_BYTES,
        autocomplete="new-password",
        help="It is shown to nobody after this, you included.",
    )
    st.file_uploader(
        "Or a file that holds it",
        key=f"secret_file_{opened.number}",
        help="For keys of several lines, such as PEM: a field would lose its lines, or show them.",
    )
    if opened.problem:
        st.error(escape(opened.problem), icon=":material/error:")
    with st.container(horizontal=True):
        st.button(label, key="save_secret", type="primary", icon=":material/lock:", on_click=_save)
        st.button("Cancel", key="cancel_secret", on_click=_close)


def _save() -> None:
    opened = st.session_state.get(_STATE)
    if not isinstance(opened, _Open):
        return
    # Out of the session before anything else can go wrong.
    typed, file = _taken(opened)
    opened.number += 1
    name = opened.name or str(st.session_state.get("secret_name") or "").strip()
    try:
        value = _one_of(typed, file)
        context = page_context()
        desk = SecretDesk(context.backend)
        write = desk.add if opened.act == "add" else desk.rotate
        write(name, value, actor=context.actor, source=context.source)
    except IntelliCVError as error:
        opened.problem = f"{error} Give the value again: it is not kept."
        return
    done = "is added" if opened.act == "add" else "has a new version"
    _close()
    st.session_state["secret_name"] = ""
    dialog_state.tell(f"{name} {done}.")


def _taken(opened: _Open) -> tuple[SecretStr, bytes | None]:
    """What was typed and what was uploaded, neither of which the session has from now on."""
    typed = SecretStr(str(st.session_state.pop(f"secret_value_{opened.number}", None) or ""))
    file = st.session_state.pop(f"secret_file_{opened.number}", None)
    return typed, None if file is None else file.read(MAX_SECRET_BYTES + 1)


def _one_of(typed: SecretStr, file: bytes | None) -> SecretStr:
    if file is None:
        return typed
    if typed.get_secret_value():
        raise InvalidInput("There is a value in the field, and a file too. Give one of them.")
    try:
        return SecretStr(file.decode())
    except UnicodeDecodeError:
        raise InvalidInput("The file is not text in UTF-8. A key as PEM is; one as DER or PFX is not.") from None


@st.dialog("Delete this secret?", icon=":material/delete:", on_dismiss=_close)
def _delete() -> None:
    opened = _opened()
    draw_confirmation(
        escape(opened.name),
        "All its versions are removed from the provider. What still reads it fails from then on.",
        label=f"Delete {escape(opened.name)}",
        keys=("confirm_delete_secret", "cancel_delete_secret"),
        problem=opened.problem,
        on_confirm=_delete_now,
        on_keep=_close,
    )


def _delete_now() -> None:
    opened = st.session_state.get(_STATE)
    if not isinstance(opened, _Open):
        return
    try:
        context = page_context()
        SecretDesk(context.backend).delete(opened.name, actor=context.actor, source=context.source)
    except IntelliCVError as error:
        opened.problem = str(error)
        return
    _close()
    dialog_state.tell(f"{opened.name} is deleted, with all its versions.")


@st.dialog("Versions", icon=":material/history:", on_dismiss=_close)
def _versions() -> None:
    opened = _opened()
    st.markdown(f"**{escape(opened.name)}**")
    try:
        context = page_context()
        desk = SecretDesk(context.backend)
        found = desk.versions(opened.name, actor=context.actor)
    except IntelliCVError as error:
        draw_error(error)
        return
    st.caption(f"{len(found):,} {at_provider(desk.provider())}, newest first. Values are never shown.")
    with st.container(height=320 if len(found) > 6 else "content", gap="xsmall"):
        for number, info in enumerate(found):
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.code(info.version[:12], language=None, width="content")
                now = ", in use" if number == 0 else ""
                st.caption(f"Written {relative(info.created_at)}{now}", help=exact(info.created_at), width="content")
