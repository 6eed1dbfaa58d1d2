"""Roles, and what each may do."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """One thing that a role may or may not do."""

    READ_ALL = "read_all"
    EXPORT = "export"
    EDIT_ALL = "edit_all"
    OVERRIDE = "override"
    PUBLISH = "publish"
    INVITE = "invite"
    MANAGE_PEOPLE = "manage_people"
    OPERATE = "operate"
    EDIT_OWN = "edit_own"
    ADMIN_PORTAL = "admin_portal"
    USER_PORTAL = "user_portal"


class Role(StrEnum):
    """Who a person is to the product. SYSTEM is the product itself and scripts run by its operator."""

    OWNER = "owner"
    ADMIN = "admin"
    ANALYST = "analyst"
    CANDIDATE = "candidate"
    SYSTEM = "system"

    def may(self, permission: Permission) -> bool:
        """Whether this role has the permission."""
        return permission in _granted(self)

    @property
    def authority(self) -> int:
        """Rank in a conflict: an edit of higher authority wins over one of lower from the same base."""
        return 1 if self is Role.CANDIDATE else 2


def _granted(role: Role) -> frozenset[Permission]:
    analyst = {Permission.READ_ALL, Permission.EXPORT, Permission.ADMIN_PORTAL}
    admin = analyst | {
        Permission.EDIT_ALL,
        Permission.OVERRIDE,
        Permission.PUBLISH,
        Permission.INVITE,
        Permission.MANAGE_PEOPLE,
        Permission.OPERATE,
        Permission.USER_PORTAL,
    }
    match role:
        case Role.SYSTEM:
            return frozenset(Permission)
        case Role.OWNER | Role.ADMIN:
            return frozenset(admin)
        case Role.ANALYST:
            return frozenset(analyst)
        case Role.CANDIDATE:
            return frozenset({Permission.EDIT_OWN, Permission.USER_PORTAL})
