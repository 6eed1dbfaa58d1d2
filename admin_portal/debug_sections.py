"""The sections of the debug page."""

from __future__ import annotations

import dataclasses
import inspect

import pandas as pd
import streamlit as st

from shared_backend.lockstep.event_types import EventRegister
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.live import push_state
from shared_backend.portal_ui.lockstep_health import fact_table
from shared_backend.portal_ui.lockstep_words import size_words
from shared_backend.portal_ui.process import portal_process
from shared_backend.portal_ui.text_safety import escape
from shared_backend.services import inspection
from shared_backend.services.permission_explainer import PEOPLE, WORDS, explain, named

_CANDIDATES = {"own": "their own: read and edit", "read": "those that are published", "none": "none"}


def draw_process(context: PageContext) -> None:
    """What this process is, and its database."""
    st.subheader("Process", anchor=False)
    fact_table(inspection.process_facts(actor=context.actor, portal=context.source), alt="This process")
    found = inspection.database_facts(context.backend.database, actor=context.actor)
    st.subheader("Database", anchor=False)
    wal = {} if found.wal_bytes is None else {"Write-ahead log": size_words(found.wal_bytes)}
    facts = {"Database": f"{found.dialect} {found.version}", "Address": found.address, "Size": size_words(found.bytes)}
    fact_table({**facts, **wal}, alt="The database")
    st.dataframe(
        pd.DataFrame([{"Table": each.name, "Rows": each.rows} for each in found.tables]),
        hide_index=True,
        key="table_sizes",
        height="content",
        alt="Rows of each table",
        column_config={"Rows": st.column_config.NumberColumn(format="localized")},
    )


def draw_live(context: PageContext) -> None:
    """The watcher, and the sockets of open tabs."""
    watcher, hub = context.backend.watcher, portal_process(context.source).hub
    health = watcher.health()
    st.subheader("Watcher", anchor=False)
    fact_table(
        {
            "State": f"{health.state}: {health.detail}",
            "Last tick": f"{health.last_tick_age_s:,.2f} s ago",
            "Ticks": f"{health.ticks:,}",
            "Restarts": f"{health.restarts:,}",
            "Gaps met": f"{health.gaps:,}",
            "Read up to": f"{watcher.position.seq:,}",
            "Epoch": watcher.position.epoch,
        },
        alt="This process's watcher",
    )
    st.subheader("Push", anchor=False)
    fact_table(
        {
            "This tab's push": push_state(),
            "Open tabs": f"{hub.open_sockets:,}",
            "Topics listened to": f"{hub.topics:,}",
            "Looks while push is down": f"every {context.backend.settings.poll_tight_s:g} s",
            "Looks while push is up": f"every {context.backend.settings.poll_slack_s:g} s",
        },
        alt="Sockets and topics of this process",
    )


def draw_words(context: PageContext) -> None:
    """The kinds of entities and the types of events that this release knows."""
    st.subheader("Kinds of entities", anchor=False)
    kinds = [
        {
            "Kind": kind.name,
            "Events": ", ".join(f"{kind.events}_{verb}" for verb in ("update", "delete", "restore")),
            "Candidates reach": _CANDIDATES[kind.candidates],
            "Fields": ", ".join(kind.schema.model_fields),
        }
        for kind in context.backend.kinds
    ]
    st.dataframe(pd.DataFrame(kinds), hide_index=True, key="entity_kinds", height="content", alt="Kinds of entities")
    st.subheader("Types of events", anchor=False)
    register = EventRegister(kind.events for kind in context.backend.kinds)
    types = []
    for name in register.names():
        shape = register.shape_of(name)
        if shape is not None:
            fields = ", ".join(field.name for field in dataclasses.fields(shape))
            types.append({"Type": name, "Data": fields, "Tells": inspect.getdoc(shape)})
    st.dataframe(pd.DataFrame(types), hide_index=True, key="event_types", height="content", alt="Types of events")
    st.caption("A script's own events need no registering: any name that begins with “custom.”.")


def draw_settings(context: PageContext) -> None:
    """Every setting and where it comes from. Secrets are said to be set, no more."""
    st.subheader("Settings", anchor=False)
    st.caption("From the environment or .env. Passwords and secrets are never shown.")
    rows = [
        {
            "Setting": each.name,
            "Value": each.value,
            "From": "environment" if each.given else "default",
            "What it does": each.description,
        }
        for each in inspection.settings_facts(context.backend.settings, actor=context.actor)
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="settings_table", height="content", alt="Settings")


def draw_permissions(context: PageContext) -> None:
    """Why can, or can't, people of a role do something?"""
    st.subheader("Why can, or can't, somebody do this?", anchor=False)
    with st.grid(2, min_column_width=240):
        role = st.selectbox(
            "People of the role", PEOPLE, format_func=lambda each: str(each).capitalize(), key="explain_role", index=2
        )
        permission = st.selectbox(
            "Want to", tuple(WORDS), format_func=WORDS.__getitem__, key="explain_permission", index=2
        )
    answer = explain(role, permission, actor=context.actor)
    with st.container(border=True, key="permission_answer", gap="xsmall"):
        icon, word = (":material/check_circle:", "Yes") if answer.allowed else (":material/block:", "No")
        st.markdown(
            f"{icon} **{word}: {named(role)} may{'' if answer.allowed else ' not'} {escape(WORDS[permission])}.**"
        )
        st.markdown(escape(answer.why))
        st.caption(escape(answer.way))
    table = [
        {"May": WORDS[each], **{str(one).capitalize(): "Yes" if one.may(each) else "No" for one in PEOPLE}}
        for each in WORDS
    ]
    st.dataframe(pd.DataFrame(table), hide_index=True, key="permission_table", height="content", alt="All permissions")
