"""Where the facts of a profile came from: a small line below them, gone for what somebody has changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from shared_backend.data_management.document_store import Source
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.profile_sections import SectionSpec
from shared_backend.portal_ui.relative_time import viewer_zone

Sources = Mapping[str, Source]
_FEW = 3


def sources_of(owner_id: str, context: PageContext) -> Sources:
    """The sources that still hold, by path."""
    return context.backend.documents.sources(owner_id, actor=context.actor)


def of_fields(spec: SectionSpec, holder: str, sources: Sources) -> dict[str, Source]:
    """Field name → where it came from, of the object or entry whose path is `holder`."""
    found = {}
    for each in spec.fields:
        path = f"{holder}.{each.under}.{each.name}" if each.under else f"{holder}.{each.name}"
        if path in sources:
            found[each.name] = sources[path]
    return found


def draw_entry(spec: SectionSpec, entry: dict[str, Any], sources: Sources) -> None:
    """Below one entry."""
    found = of_fields(spec, f"{'.'.join(spec.path)}[{entry['id']}]", sources)
    shown = [each.name for each in spec.fields if each.text(entry)]
    _line(spec, found, shown, key=f"source_{spec.key}_{entry['id']}")


def draw_object(spec: SectionSpec, data: dict[str, Any], sources: Sources) -> None:
    """Below the section that is one object."""
    found = of_fields(spec, ".".join(spec.path), sources)
    holder = spec.read(data)
    shown = [each.name for each in spec.fields if each.text(holder)]
    _line(spec, found, shown, key=f"source_{spec.key}")


def draw_flowing(spec: SectionSpec, entries: Sequence[dict[str, Any]], sources: Sources) -> None:
    """Below entries of a few words each: how many of them came from where."""
    path = ".".join(spec.path)
    each_source = [list(of_fields(spec, f"{path}[{entry['id']}]", sources).values()) for entry in entries]
    known = [found[0] for found in each_source if found]
    if known:
        count = "All" if len(known) == len(entries) else f"{len(known):,} of {len(entries):,}"
        with st.container(key=f"source_{spec.key}"):
            st.caption(f":material/description: {count} from {_documents(known)}")


def _line(spec: SectionSpec, found: Mapping[str, Source], shown: Sequence[str], *, key: str) -> None:
    if not found:
        return
    names = [spec.field(name).label for name in shown if name in found]
    missing = [name for name in shown if name not in found]
    which = "" if not missing else f"{', '.join(names[:_FEW])}{' and more' if len(names) > _FEW else ''}: "
    with st.container(key=key):
        st.caption(f":material/description: {which}{_capital(_documents(found.values()), not which)}")


def _documents(sources: Iterable[Source]) -> str:
    """`CV of 3 Nov 2026, page 1`: of several the newest, as it was confirmed last."""
    newest = max(sources, key=lambda each: each.number)
    day = newest.uploaded_at.astimezone(viewer_zone())
    page = f", page {newest.page}" if newest.page else ""
    corrected = ", corrected" if newest.corrected else ""
    return f"the CV of {day.day} {day:%b %Y}{page}{corrected}"


def _capital(words: str, is_first: bool) -> str:
    return f"From {words}" if is_first else f"from {words}"
