"""The fields that were read: each as a line to choose, and in its place the input of the one that is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from shared_backend.data_management.document_store import Document
from shared_backend.data_management.profile_fields import is_list
from shared_backend.data_management.profile_proposal import Proposal, ProposedEntry, ProposedField
from shared_backend.data_management.skill_words import skill_words
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.text_safety import escape, inline, shorten
from shared_backend.utils.exception_handler import IntelliCVError
from user_portal import cv_picture
from user_portal.cv_words import counted, entry_title, field_of, mark, spec_of, text, typed

SELECTED: Final = "_cv_selected"
_PROBLEM: Final = "_cv_problem"
_FLOWING: Final = frozenset({"skills", "languages", "interests"})
_FOLDED: Final = 4


def selected(document: Document) -> str:
    """The path of the chosen field; empty where none is."""
    held = st.session_state.get(SELECTED)
    return str(held[1]) if isinstance(held, tuple) and held[0] == document.id else ""


def to_check(proposal: Proposal) -> list[ProposedField]:
    """The fields that a person should look at first. Doubtful skills and the like are marked where they stand."""
    return [each for each in proposal.fields() if each.doubtful and each.section not in _FLOWING]


def draw(document: Document, proposal: Proposal) -> None:
    """Those to look at first, then everything, section by section."""
    chosen = selected(document)
    first = to_check(proposal)
    if first:
        _first(document, first, chosen)
    above = {each.path for each in first}
    with st.container(border=True, key="cv_section_basics", gap="xsmall"):
        spec = spec_of("basics")
        st.markdown(f"#### {spec.icon} {spec.title}")
        for each in in_order(proposal.basics):
            if each.path not in above:
                _line(document, each, chosen)
    for name, entries in proposal.sections.items():
        _section(document, name, entries, chosen, above)


def in_order(entry: ProposedEntry) -> list[ProposedField]:
    """The fields as the profile's form has them."""
    places = {each.name: at for at, each in enumerate(spec_of(entry.section).fields)}
    return sorted(entry.fields, key=lambda each: places.get(each.name.rpartition(".")[2], len(places)))


def _first(document: Document, fields: list[ProposedField], chosen: str) -> None:
    with st.container(border=True, key="cv_check_first", gap="xsmall"):
        st.markdown(f"#### :material/rule: Check these first :gray[{len(fields)}]")
        st.caption("We are less sure of these. Choose one to see where it stands; correct it, or say that it is right.")
        unfolded = st.session_state.get("_cv_all_doubtful", False)
        shown = fields if unfolded else fields[: _FOLDED * 2]
        for each in shown:
            spec = spec_of(each.section)
            _line(document, each, chosen, prefix=f"{spec.title}: " if each.section != "basics" else "")
        if len(fields) > len(shown):
            st.button(
                f"Show all {len(fields):,}",
                key="cv_all_doubtful",
                type="tertiary",
                icon=":material/unfold_more:",
                on_click=lambda: st.session_state.update({"_cv_all_doubtful": True}),
            )


def _section(document: Document, name: str, entries: tuple[ProposedEntry, ...], chosen: str, above: set[str]) -> None:
    spec = spec_of(name)
    with st.container(border=True, key=f"cv_section_{name}", gap="small"):
        st.markdown(f"#### {spec.icon} {spec.title} :gray[{len(entries):,}]")
        if name in _FLOWING:
            _flow(document, entries, chosen)
            return
        for entry in entries:
            with st.container(key=f"cv_entry_{mark(entry.path)}", gap="xxsmall"):
                _head(document, entry)
                if entry.left_out:
                    continue
                for each in in_order(entry):
                    if each.path not in above:
                        _line(document, each, chosen)


def _head(document: Document, entry: ProposedEntry) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(horizontal=True, width="content", vertical_alignment="center", gap="small"):
            title = inline(entry_title(entry), longest=80)
            st.markdown(f":gray[~~{title}~~]" if entry.left_out else f"**{title}**", width="content")
            _status(entry)
        key = f"cv_take_{mark(entry.path)}"
        # What is stored decides, not what an older run of the page has left in the checkbox.
        st.session_state[key] = not entry.left_out
        st.checkbox("Take it over", key=key, on_change=_take_entry, args=(document.id, entry.path, key))


