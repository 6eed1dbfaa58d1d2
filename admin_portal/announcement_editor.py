"""Writing one announcement: a draft that others may be changing, a preview, and what became of the save."""

from __future__ import annotations

import time
import uuid
from functools import partial
from typing import Final

import streamlit as st

from admin_portal.announcement_actions import KIND, tell
from shared_backend.identity.roles import Permission
from shared_backend.lockstep.entities import Entity
from shared_backend.portal_ui.announcement_card import announcement_card
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.editing import RESTORED, EditSession, Head, open_edit
from shared_backend.portal_ui.incoming_panel import incoming_panel
from shared_backend.portal_ui.regions import live_region
from shared_backend.portal_ui.relative_time import relative
from shared_backend.portal_ui.save_status import after_save_status
from shared_backend.services.backend import get_backend
from shared_backend.utils.exception_handler import NotFound

_FORM: Final = "announcement"
_REGION: Final = "announcement_editor"
_SAVED: Final = "_announcement_saved"
_LABELS: Final = {"title": "Title", "body": "Text", "level": "Level"}
_LEVELS: Final = {"info": "Information", "important": "Important"}
_FIELDS: Final = {"title": "", "body": "", "level": "info"}


def begin() -> None:
    """Opens the editor on a new announcement. Nothing is stored before the first save."""
    open_it(str(uuid.uuid4()))


def open_it(entity_id: str) -> None:
    """Opens the editor on an announcement; it is in the address from then on."""
    st.query_params.from_dict({"id": entity_id})
    st.session_state.pop(_SAVED, None)


def close() -> None:
    """Back to the list."""
    st.query_params.clear()
    st.session_state.pop(_SAVED, None)


def draw(entity_id: str, context: PageContext) -> None:
    """The editor of one announcement, for those who may publish; its text alone for everybody else. The inputs' keys:
    `announcement_title`, `announcement_body`, `announcement_level`."""
    st.button("All announcements", key="close_announcement", icon=":material/arrow_back:", on_click=close)
    draws = _draw_editor if context.actor.may(Permission.PUBLISH) else _draw_text
    live_region(KIND, entity_id, draw=partial(draws, entity_id), key=_REGION)


def _draw_editor(entity_id: str, context: PageContext) -> None:
    entity = _read(context, entity_id)
    if entity is not None and entity.deleted:
        st.warning("This announcement was deleted. Bring it back from the list (state “Deleted”) to edit it.")
        return
    edit = open_edit(_FORM, _head(entity_id, entity), region=_REGION)
    incoming_panel(edit, _head(entity_id, entity), _LABELS)
    status = entity.status if entity else "draft"
    form, preview = st.columns(2, gap="large")
    with form:
        edit.text_input("title", "Title", max_chars=300, placeholder="What it is about, in a few words")
        edit.text_area(
            "body",
            "Text",
            height=260,
            max_chars=20_000,
            placeholder="What you want everybody to know.",
            help="**Bold**, *italics*, lists, headings and [links](https://…) work. HTML and images do not.",
        )
        level = st.segmented_control(
            "Level",
            tuple(_LEVELS),
            default=edit.default("level"),
            format_func=_LEVELS.__getitem__,
            required=True,
            key=edit.key("level"),
            help="What is important is marked and comes first.",
        )
        edit.heard("level", level)
        _buttons(edit, entity_id, status)
        st.caption(
            "It is published: what you save is on every candidate's home page at once."
            if status == "published"
            else "Candidates don't see a draft. Publishing saves it, and puts it on every home page at once."
        )
        if problem := st.session_state.get(_SAVED, {}).get("problem"):
            st.error(problem, icon=":material/error:")
    with preview:
        st.caption("As candidates see it")
        _preview(edit)
        saved = st.session_state.get(_SAVED, {})
        if saved.get("id") == entity_id and "version" in saved:
            after_save_status(
                KIND,
                entity_id,
                saved["version"],
                acks=partial(context.backend.acknowledgements.for_version, KIND, entity_id, saved["version"]),
                key="announcement",
                stored_ms=saved["ms"],
            )
            if saved["conflict"]:
                st.warning(
                    "Somebody else changed the same meanwhile. Yours stands; theirs is kept on the Conflicts page.",
                    icon=":material/call_split:",
                )


def _draw_text(entity_id: str, context: PageContext) -> None:
    entity = context.bridge.get(KIND, entity_id, actor=context.actor)
    with st.container(border=True):
        announcement_card(entity.label, str(entity.data.get("body") or ""), str(entity.data.get("level") or "info"))
    st.caption("Owners and administrators write announcements.")


def _buttons(edit: EditSession, entity_id: str, status: str) -> None:
    published = status == "published"
    with st.container(horizontal=True):
        if not published:
            st.button(
                "Publish",
                key=f"publish_{entity_id}",
                type="primary",
                icon=":material/campaign:",
                on_click=_save,
                args=(edit, entity_id, "published", True),
            )
        st.button(
            "Save changes" if published else "Save draft",
            key="save_draft",
            type="primary" if published else "secondary",
            icon=":material/save:",
            on_click=_save,
            args=(edit, entity_id, status, False),
        )
        if published:
            st.button(
                "Withdraw",
                key=f"withdraw_{entity_id}",
                icon=":material/visibility_off:",
                on_click=_save,
                args=(edit, entity_id, "withdrawn", True),
            )


def _preview(edit: EditSession) -> None:
    values = {**_FIELDS, **edit.drafts}
    with st.container(border=True, key="announcement_preview"):
        announcement_card(str(values["title"] or ""), str(values["body"] or ""), str(values["level"]))


def _save(edit: EditSession, entity_id: str, status: str, moves: bool) -> None:
    """`status` is the one that it has afterwards. It is sent only when the button is there to change it: what a page
    shows may be overtaken, and a save of the text alone must neither withdraw nor publish."""
    context = page_context()
    changes = edit.changes()
    if status == "published" and not str(edit.drafts.get("title") or "").strip():
        st.session_state[_SAVED] = {"id": entity_id, "problem": "Give it a title before you publish it."}
        return
    if edit.is_from_before_restore(_epoch()):
        st.session_state[_SAVED] = {"id": entity_id, "problem": RESTORED}
        return
    if edit.base_version == 0:
        # What is empty here says nothing, should somebody else have saved it first.
        changes = {name: value for name, value in changes.items() if value}
    if moves:
        changes["status"] = status
    began = time.perf_counter()
    answer = context.bridge.save(
        KIND,
        entity_id,
        changes,
        source=context.source,
        base_version=edit.base_version,
        actor=context.actor,
    )
    if not answer["success"]:
        st.session_state[_SAVED] = {"id": entity_id, "problem": str(answer["error"])}
        return
    tell(answer)
    edit.saved(_head(entity_id, _read(context, entity_id)))
    st.session_state[_SAVED] = {
        "id": entity_id,
        "version": answer["version"],
        "conflict": bool(answer["conflict"]),
        "ms": (time.perf_counter() - began) * 1000,
    }


def _read(context: PageContext, entity_id: str) -> Entity | None:
    try:
        return context.bridge.get(KIND, entity_id, actor=context.actor)
    except NotFound:
        return None


def _head(entity_id: str, entity: Entity | None) -> Head:
    if entity is None:
        return Head(KIND, entity_id, 0, dict(_FIELDS), epoch=_epoch())
    values = {name: entity.data.get(name) or default for name, default in _FIELDS.items()}
    return Head(KIND, entity_id, entity.version, values, entity.updated_by_name, relative(entity.updated_at), _epoch())


def _epoch() -> str:
    return get_backend().watcher.position.epoch
