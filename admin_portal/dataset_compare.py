"""What differs between two versions of a source, with examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from shared_backend.data_management.ai_data_manager import DatasetVersion
from shared_backend.data_management.comparison import Comparison, TableDifference
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.text_safety import escape
from shared_backend.services.knowledge_desk import KnowledgeDesk

_GROUPS: Final = {"added": "New", "removed": "Gone", "changed": "Changed"}


def draw(versions: Sequence[DatasetVersion], context: PageContext) -> None:
    """The choice of two, and the difference once both are chosen."""
    st.subheader("Compare", anchor=False)
    names = [each.manifest.version for each in versions]
    words = {each.manifest.version: _name(each) for each in versions}
    left, right = st.columns(2)
    with left:
        before = _choice("From", names, words, "compare_before", names[-1])
    with right:
        after = _choice("To", names, words, "compare_after", names[0])
    if before == after:
        st.caption("Choose two different versions.")
        return
    with st.spinner("Comparing …"):
        found = KnowledgeDesk(context.backend).compare(before, after, actor=context.actor)
    _counts(found)
    if not found.tables:
        st.success("They hold the same.", icon=":material/check_circle:")
    for table in found.tables:
        _table(table)


def _choice(label: str, names: list[str], words: dict[str, str], key: str, first: str) -> str:
    held = st.session_state.get(key)
    if held not in names:
        st.session_state[key] = first
    return str(st.selectbox(label, names, key=key, format_func=words.__getitem__, filter_mode=None))


def _name(version: DatasetVersion) -> str:
    state = "In use: " if version.in_use else "Shipped: " if version.shipped else ""
    return f"{state}{version.manifest.vintage} ({version.manifest.version})"


def _counts(found: Comparison) -> None:
    rows = [
        {"Count": name, "Before": before, "After": after, "Change": after - before}
        for name, (before, after) in found.counts.items()
        if before != after
    ]
    if not rows:
        st.caption("All counts are the same.")
        return
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="compare_counts",
        alt="Counts of both versions",
        height=len(rows) * 35 + 40,
        column_config={
            "Before": st.column_config.NumberColumn(format="localized"),
            "After": st.column_config.NumberColumn(format="localized"),
            "Change": st.column_config.NumberColumn(format="%+,d"),
        },
    )


def _table(table: TableDifference) -> None:
    numbers = {"added": table.added, "removed": table.removed, "changed": table.changed}
    told = ", ".join(f"{number:,} {_GROUPS[group].lower()}" for group, number in numbers.items() if number)
    with st.expander(f"**{escape(table.table)}**: {told}"):
        rows = [
            {"": _GROUPS[group], "Entry": each.key, "Before": each.before, "After": each.after}
            for group, examples in table.examples.items()
            for each in examples
        ]
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            key=f"compare_table_{table.table}",
            alt=f"Examples of what differs in {table.table}",
            height=len(rows) * 35 + 40,
        )
        if sum(numbers.values()) > len(rows):
            st.caption("The first of each kind. `intellicv knowledge compare` lists more.")