def _status(entry: ProposedEntry) -> None:
    if entry.left_out:
        return
    match entry.status:
        case "same":
            st.badge("In your profile already", icon=":material/check:", color="gray")
        case "differs":
            st.badge("Differs from your profile", icon=":material/compare_arrows:", color="orange")
        case _ if entry.match:
            st.badge("Adds to your profile", icon=":material/add:", color="green")
        case _:
            st.badge("New", icon=":material/add:", color="green")


def _flow(document: Document, entries: tuple[ProposedEntry, ...], chosen: str) -> None:
    """A few words each: they flow, and the chosen one's input stands below them."""
    editing: tuple[ProposedEntry, ProposedField] | None = None
    with st.container(horizontal=True, gap="xsmall"):
        for entry in entries:
            named = next((each for each in entry.fields if each.value), None)
            if named is None:
                continue
            if any(each.path == chosen for each in entry.fields):
                editing = entry, next(each for each in entry.fields if each.path == chosen)
            label = shorten(text(named.value), 60)
            icon = ":material/help:" if named.doubtful else ":material/block:" if entry.left_out else None
            st.button(
                f"~~{escape(label)}~~" if entry.left_out else escape(label),
                key=f"cv_field_{mark(named.path)}",
                icon=icon,
                type="primary" if named.path == chosen else "secondary",
                on_click=_select,
                args=(document.id, named),
            )
    if editing is not None:
        entry, each = editing
        with st.container(border=True, key=f"cv_editor_{mark(each.path)}", gap="xsmall"):
            _input(document, each)
            st.button(
                "Take it in again" if entry.left_out else f"Leave this {spec_of(entry.section).noun} out",
                key=f"cv_drop_{mark(entry.path)}",
                type="tertiary",
                icon=":material/undo:" if entry.left_out else ":material/block:",
                on_click=_drop,
                args=(document.id, entry),
            )


def _line(document: Document, each: ProposedField, chosen: str, prefix: str = "") -> None:
    if each.path == chosen:
        with st.container(border=True, key=f"cv_editor_{mark(each.path)}", gap="xsmall"):
            _input(document, each, prefix)
        return
    value = shorten(text(each.value), 110)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"cv_row_{mark(each.path)}"):
        st.caption(f"{prefix}{field_of(each).label}", width=150)
        st.button(
            escape(value) if value else "Not found: add it",
            key=f"cv_field_{mark(each.path)}",
            type="tertiary",
            icon=_icon(each),
            on_click=_select,
            args=(document.id, each),
            wrap=True,
        )


def _icon(each: ProposedField) -> str | None:
    if each.problem and each.taken:
        return ":material/error:"
    if each.doubtful:
        return ":material/help:"
    if each.edited:
        return ":material/edit:"
    if not each.value:
        return ":material/add:"
    return ":material/compare_arrows:" if each.status == "differs" else None


def _input(document: Document, each: ProposedField, prefix: str = "") -> None:
    spec, key = field_of(each), f"cv_value_{mark(each.path)}"
    label = f"{prefix}{spec.label}"
    options: dict[str, Any] = {"key": key, "on_change": _edited, "args": (document.id, each, key)}
    if spec.wide or spec.widget == "lines":
        st.text_area(label, typed(each.value), help=spec.help or None, height=140, **options)
    else:
        st.text_input(label, typed(each.value), placeholder=spec.placeholder, help=spec.help or None, **options)
    problem = st.session_state.get(_PROBLEM)
    if each.problem:
        st.error(escape(each.problem), icon=":material/error:")
    elif isinstance(problem, tuple) and problem[0] == each.path:
        st.error(escape(problem[1]), icon=":material/error:")
    _said(each)
    if each.status == "differs":
        _choice(document, each)
    with st.container(horizontal=True, gap="small"):
        if each.doubtful:
            st.button(
                "That is right",
                key=f"cv_right_{mark(each.path)}",
                icon=":material/check:",
                on_click=_right,
                args=(document.id, each.path),
            )
        st.button("Done", key=f"cv_done_{mark(each.path)}", on_click=_done, type="tertiary", icon=":material/check:")
        if each.edited and each.read:
            st.button(
                "Back to what was read",
                key=f"cv_back_{mark(each.path)}",
                icon=":material/undo:",
                type="tertiary",
                on_click=_back,
                args=(document.id, each),
            )


