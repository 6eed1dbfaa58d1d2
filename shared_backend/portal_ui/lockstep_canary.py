"""The canary: an event that changes nothing, sent to see every portal answer."""

from __future__ import annotations

import streamlit as st

from shared_backend.identity.roles import Permission
from shared_backend.lockstep.acknowledgement_reads import Ack
from shared_backend.lockstep.health import PORTALS
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.lockstep_words import portal_title
from shared_backend.portal_ui.regions import live_region
from shared_backend.portal_ui.relative_time import time_caption
from shared_backend.portal_ui.topics import ACK, ack_topic
from shared_backend.services import lockstep_reads
from shared_backend.services.lockstep_reads import CANARY
from shared_backend.utils.exception_handler import IntelliCVError


def canary_button(context: PageContext) -> None:
    """Sends a canary now; only for who may operate the product."""
    st.button(
        "Send a canary",
        key="send_canary",
        icon=":material/send:",
        type="primary",
        on_click=_send,
        disabled=not context.actor.may(Permission.OPERATE),
    )


def canary_panel(context: PageContext) -> None:
    """The newest canary and its answers, filled in while they come."""
    newest = lockstep_reads.newest_canary(context.backend.database, actor=context.actor)
    if newest is None:
        st.caption("No canary has been sent yet. The worker sends one every 30 seconds; you can send one now.")
        return
    live_region(ACK, ack_topic(CANARY, newest.id, 0)[1], draw=_draw, key="canary")


def _draw(context: PageContext) -> None:
    newest = lockstep_reads.newest_canary(context.backend.database, actor=context.actor)
    if newest is None:
        return
    answers = {answer.portal: answer for answer in newest.answers}
    with st.container(key="canary_answers", gap="small"):
        for column, portal in zip(st.columns(len(PORTALS)), PORTALS, strict=True):
            with column:
                _answer(portal, answers.get(portal))
        time_caption(f"Sent from the {portal_title(newest.sent_from).lower()}", newest.at)


def _answer(portal: str, answer: Ack | None) -> None:
    title = portal_title(portal)
    if answer is None:
        st.metric(title, "–", delta="No answer yet", delta_arrow="off", delta_color="off", border=True)
    else:
        st.metric(
            title,
            f"{answer.elapsed_ms:,.1f} ms",
            delta="Answered",
            delta_arrow="off",
            help="From the canary's commit until this portal's process had it.",
            border=True,
        )


def _send() -> None:
    context = page_context()
    try:
        lockstep_reads.send_canary(context.backend.bus, actor=context.actor, source=context.source)
    except IntelliCVError as error:
        st.toast(str(error), icon=":material/error:")
    else:
        st.toast("Canary sent.", icon=":material/send:")
