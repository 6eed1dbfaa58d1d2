"""The user portal's frame: the gate, the navigation, the live link. Pages are in app_pages/."""

from __future__ import annotations

from shared_backend.portal_ui.frame import run_portal
from user_portal.navigation import NAVIGATION

run_portal("user_portal", "Your career", NAVIGATION, layout="centered")
