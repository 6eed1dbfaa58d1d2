"""A profile's history: who changed what, when and from where; any two versions side by side; an earlier one back."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from shared_backend.lockstep.entities import Entity, VersionInfo
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.profile_desk import KIND
from shared_backend.portal_ui.profile_words import (
    author_words,
    changed_words,
    field_words,
    portal_words,
    value_words,
)
from shared_backend.portal_ui.relative_time import exact, relative
from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.text_safety import escape, inline, shorten

_STEP = 50
_MOST_CHANGES = 100
_LONGEST = 1_500
_ACTIONS = {
    "create": "Created",
    "update": "Edited",
    "delete": "Deleted",
    "undelete": "Brought back",
    "restore": "Restored",
    "resolve": "Conflict decided",
}


def draw_history(entity: Entity, context: PageContext, *, may_restore: bool) -> None:
    """The versions, newest first, and two of them compared. Widget keys: `compare_from`, `compare_to`,
    `restore_version`, `more_history`."""
    limit = st.session_state.get("_history_limit", _STEP)
    versions = context.bridge.history(KIND, entity.id, actor=context.actor, limit=min(limit, 500))
    if not versions:
        empty("No history yet", "The first save makes the first version.", icon=":material/history:")
        return
    st.dataframe(
        _table(versions, context),
        hide_index=True,
        key="history_table",
        column_config={
            "Version": st.column_config.NumberColumn(format="localized", width="small"),
            "When": st.column_config.DatetimeColumn(
                format="distance", help="The exact time is in the comparison below."
            ),
        },
        alt="The versions of this profile, newest first",
    )
    if versions[-1].version > 1:
        st.button(
            "Show older versions", key="more_history", icon=":material/expand_more:", on_click=_more, args=(limit,)
        )
    _compare(entity, versions, context, may_restore)


def _table(versions: list[VersionInfo], context: PageContext) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Version": each.version,
                "What": _ACTIONS.get(each.action, each.action),
                "Fields": changed_words(each.changed, each.data, before.data if before else {}),
                "Who": author_words(each.author_id, each.author_name, context.actor.id),
                "From": portal_words(each.source),
                "When": each.at,
            }
            for each, before in zip(versions, [*versions[1:], None], strict=True)
        ]
    )


def _compare(entity: Entity, versions: list[VersionInfo], context: PageContext, may_restore: bool) -> None:
    by_number = {each.version: each for each in versions}
    numbers = list(by_number)
    with st.container(border=True, key="compare"):
        st.markdown("#### :material/difference: Compare two versions")
        left, right = st.columns(2)
        older = numbers[1:] or [0]
        with left:
            before = st.selectbox(
                "From version",
                [*older, *([0] if older[-1] == 1 else [])],
                format_func=lambda number: _named(by_number.get(number), number),
                key="compare_from",
            )
        with right:
            after = st.selectbox(
                "To version", numbers, format_func=lambda number: _named(by_number[number], number), key="compare_to"
            )
        before, after = int(before or 0), int(after or entity.version)
        _changes(entity, before, after, by_number, context)
        if may_restore and before and not by_number[before].deleted and before != entity.version:
            st.button(
                f"Restore version {before:,} as a new version",
                key="restore_version",
                icon=":material/settings_backup_restore:",
                on_click=_restore,
                args=(entity.id, before),
            )


def _changes(entity: Entity, before: int, after: int, by_number: dict[int, VersionInfo], context: PageContext) -> None:
    for number, words in ((before, "From"), (after, "To")):
        if found := by_number.get(number):
            who = inline(author_words(found.author_id, found.author_name, context.actor.id))
            st.caption(f"{words} version {number:,}: {who}, {portal_words(found.source)}, {escape(exact(found.at))}")
    changes = context.bridge.diff(KIND, entity.id, before, after, actor=context.actor)
    if not changes:
        st.caption("These two are the same.")
    states = [each.data for number, each in by_number.items() if number in (after, before)]
    with st.container(key="changes", gap="medium"):
        for change in changes[:_MOST_CHANGES]:
            with st.container(gap="xxsmall"):
                st.markdown(f"**{escape(field_words(change.path, *states))}**")
                for column, value in zip(st.columns(2), (change.before, change.after), strict=True):
                    column.text(shorten(value_words(value, change.path, *states), _LONGEST), width="stretch")
    if len(changes) > _MOST_CHANGES:
        st.caption(f"And {len(changes) - _MOST_CHANGES:,} more fields.")


def _named(version: VersionInfo | None, number: int) -> str:
    if version is None:
        return "Nothing (before the first)"
    return f"{number:,} · {_ACTIONS.get(version.action, version.action).lower()} {relative(version.at)}"


def _more(limit: int) -> None:
    st.session_state["_history_limit"] = limit + _STEP


def _restore(entity_id: str, version: int) -> None:
    context = page_context()
    answer = context.bridge.restore(KIND, entity_id, version, source=context.source, actor=context.actor)
    if answer["success"]:
        st.toast(f"Version {version:,} is back, as version {answer['version']:,}.", icon=":material/check_circle:")
    else:
        st.toast(inline(answer["error"], longest=300), icon=":material/error:")
