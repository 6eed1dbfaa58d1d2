"""The form of a section or of one entry: inputs, what came in beside them, and what is wrong in words."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from shared_backend.lockstep.entities import Entity
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.editing import EditSession
from shared_backend.portal_ui.incoming_panel import incoming_panel
from shared_backend.portal_ui.profile_checks import WHOLE
from shared_backend.portal_ui.profile_desk import ProfileDesk
from shared_backend.portal_ui.profile_fields import FieldSpec
from shared_backend.portal_ui.profile_sections import SectionSpec
from shared_backend.portal_ui.text_safety import escape

_AUTOCOMPLETE = {"email": "email", "phone": "tel", "link": "url"}


def draw_form(spec: SectionSpec, desk: ProfileDesk, entity: Entity, context: PageContext, region: str) -> None:
    """The open form of the section. It stands in no st.form: see editing.py."""
    edit, head = desk.draft(spec, entity, context.actor.id, region)
    wrong = desk.problems.get(spec.key, {})
    with st.container(key=f"form_{spec.key}", gap="small"):
        incoming_panel(edit, head, spec.labels)
        if wrong.get(WHOLE):
            st.error(escape(wrong[WHOLE]), icon=":material/error:")
        for row in _rows(spec.fields):
            # Named, so that the inputs stay the same ones to the browser when a problem appears above them.
            with st.container(key=f"row_{spec.key}_{row[0].name}"):
                for column, each in zip(st.columns(len(row)), row, strict=True):
                    with column:
                        _input(spec, edit, each, wrong)
        with st.container(horizontal=True):
            st.button(
                "Save",
                key=f"save_{spec.key}",
                type="primary",
                icon=":material/check:",
                on_click=desk.save,
                args=(spec, edit),
            )
            st.button("Cancel", key=f"cancel_{spec.key}", on_click=desk.close, args=(spec,))


def _input(spec: SectionSpec, edit: EditSession, each: FieldSpec, wrong: dict[str, str]) -> None:
    options = {"placeholder": each.placeholder or None, "help": each.help or None}
    if each.widget in ("prose", "lines"):
        edit.text_area(each.name, each.label, height=130 if each.widget == "prose" else 96, **options)
    else:
        edit.text_input(each.name, each.label, autocomplete=_AUTOCOMPLETE.get(each.widget, "off"), **options)
    if each.name in wrong:
        with st.container(key=f"problem_{spec.key}_{each.name}"):
            st.markdown(f":red[:material/error: {escape(wrong[each.name])}]")


def _rows(fields: Iterable[FieldSpec]) -> list[list[FieldSpec]]:
    """Short fields two by two, long ones alone."""
    rows: list[list[FieldSpec]] = []
    for each in fields:
        if each.wide or not rows or rows[-1][0].wide or len(rows[-1]) == 2:
            rows.append([each])
        else:
            rows[-1].append(each)
    return rows
