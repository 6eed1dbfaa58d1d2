"""Who may do what to whom."""

from __future__ import annotations

from shared_backend.identity.accounts import Account
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.utils.exception_handler import InvalidInput, PermissionDenied

_RANKS = {Role.CANDIDATE: 0, Role.ANALYST: 1, Role.ADMIN: 2, Role.OWNER: 3, Role.SYSTEM: 4}


def parse_role(role: str) -> Role:
    """A role that a person can have. Raises InvalidInput naming those there are."""
    try:
        found = Role(role)
    except ValueError:
        found = Role.SYSTEM
    if found is Role.SYSTEM:
        known = ", ".join(str(each) for each in Role if each is not Role.SYSTEM)
        raise InvalidInput(f"There is no role of that name. Choose one of: {known}.")
    return found


def check_may_grant(actor: Actor, role: Role) -> None:
    """Raises PermissionDenied for a role above the actor's own."""
    if _RANKS[role] > _RANKS[actor.role]:
        raise PermissionDenied(f"You are {_an(actor.role)}, so you can't make anybody {_an(role)}.")


def check_may_touch(actor: Actor, account: Account, to: str) -> None:
    """Raises PermissionDenied for an account whose role is above the actor's. `to`: "lock this account"."""
    if _RANKS[account.role] > _RANKS[actor.role]:
        raise PermissionDenied(f"You are {_an(actor.role)}, so you can't {to}: it is {_an(account.role)}'s.")


def _an(role: Role) -> str:
    return {Role.OWNER: "an owner", Role.ADMIN: "an administrator", Role.ANALYST: "an analyst"}.get(role, f"a {role}")
