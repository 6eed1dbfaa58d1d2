"""Who is acting."""

from __future__ import annotations

from dataclasses import dataclass

from shared_backend.identity.roles import Permission, Role
from shared_backend.utils.exception_handler import PermissionDenied


@dataclass(frozen=True)
class Actor:
    """The person, or the product itself, on whose behalf a service is called. `id` is the account's."""

    id: str
    role: Role
    name: str = ""
    session_id: str | None = None

    @classmethod
    def system(cls, name: str = "script") -> Actor:
        """The product itself, or a script that its operator runs on a machine that holds the database's keys."""
        return cls(id=f"system:{name}", role=Role.SYSTEM, name=name)

    def may(self, permission: Permission) -> bool:
        """Whether the actor's role has the permission."""
        return self.role.may(permission)

    def require(self, permission: Permission, to: str) -> None:
        """Raises PermissionDenied with what was attempted (`to`: "publish announcements")."""
        if not self.may(permission):
            raise PermissionDenied(f"Your account ({self.role}) may not {to}. Ask an administrator of your company.")