def _said(each: ProposedField) -> None:
    pages = sorted({page for page, _start, _end in each.places})
    where = f"Page {pages[0]}" if pages else "Not in the document"
    sure = "you corrected it" if each.edited else f"{round(each.confidence * 100)}% sure" if each.read else ""
    st.caption(", ".join(part for part in (where, sure) if part) + ".")
    # Once it is corrected, what was known of the words that were read says nothing of it.
    if not each.edited and (known := skill_words(each.known)):
        st.caption(f":material/link: {escape(known)}.")


def _choice(document: Document, each: ProposedField) -> None:
    key = f"cv_choice_{mark(each.path)}"
    st.session_state[key] = each.take
    st.caption(f"Your profile says: {escape(shorten(text(each.there), 200))}")
    st.segmented_control(
        "Which of the two stands in your profile?",
        ("profile", "cv"),
        key=key,
        required=True,
        format_func=lambda take: "What my profile says" if take == "profile" else "What my CV says",
        on_change=_choose,
        args=(document.id, each.path, key),
    )


def _select(document_id: str, each: ProposedField) -> None:
    st.session_state[SELECTED] = (document_id, each.path)
    st.session_state.pop(_PROBLEM, None)
    # An input that was open before must begin with what is right by now.
    st.session_state.pop(f"cv_value_{mark(each.path)}", None)
    cv_picture.turn_to(each.places)


def _done() -> None:
    st.session_state.pop(SELECTED, None)


def _edited(document_id: str, each: ProposedField, key: str) -> None:
    value = str(st.session_state.get(key) or "")
    given = value.splitlines() if is_list(each.section, each.name) else value
    _tell(each.path, lambda context: context.backend.documents.edit(document_id, each.path, given, actor=context.actor))


def _back(document_id: str, each: ProposedField) -> None:
    _tell(
        each.path,
        lambda context: context.backend.documents.edit(document_id, each.path, each.read, actor=context.actor),
    )
    st.session_state.pop(f"cv_value_{mark(each.path)}", None)


def _right(document_id: str, path: str) -> None:
    _tell(path, lambda context: context.backend.documents.check(document_id, path, actor=context.actor))
    _done()


def _choose(document_id: str, path: str, key: str) -> None:
    take = str(st.session_state.get(key) or "profile")
    _tell(path, lambda context: context.backend.documents.choose(document_id, path, take, actor=context.actor))


def _take_entry(document_id: str, entry: str, key: str) -> None:
    out = not st.session_state.get(key, True)
    _tell(entry, lambda context: context.backend.documents.leave_out(document_id, entry, out, actor=context.actor))


def _drop(document_id: str, entry: ProposedEntry) -> None:
    out = not entry.left_out
    _tell(
        entry.path,
        lambda context: context.backend.documents.leave_out(document_id, entry.path, out, actor=context.actor),
    )


def _tell(path: str, act: Callable[[PageContext], None]) -> None:
    context = page_context()
    st.session_state.pop(_PROBLEM, None)
    try:
        act(context)
    except IntelliCVError as error:
        st.session_state[_PROBLEM] = (path, str(error))


def summary(proposal: Proposal) -> str:
    """What confirming does, in a few words."""
    fields = list(proposal.fields())
    news = sum(1 for each in fields if each.taken and each.status != "same")
    same = sum(1 for each in fields if each.taken and each.status == "same")
    kept = sum(1 for each in fields if each.status == "differs" and not each.taken and each.value)
    parts = [f"{counted(news, 'value')} new to your profile"]
    if same:
        parts.append(f"{same:,} already there")
    if kept:
        parts.append(f"{kept:,} where your profile stays as it is")
    return ", ".join(parts)
