"""The admin portal's frame: the gate, the navigation, the live link. Pages are in app_pages/."""

from __future__ import annotations

from admin_portal.navigation import NAVIGATION
from shared_backend.portal_ui.frame import run_portal

run_portal("admin_portal", "Admin portal", NAVIGATION, layout="wide")
