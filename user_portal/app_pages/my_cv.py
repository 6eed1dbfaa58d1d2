"""My CV: upload it, see each fact beside its place, correct it, and take it into the profile."""

from __future__ import annotations

import streamlit as st

from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.regions import live_region
from shared_backend.portal_ui.states import empty
from user_portal import cv_list, cv_review, cv_upload


def draw(context: PageContext) -> None:
    """Everything below the title. Drawn anew when one of the documents, or the profile, has come to another state."""
    documents = context.backend.documents.of_owner(context.actor.id, actor=context.actor)
    if not documents:
        cv_upload.draw(first=True)
        return
    shown = cv_list.current(documents)
    cv_review.draw(shown, context)
    with st.container(key="cv_versions", gap="small"):
        st.subheader("Your documents", anchor=False)
        cv_upload.draw(first=False)
        cv_list.draw(documents, shown, context)


st.title("My CV", anchor=False)
st.caption("Upload your CV, see where each fact stands in it, correct it, and take it into your profile.")
visitor = page_context()
if visitor.actor.may(Permission.EDIT_OWN):
    own = visitor.actor.id
    live_region("document", own, draw=draw, key="my_cv", also=[("user_profile", own)])
else:
    empty(
        "You have no CV of your own here",
        "You are signed in with a colleague's account. Candidates' documents come in through CV intake in the admin "
        "portal.",
        icon=":material/description:",
    )
