"""Providers: who serves what and why, how each does, and what waits to be carried over."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from admin_portal import dialog_state
from admin_portal.cloud_words import capability_title, provider_title
from admin_portal.provider_cards import draw_card
from admin_portal.provider_difference import draw_comparison
from admin_portal.provider_journal import draw_journal
from admin_portal.provider_probe import begin_probe, draw_progress, findings, is_probing
from admin_portal.provider_switch import draw_switch
from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.regions import live_region
from shared_backend.portal_ui.relative_time import relative
from shared_backend.services.cloud_record import CLOUD, FILES, PROVIDERS
from shared_backend.services.provider_desk import ProviderDesk


def draw_capabilities(context: PageContext) -> None:
    """A card for each capability."""
    dialog_state.draw_page_if_asked()
    desk = ProviderDesk(context.backend)
    use = desk.use(actor=context.actor)
    breakers = desk.breakers(actor=context.actor)
    history = desk.history(actor=context.actor)
    names = desk.people(history)
    newest = {each.capability: each for each in reversed(history)}
    with st.container(gap="medium"):
        for each in desk.overview(actor=context.actor):
            last = newest.get(each.capability)
            why = "" if last is None else f"switched by {names.get(last.by, last.by)} {relative(last.at)}"
            if last is not None and last.reason:
                why += f", “{last.reason}”"
            may_switch = context.actor.may(Permission.OPERATE)
            draw_card(each, findings(), use, breakers, may_switch=may_switch, why=why)


def draw_history(context: PageContext) -> None:
    """What was switched, newest first."""
    found = ProviderDesk(context.backend).history(actor=context.actor)
    if not found:
        st.caption("Nothing was ever switched: all is as it is configured.")
        return
    rows = [
        {
            "When": each.at,
            "What": capability_title(each.capability),
            "Serves": provider_title(each.route.primary),
            "Where it can't": provider_title(each.route.fallback),
            "By": names.get(each.by, each.by),
            "Why": each.reason,
        }
        for names in (ProviderDesk(context.backend).people(found),)
        for each in found
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="switch_history",
        alt="What was switched",
        column_config={"When": st.column_config.DatetimeColumn(format="distance")},
    )


page = page_context()
dialog_state.drawn_here()
with page_header("Providers", "Who serves files, secrets and intelligence, why, how well, and what waits for whom."):
    if page.actor.may(Permission.OPERATE):
        st.button(
            "Probe all",
            key="probe_all",
            type="primary",
            icon=":material/network_check:",
            on_click=begin_probe,
            disabled=is_probing(),
        )
with st.container(key="probe_place"):
    draw_progress()
st.subheader("Journal", anchor=False)
live_region(CLOUD, FILES, draw=draw_journal, key="provider_journal", also=(("job", None),))
st.subheader("Capabilities", anchor=False)
live_region(CLOUD, PROVIDERS, draw=draw_capabilities, key="provider_cards")
st.subheader("Switches", anchor=False)
live_region(CLOUD, PROVIDERS, draw=draw_history, key="provider_history")
# Last, so that nothing changes its place when one opens or closes: what is pushed meanwhile goes to its own.
if page.actor.may(Permission.OPERATE):
    draw_switch()
    draw_comparison()
