"""Who may hear that something has changed."""

from __future__ import annotations

import pytest

from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.portal_ui.process import _may_see

CARL = Actor("carl", Role.CANDIDATE)


@pytest.mark.parametrize(
    "kind", ["user_profile", "user_profile.work", "user_profile.basics.profiles", "account", "document"]
)
def test_a_candidate_hears_of_their_own_and_of_no_other_s(kind: str) -> None:
    assert _may_see(CARL, kind, "carl")
    assert not _may_see(CARL, kind, "dora")
    assert not _may_see(CARL, kind, None)


def test_what_is_for_all_and_what_is_for_colleagues() -> None:
    assert _may_see(CARL, "announcement", None)
    assert _may_see(CARL, "dataset", "onet")
    assert not _may_see(CARL, "setting", "site")
    assert not _may_see(CARL, "setting.user_profile", "carl")
    assert _may_see(Actor("ana", Role.ANALYST), "user_profile.work", "dora")
