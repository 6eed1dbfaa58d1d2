"""The two portals as far as signing in is concerned: names, cookies, addresses, and who may enter."""

from __future__ import annotations

from enum import StrEnum

from shared_backend.config.backend_config import Settings
from shared_backend.identity.roles import Permission, Role


class Portal(StrEnum):
    """A portal that a person signs in to."""

    ADMIN = "admin_portal"
    USER = "user_portal"

    @property
    def label(self) -> str:
        """As it is called in a sentence."""
        return "admin portal" if self is Portal.ADMIN else "user portal"

    @property
    def cookie_name(self) -> str:
        """Cookies have no port, so two portals on one host need two names."""
        return "intellicv_admin_session" if self is Portal.ADMIN else "intellicv_user_session"

    def address(self, settings: Settings) -> str:
        """The portal's public address, without a slash at the end."""
        return settings.admin_url if self is Portal.ADMIN else settings.user_url

    def admits(self, role: Role) -> bool:
        """Whether people of the role may enter."""
        return role is not Role.SYSTEM and role.may(
            Permission.ADMIN_PORTAL if self is Portal.ADMIN else Permission.USER_PORTAL
        )


def home_of(role: Role) -> Portal:
    """The portal that people of the role are invited to."""
    return Portal.USER if role is Role.CANDIDATE else Portal.ADMIN
