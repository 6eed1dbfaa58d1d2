from __future__ import annotations

import pytest

from shared_backend.identity.actor import Actor
from shared_backend.identity.policy import check_may_grant, parse_role
from shared_backend.identity.portals import Portal, home_of
from shared_backend.identity.roles import Role
from shared_backend.utils.exception_handler import InvalidInput, PermissionDenied

ORDER = [Role.CANDIDATE, Role.ANALYST, Role.ADMIN, Role.OWNER]


@pytest.mark.parametrize("own", ORDER)
@pytest.mark.parametrize("wanted", ORDER)
def test_nobody_grants_more_than_they_are(own: Role, wanted: Role) -> None:
    actor = Actor("id", own)
    if ORDER.index(wanted) <= ORDER.index(own):
        check_may_grant(actor, wanted)
    else:
        with pytest.raises(PermissionDenied):
            check_may_grant(actor, wanted)


@pytest.mark.parametrize("role", ["system", "root", "", "Owner", "admin "])
def test_only_roles_that_people_have_are_roles(role: str) -> None:
    with pytest.raises(InvalidInput, match="owner, admin, analyst, candidate"):
        parse_role(role)


def test_who_may_enter_where() -> None:
    admitted = {(str(portal), str(role)) for portal in Portal for role in Role if portal.admits(role)}
    assert admitted == {
        ("admin_portal", "owner"),
        ("admin_portal", "admin"),
        ("admin_portal", "analyst"),
        ("user_portal", "owner"),
        ("user_portal", "admin"),
        ("user_portal", "candidate"),
    }
    assert all(home_of(role).admits(role) for role in ORDER)


def test_each_portal_has_its_own_cookie() -> None:
    assert len({portal.cookie_name for portal in Portal}) == 2
