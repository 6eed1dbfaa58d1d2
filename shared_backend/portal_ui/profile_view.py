"""A profile as both portals show it: a card for each section, with its form in the card's place while it is edited."""

from __future__ import annotations

import functools
from typing import Any, Final

import streamlit as st

from shared_backend.lockstep.entities import Entity
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.live import send_ahead
from shared_backend.portal_ui.profile_arranging import draw_arranging
from shared_backend.portal_ui.profile_checks import WHOLE
from shared_backend.portal_ui.profile_desk import KIND, ProfileDesk
from shared_backend.portal_ui.profile_form import draw_form
from shared_backend.portal_ui.profile_order import period
from shared_backend.portal_ui.profile_outcome import draw_outcome
from shared_backend.portal_ui.profile_provenance import Sources, draw_entry, draw_flowing, draw_object, sources_of
from shared_backend.portal_ui.profile_sections import BASICS, SECTIONS, SectionSpec
from shared_backend.portal_ui.profile_texts import section_texts, topic_of, value_key
from shared_backend.portal_ui.regions import live_region
from shared_backend.portal_ui.text_safety import escape
from shared_backend.utils.exception_handler import NotFound

_ALWAYS: Final = ("name", "label", "email", "phone", "city")  # what people look for, shown as missing where it is
_FOLDED = 5  # entries; a profile of forty jobs opens as quickly as one of four
_FOLDED_FLOWING = 24
_HEADED: Final = ("startDate", "endDate", "date", "releaseDate")


def draw_profile(entity: Entity, desk: ProfileDesk, *, editable: bool, own: bool) -> None:
    """All sections, each a live region of its own: an edit of one redraws that one alone. `own`: it is the profile of
    who looks. To be drawn inside of a region that is redrawn when the profile is deleted or brought back."""
    shape = _shape(entity, desk)
    reader = _Reader(entity, shape, desk)
    absent = []
    for spec in SECTIONS:
        if spec.key in shape:
            live_region(
                topic_of(spec),
                entity.id,
                draw=functools.partial(_section, spec, reader, editable, own),
                key=region_of(spec),
                also=[("conflict", entity.id)],
            )
        else:
            absent.append(spec)
    if absent:
        first, *others = [(topic_of(spec), entity.id) for spec in absent]
        live_region(*first, draw=functools.partial(_absent, absent, reader, editable, own), key="absent", also=others)
    reader.forget()


def region_of(spec: SectionSpec) -> str:
    """The key of the live region that a section is drawn in."""
    return f"section_{spec.key}"


def _shape(entity: Entity, desk: ProfileDesk) -> tuple[str, ...]:
    """Which sections have a card. The others are only offered."""
    return tuple(spec.key for spec in SECTIONS if spec is BASICS or spec.read(entity.data) or _is_busy(spec, desk))


class _Reader:
    """The profile for the regions: in the run of the page what the page has read, later read by each for itself."""

    def __init__(self, entity: Entity, shape: tuple[str, ...], desk: ProfileDesk) -> None:
        self.desk = desk
        self._id = entity.id
        self._shape = shape
        self._entity: Entity | None = entity
        self._sources: Sources | None = None

    def forget(self) -> None:
        """The page has been drawn: from now on what it has read is old."""
        self._entity = None
        self._sources = None

    def sources(self, context: PageContext) -> Sources:
        """Where its values came from: read once in the run of the page, as the profile is."""
        if self._entity is None:
            return sources_of(self._id, context)
        if self._sources is None:
            self._sources = sources_of(self._id, context)
        return self._sources

    def read(self, context: PageContext) -> Entity:
        """The profile as it is now. When it is deleted, or takes other cards than the page has, the page is drawn
        again."""
        if self._entity is not None:
            return self._entity
        try:
            entity = context.bridge.get(KIND, self._id, actor=context.actor)
        except NotFound:  # to the candidate a deleted profile is none
            st.rerun()
        if entity.deleted or _shape(entity, self.desk) != self._shape or self.desk.page_is_behind():
            st.rerun()
        return entity


def _is_busy(spec: SectionSpec, desk: ProfileDesk) -> bool:
    touched = desk.editing.keys() | desk.removed.keys() | desk.problems.keys()
    return spec.key in touched or (desk.outcome is not None and desk.outcome.section == spec.key)


def _section(spec: SectionSpec, reader: _Reader, editable: bool, own: bool, context: PageContext) -> None:
    entity, desk, region = reader.read(context), reader.desk, region_of(spec)
    send_ahead(section_texts(spec, entity.data))
    with st.container(border=True, key=f"section_{spec.key}"):
        editing = spec.key in desk.editing and editable
        _title(spec, entity, desk, editable and not editing)
        whole = desk.problems.get(spec.key, {}).get(WHOLE)
        if whole and not editing:
            st.error(escape(whole), icon=":material/error:")
        form = functools.partial(draw_form, spec, desk, entity, context, region)
        arranging = spec.is_list and spec.key in desk.arranging and editable
        in_place = arranging and any(entry["id"] == desk.editing.get(spec.key) for entry in spec.read(entity.data))
        if editing and own and spec.invitation and not spec.read(entity.data):
            st.caption(spec.invitation)
        if editing and not in_place:
            form()
        if arranging:
            draw_arranging(spec, entity, desk, form)
        elif spec.is_list:
            _entries(spec, entity, desk, reader.sources(context))
        elif not editing:
            _fields(spec, entity.data)
            draw_object(spec, entity.data, reader.sources(context))
        draw_outcome(spec, desk, context)


