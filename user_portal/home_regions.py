"""The parts of a person's home page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import streamlit as st

from shared_backend.identity.roles import Permission
from shared_backend.lockstep.entities import Entity
from shared_backend.lockstep.kinds.user_profile import completeness, missing_parts
from shared_backend.portal_ui.announcement_card import announcement_card
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.live import Shown
from shared_backend.portal_ui.relative_time import time_caption
from shared_backend.portal_ui.text_safety import inline
from shared_backend.utils.exception_handler import NotFound

_PROFILE: Final = "app_pages/profile.py"
_CV: Final = "app_pages/my_cv.py"
_CV_STEPS: Final = {
    "": (
        ":material/upload_file: Begin with your CV",
        "Upload it, and most of your profile fills itself in. You see where each fact came from, and correct it.",
        "Upload your CV",
    ),
    "stored": (":material/hourglass_top: Your CV is being read", "It takes a few seconds.", "Watch it"),
    "parsing": (":material/hourglass_top: Your CV is being read", "It takes a few seconds.", "Watch it"),
    "draft": (
        ":material/rate_review: Your CV has been read",
        "Look through it, correct what is not right, and take it into your profile.",
        "Look through it",
    ),
    "failed": (
        ":material/error: Your CV could not be read",
        "We say why, and what you can do about it.",
        "See what to do",
    ),
}
_FEW: Final = 3
_PAGE: Final = 20


def draw_welcome(context: PageContext) -> None:
    """The title: by name, and what the page is for."""
    first = context.actor.name.split(" ")[0] if context.actor.name else ""
    st.title(f"Welcome, {inline(first, longest=40)}" if first else "Welcome", anchor=False)
    st.caption("What is new, how complete your profile is, and what to do next.")


def draw_profile(context: PageContext) -> list[Shown]:
    """How complete the profile is, what it lacks, and the next step as the one thing to press."""
    try:
        entity = context.bridge.get("user_profile", context.actor.id, actor=context.actor)
    except NotFound:
        entity = None
    if entity is None or entity.deleted:
        _no_profile(context)
        return []
    missing = missing_parts(entity.data)
    with st.container(border=True, key="profile_completeness", gap="small"):
        if not missing:
            _complete()
        else:
            _incomplete(completeness(entity.data), missing)
    return [Shown("user_profile", entity.id, entity.version)]


def draw_cv(context: PageContext) -> None:
    """The way to My CV as the first thing to do, until a CV is in the profile."""
    if not context.actor.may(Permission.EDIT_OWN):
        return
    documents = context.backend.documents.of_owner(context.actor.id, actor=context.actor)
    newest = documents[0] if documents else None
    if newest is not None and (newest.state == "confirmed" or any(each.confirmed_at for each in documents)):
        if newest.state == "draft":
            st.page_link(_CV, label="A newer CV of yours waits to be looked through", icon=":material/rate_review:")
        return
    title, words, label = _CV_STEPS[newest.state if newest else ""]
    with st.container(border=True, key="cv_home", gap="small"):
        st.markdown(f"#### {title}")
        st.markdown(words)
        if st.button(label, key="cv_step", type="primary", icon=":material/arrow_forward:"):
            st.switch_page(_CV)


def draw_announcements(context: PageContext) -> list[Shown]:
    """The published announcements, important ones first. What is drawn is acknowledged."""
    found = context.bridge.find(
        "announcement", actor=context.actor, status=("published",), sort="-updated_at", limit=_PAGE
    )
    if not found.items:
        st.caption("Nothing new. When there is something to tell you, it appears here at once.")
        return []
    with st.container(key="announcements", gap="medium"):
        for entity in _important_first(found.items):
            _announcement(entity)
    if found.total > len(found.items):
        st.caption(f"The newest {len(found.items)} of {found.total:,}.")
    return [Shown("announcement", entity.id, entity.version) for entity in found.items]


def _complete() -> None:
    st.markdown("#### :material/task_alt: Your profile is complete")
    st.progress(1.0, text="100 of 100 points")
    st.markdown("Everything that matching needs is there. Keep it up to date: what you change counts at once.")
    st.page_link(_PROFILE, label="Look through your profile", icon=":material/badge:")


def _incomplete(score: int, missing: list[tuple[str, int, str]]) -> None:
    missing = sorted(missing, key=lambda part: -part[1])
    first = score <= 35
    st.markdown("#### Let's make your profile yours" if first else "#### Your profile is on its way")
    if first:
        st.markdown("A few minutes are enough to begin, and everything can be changed later.")
    st.progress(score / 100, text=f"{score} of 100 points")
    _path, points, words = missing[0]
    step = st.button(
        f"Add {_lower(words)} (+{points} points)",
        key="next_step",
        type="primary",
        icon=":material/arrow_forward:",
    )
    if step:
        st.switch_page(_PROFILE)
    with st.container(gap="xsmall", key="profile_missing"):
        st.caption("What is missing, and what it is worth")
        for _path, points, words in missing[:_FEW]:
            st.markdown(f":material/radio_button_unchecked: {words} :gray[+{points} points]")
        if rest := missing[_FEW:]:
            with st.expander(f"{len(rest)} more"):
                for _path, points, words in rest:
                    st.markdown(f":material/radio_button_unchecked: {words} :gray[+{points} points]")


def _no_profile(context: PageContext) -> None:
    with st.container(border=True, key="no_profile", gap="small"):
        if context.actor.may(Permission.READ_ALL):
            st.markdown("#### :material/visibility: You are here as a colleague")
            st.markdown(
                "You have no profile of your own: profiles belong to candidates. Below is what candidates read; their "
                "profiles are in the admin portal."
            )
            st.link_button("Open the admin portal", context.backend.settings.admin_url, icon=":material/open_in_new:")
        else:
            st.markdown("#### Your profile is not here at the moment")
            st.markdown("It may have been deleted. Ask your administrator; it can be brought back as it was.")


def _announcement(entity: Entity) -> None:
    data: dict[str, Any] = entity.data
    with st.container(border=True, key=f"announcement_{entity.id}", gap="small"):
        announcement_card(entity.label, str(data.get("body") or ""), str(data.get("level") or "info"))
        time_caption("Published", entity.updated_at)


def _important_first(entities: Iterable[Entity]) -> list[Entity]:
    return sorted(entities, key=lambda entity: entity.data.get("level") != "important")


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
