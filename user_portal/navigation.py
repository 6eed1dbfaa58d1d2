"""The user portal's pages, by section."""

from __future__ import annotations

from typing import Final

from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.frame import Navigation, NavItem

NAVIGATION: Final[Navigation] = {
    "": (
        NavItem(
            "app_pages/home.py",
            "Home",
            ":material/home:",
            "home",
            "Announcements, how complete your profile is, and your next step.",
            default=True,
        ),
        NavItem(
            "app_pages/my_cv.py",
            "My CV",
            ":material/description:",
            "my_cv",
            "Upload your CV, see where each fact stands in it, and take it into your profile.",
        ),
        NavItem(
            "app_pages/profile.py",
            "Profile",
            ":material/badge:",
            "profile",
            "Everything that your profile says about you; correct it here.",
        ),
        NavItem(
            "app_pages/sources.py",
            "Sources",
            ":material/database:",
            "sources",
            "Where what is said of jobs, pay and skills comes from, and as of when.",
        ),
        NavItem(
            "app_pages/debug.py",
            "Debug",
            ":material/bug_report:",
            "debug",
            "The bridge as the user portal sees it.",
            Permission.OPERATE,
        ),
    ),
}