def _title(spec: SectionSpec, entity: Entity, desk: ProfileDesk, editable: bool) -> None:
    entries = len(spec.read(entity.data)) if spec.is_list else 0
    count = f" :gray[{entries:,}]" if entries > 1 else ""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"#### {spec.icon} {spec.title}{count}", anchors=False, width="content")
        if not editable:
            return
        with st.container(horizontal=True, width="content", gap="small"):
            if spec.is_list:
                st.button(
                    "Add",
                    key=f"add_{spec.key}",
                    icon=":material/add:",
                    type="tertiary",
                    on_click=desk.add,
                    args=(spec,),
                )
            if not spec.is_list:
                st.button("Edit", key=f"edit_{spec.key}", icon=":material/edit:", on_click=desk.open, args=(spec,))
            elif entries:
                done = spec.key in desk.arranging
                st.button(
                    "Done" if done else "Edit",
                    key=f"edit_{spec.key}",
                    icon=":material/check:" if done else ":material/edit:",
                    type="tertiary",
                    on_click=desk.toggle,
                    args=("arranging", spec),
                )


def _fields(spec: SectionSpec, data: dict[str, Any]) -> None:
    texts = spec.texts(spec.read(data))
    shown = [each for each in spec.fields if not each.wide and (texts[each.name] or each.name in _ALWAYS)]
    with st.grid(min_column_width=220, gap="small"):
        for each in shown:
            with st.container(gap="xxsmall"):
                st.caption(each.label)
                with st.container(key=value_key(spec, each.name)):
                    if texts[each.name]:
                        st.text(texts[each.name])
                    else:
                        st.markdown(":gray[Not given yet]")
    for each in (each for each in spec.fields if each.wide and texts[each.name]):
        with st.container(gap="xxsmall"):
            st.caption(each.label)
            with st.container(key=value_key(spec, each.name)):
                st.text(texts[each.name], width="stretch")


def _entries(spec: SectionSpec, entity: Entity, desk: ProfileDesk, sources: Sources) -> None:
    entries = spec.read(entity.data)
    # Skills and the like are a few words each: they flow, where jobs stand below one another.
    flowing = not spec.dates and not any(each.widget == "prose" for each in spec.fields)
    most = _FOLDED_FLOWING if flowing else _FOLDED
    shown = entries if spec.key in desk.unfolded else entries[:most]
    with st.container(horizontal=flowing, gap="medium"):
        for entry in shown:
            _entry(spec, entry, flowing, sources)
    if flowing:
        draw_flowing(spec, entries, sources)
    if len(entries) > most:
        st.button(
            f"Show all {len(entries):,}" if len(shown) < len(entries) else f"Show the first {most} only",
            key=f"more_{spec.key}",
            type="tertiary",
            icon=":material/unfold_more:",
            on_click=desk.toggle,
            args=("unfolded", spec),
        )


def _entry(spec: SectionSpec, entry: dict[str, Any], flowing: bool, sources: Sources) -> None:
    entry_id, texts = entry["id"], spec.texts(entry)

    def value(name: str) -> Any:
        return st.container(key=value_key(spec, name, entry_id), width="content", gap="xxsmall")

    with st.container(key=f"entry_{spec.key}_{entry_id}", gap="xxsmall", width="content" if flowing else "stretch"):
        headings = [name for name in spec.heading if texts[name]]
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            for at, name in enumerate(headings):
                with value(name):
                    st.markdown(f"**{escape(texts[name])}**" if at == 0 else escape(texts[name]), width="content")
            if not headings:
                st.markdown(f":gray[{escape(spec.entry_title(entry))}]", width="content")
            if not spec.dates:
                _captions(spec, texts, value)
        when = period(spec, entry)
        if when or (spec.dates and any(texts[name] for name in spec.below)):
            with st.container(horizontal=True, gap="small"):
                if when:
                    with value("dates"):
                        st.caption(f":material/calendar_month: {escape(when)}", width="content")
                if spec.dates:
                    _captions(spec, texts, value)
        for each in spec.fields:
            if each.name in (*spec.heading, *spec.below, *_HEADED) or not texts[each.name]:
                continue
            with st.container(key=value_key(spec, each.name, entry_id)):
                if flowing:
                    st.caption(escape(", ".join(texts[each.name].splitlines())), width="content")
                elif each.widget == "lines":
                    st.markdown("\n".join(f"- {escape(line)}" for line in texts[each.name].splitlines()))
                else:
                    st.text(texts[each.name], width="stretch")
        if not flowing:
            draw_entry(spec, entry, sources)


def _captions(spec: SectionSpec, texts: dict[str, str], value: Any) -> None:
    for name in spec.below:
        if texts[name]:
            with value(name):
                st.caption(escape(texts[name]), width="content")


def _absent(absent: list[SectionSpec], reader: _Reader, editable: bool, own: bool, context: PageContext) -> None:
    reader.read(context)
    if not editable:
        st.caption("Nothing yet under " + ", ".join(spec.title for spec in absent) + ".")
        return
    with st.container(border=True, key="sections_absent"):
        st.markdown("#### :material/add_circle: Add to your profile" if own else "#### :material/add_circle: Add")
        with st.container(horizontal=True, gap="xsmall"):
            for spec in absent:
                st.button(
                    spec.title,
                    key=f"add_{spec.key}",
                    icon=spec.icon,
                    on_click=reader.desk.add,
                    args=(spec,),
                )
