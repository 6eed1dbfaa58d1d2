"""Why somebody is not let in.

SignInRequired
└── WrongCredentials   401  one answer for an unknown e-mail, a wrong password and an account without one
PermissionDenied
├── AccountLocked      403
└── WrongPortal        403  the account is for the other portal
Gone
└── LinkUnusable       410  used, expired, replaced or never issued: deliberately not told apart
"""

from __future__ import annotations

from shared_backend.utils.exception_handler import Gone, PermissionDenied, SignInRequired


class WrongCredentials(SignInRequired):
    """The e-mail or password is wrong."""

    code = "wrong_credentials"


class AccountLocked(PermissionDenied):
    """This account is locked. Ask an administrator of your company to unlock it."""

    code = "account_locked"


class WrongPortal(PermissionDenied):
    """This account is for the other portal."""

    code = "wrong_portal"

    def __init__(self, message: str | None = None, *, address: str = "") -> None:
        super().__init__(message)
        self.address = address


class LinkUnusable(Gone):
    """This link has been used or has expired. Ask whoever sent it for a new one."""

    code = "link_unusable"
