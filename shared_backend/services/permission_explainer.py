"""Why a role may or may not do something, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission, Role

WORDS: Final[Mapping[Permission, str]] = MappingProxyType(
    {
        Permission.READ_ALL: "read all candidates, conflicts and events",
        Permission.EXPORT: "export lists as files",
        Permission.EDIT_ALL: "edit any candidate and decide conflicts",
        Permission.OVERRIDE: "override what others have written",
        Permission.PUBLISH: "write, publish and withdraw announcements",
        Permission.INVITE: "invite people",
        Permission.MANAGE_PEOPLE: "change roles, lock accounts and reset passwords",
        Permission.OPERATE: "operate the product: clouds, secrets, canaries and the debug pages",
        Permission.EDIT_OWN: "edit their own profile",
        Permission.ADMIN_PORTAL: "enter the admin portal",
        Permission.USER_PORTAL: "enter the user portal",
    }
)
PEOPLE: Final = (Role.OWNER, Role.ADMIN, Role.ANALYST, Role.CANDIDATE)


@dataclass(frozen=True)
class Explanation:
    """The answer: yes or no, why, and what would change it."""

    allowed: bool
    why: str
    way: str


def explain(role: Role, permission: Permission, *, actor: Actor) -> Explanation:
    """Why people of a role may or may not do what a permission allows. Raises PermissionDenied."""
    actor.require(Permission.OPERATE, "examine permissions")
    holders = [each for each in PEOPLE if each.may(permission)]
    names = _listed([named(each) for each in holders])
    if role.may(permission):
        return Explanation(
            True,
            f"{named(role).capitalize()} have the permission “{permission}”. Roles that have it: {names}.",
            "It ends for one person when they are given another role or are locked: at once, in their open tabs too.",
        )
    way = f"Give the person a role that has it ({names}), or ask somebody who has."
    if permission is Permission.EDIT_OWN:
        way = "Only candidates have a profile of their own. Edit a candidate's on their page in the admin portal."
    return Explanation(
        False,
        f"{named(role).capitalize()} lack the permission “{permission}”; {names} have it. The page does not offer it "
        "and the service refuses it, whoever asks.",
        way,
    )


def named(role: Role) -> str:
    """People of the role: `analysts`."""
    return {Role.OWNER: "owners", Role.ADMIN: "administrators", Role.ANALYST: "analysts"}.get(role, f"{role}s")


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
