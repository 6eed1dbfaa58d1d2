"""Sources and the versions of each: vintage, licence, checksum, contents, and who imported it when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from admin_portal import dataset_actions, dataset_compare
from admin_portal.cloud_words import plural, short_digest
from admin_portal.same_page import same_page
from shared_backend.data_management.ai_data_manager import DatasetVersion
from shared_backend.data_management.dataset import SOURCES, provenance
from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.csv_export import csv_bytes, export_button
from shared_backend.portal_ui.lockstep_words import size_words
from shared_backend.portal_ui.relative_time import exact, relative
from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.text_safety import escape, inline
from shared_backend.services.knowledge_desk import KnowledgeDesk

_SHOWN_COUNTS: Final = 4
_LEVELS: Final = {
    "error": (":material/error:", "red"),
    "warning": (":material/warning:", "orange"),
    "info": (":material/info:", "gray"),
}


def draw_all(context: PageContext) -> None:
    """Each source with the version in use."""
    versions = KnowledgeDesk(context.backend).versions(actor=context.actor)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{plural(len(SOURCES), 'source')}**, {plural(len(versions), 'version')} in all", width="content")
        if context.actor.may(Permission.EXPORT):
            export_button("data-sources.csv", _export, key="export_versions")
    with st.container(gap="small", key="source_list"):
        for source in SOURCES:
            mine = [each for each in versions if each.manifest.source == source]
            _source(source, mine)


def draw_source(source: str, context: PageContext) -> None:
    """One source with all of its versions, and what differs between two of them."""
    st.page_link(
        "app_pages/data_sources.py", label="All sources", icon=":material/arrow_back:", query_params=same_page()
    )
    if source not in SOURCES:
        empty("There is no such source", "Choose one from all sources.", icon=":material/search_off:")
        return
    facts = SOURCES[source]
    versions = KnowledgeDesk(context.backend).versions(source, actor=context.actor)
    st.subheader(facts.title, anchor=False)
    st.caption(f"{escape(facts.publisher)}. Licence: {escape(facts.licence)}. {escape(facts.attribution)}")
    st.caption(f"Published at [{escape(facts.address)}]({facts.address})")
    if not versions:
        empty("No version yet", "Import a release with the button above.", icon=":material/database:")
    with st.container(gap="small", key="version_list"):
        for each in versions:
            _version(each, context)
    if len(versions) > 1:
        dataset_compare.draw(versions, context)
    else:
        st.caption("When there are two versions, they can be compared here.")


def by_words(version: DatasetVersion) -> str:
    """Who brought a version in, and when."""
    if version.imported_at is None:
        return "comes with this release of IntelliCV"
    return f"imported {relative(version.imported_at)} by {inline(version.imported_by, longest=60)}"


def findings(found: Sequence[dict[str, Any]]) -> None:
    """What an import has found, errors first."""
    order = {level: place for place, level in enumerate(_LEVELS)}
    for each in sorted(found, key=lambda one: order.get(str(one.get("level")), 9)):
        icon, colour = _LEVELS.get(str(each.get("level")), _LEVELS["info"])
        st.markdown(f":{colour}[{icon}] **{escape(each.get('file', ''))}** {escape(each.get('words', ''))}")


def _source(source: str, versions: Sequence[DatasetVersion]) -> None:
    facts = SOURCES[source]
    used = next((each for each in versions if each.in_use), None)
    with st.container(border=True, key=f"source_{source}", gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{escape(facts.title)}**", width="content")
            _badge(used)
        if used is None:
            st.caption("Nothing is known of it. Import a release.")
        else:
            st.markdown(escape(used.manifest.vintage))
            st.caption(f"{escape(facts.publisher)} · Licence: {escape(facts.licence)}")
            st.caption(_counts(used))
            when = exact(used.imported_at) if used.imported_at else None
            st.caption(
                f"`{used.manifest.version}` · SHA-256 {short_digest(used.manifest.sha256)} · {by_words(used)}",
                help=when,
            )
        st.page_link(
            "app_pages/data_sources.py",
            label=f"{plural(len(versions), 'version')}, with files and checksums",
            icon=":material/chevron_right:",
            query_params=same_page(source=source),
        )


def _badge(used: DatasetVersion | None) -> None:
    if used is None:
        st.badge("Missing", icon=":material/error:", color="red")
    elif used.shipped:
        st.badge("As shipped", icon=":material/inventory_2:", color="gray")
    else:
        st.badge("Imported", icon=":material/check_circle:", color="green")


def _counts(version: DatasetVersion) -> str:
    counts = sorted(version.manifest.counts.items(), key=lambda each: -each[1])
    shown = [f"{number:,} {escape(name)}" for name, number in counts[:_SHOWN_COUNTS]]
    more = len(counts) - _SHOWN_COUNTS
    return " · ".join([*shown, *([f"{more} more counts"] if more > 0 else [])])


def _version(version: DatasetVersion, context: PageContext) -> None:
    manifest = version.manifest
    with st.container(border=True, key=f"version_{manifest.version}", gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{escape(manifest.vintage)}**", width="content")
            if version.in_use:
                st.badge("In use", icon=":material/check_circle:", color="green")
            else:
                st.badge("Not in use", icon=":material/radio_button_unchecked:", color="gray")
        st.caption(
            f"`{manifest.version}` · {size_words(version.size)} packed · {by_words(version)}",
            help=exact(version.imported_at) if version.imported_at else None,
        )
        st.caption("SHA-256 of its contents")
        st.code(manifest.sha256, language=None, wrap_lines=True)
        warned = [each for each in version.report.get("findings", []) if each.get("level") != "info"]
        with st.expander("What it holds"):
            st.table({name: f"{number:,}" for name, number in manifest.counts.items()}, border="horizontal")
        rows = sum(file.rows for file in manifest.files)
        with st.expander(f"Read from {plural(len(manifest.files), 'file')} with {plural(rows, 'row')}"):
            _files(version)
        if version.report.get("findings"):
            title = f"What the import found: {plural(len(warned), 'warning')}" if warned else "What the import noted"
            with st.expander(title):
                findings(version.report["findings"])
        if context.actor.may(Permission.OPERATE):
            dataset_actions.buttons(version)


def _files(version: DatasetVersion) -> None:
    rows = [
        {"File": file.name, "Rows": file.rows, "Bytes": file.bytes, "SHA-256": file.sha256}
        for file in version.manifest.files
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key=f"version_files_{version.manifest.version}",
        alt="Files of the release with rows, sizes and checksums",
        height=len(rows) * 35 + 40,
        column_config={
            "Rows": st.column_config.NumberColumn(format="localized"),
            "Bytes": st.column_config.NumberColumn(format="localized"),
        },
    )


def _export() -> bytes:
    context = page_context()
    context.actor.require(Permission.EXPORT, "export the data sources")
    header = ("Source", "Title", "Vintage", "Version", "In use", "Shipped", "Licence", "SHA-256", "Imported", "By")
    rows = []
    for each in KnowledgeDesk(context.backend).versions(actor=context.actor):
        facts = provenance(each.manifest)
        about = (facts["source"], facts["title"], facts["vintage"], facts["version"], each.in_use, each.shipped)
        rows.append((*about, facts["licence"], each.manifest.sha256, each.imported_at, each.imported_by))
    return csv_bytes(header, rows)
