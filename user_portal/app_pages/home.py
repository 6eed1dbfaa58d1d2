"""Home: announcements, how complete the profile is, and the next step."""

from __future__ import annotations

import streamlit as st

from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.regions import live_region
from user_portal import home_regions as regions
from user_portal.title_region import draw_title

context = page_context()
regions.draw_welcome(context)
live_region("document", context.actor.id, draw=regions.draw_cv, key="home_cv")
live_region("user_profile", context.actor.id, draw=regions.draw_profile, key="home_profile")
title = st.container()
st.subheader("Announcements", anchor=False)
live_region("announcement", draw=regions.draw_announcements, key="home_announcements")
with title:
    draw_title(context, key="home_title")
