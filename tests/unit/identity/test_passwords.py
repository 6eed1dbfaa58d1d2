from __future__ import annotations

import pytest

from shared_backend.utils.exception_handler import InvalidInput
from tests.support.people import CountingPasswords, quick_passwords


def test_the_hash_is_argon2id_with_the_defaults_of_the_rfc() -> None:
    from shared_backend.identity.passwords import Passwords

    assert Passwords().hash("correct horse battery").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_verifies_its_own_hash_only() -> None:
    passwords = quick_passwords()
    hashed = passwords.hash("correct horse battery")
    assert passwords.verify("correct horse battery", hashed)
    assert not passwords.verify("correct horse batterz", hashed)
    assert not passwords.verify("correct horse battery", "not a hash")


def test_without_an_account_the_same_work_is_done() -> None:
    passwords = CountingPasswords()
    hashed = passwords.hash("correct horse battery")
    passwords.verify("anything at all", hashed)
    assert passwords.verified == 1
    assert not passwords.verify("anything at all", None)
    assert passwords.verified == 2


def test_accents_are_the_same_however_they_were_composed() -> None:
    passwords = quick_passwords()
    assert passwords.verify("cafe\u0301 au lait", passwords.hash("caf\u00e9 au lait"))


def test_a_hash_made_with_less_work_is_made_again() -> None:
    old, new = quick_passwords(time_cost=1), quick_passwords(time_cost=2)
    hashed = old.hash("correct horse battery")
    again = new.rehashed("correct horse battery", hashed)
    assert again is not None
    assert new.verify("correct horse battery", again)
    assert new.rehashed("correct horse battery", again) is None


@pytest.mark.parametrize(
    "password",
    ["", "short", "x" * 9, "aaaaaaaaaaaa", "ababababab", "1234567890", "0987654321", "abcdefghij", "Password123!",
     "password12", "Qwertyuiop1", "intellicv2030", "ada.lovelace", "ada.lovelace@example.org", "Ada.Lovelace1815",
     "adalovelace1", "Ada Lovelace!", "lovely\x00rhododendron", "lovely\trhododendron", "x" * 1025],
)  # fmt: skip
def test_what_would_be_guessed_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput):
        quick_passwords().check(password, email="ada.lovelace@example.org", name="Ada Lovelace")


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "גן של ורדים", "🎻🎺🥁🎷🎸🪕🎹🪗🎤🎧", "9!@#$^&*()_+", "tr0ub4dor&3", "xY7z-" * 200],
)
def test_what_is_good_is_taken(password: str) -> None:
    quick_passwords().check(password, email="ada.lovelace@example.org", name="Ada Lovelace")


def test_a_huge_password_costs_nothing() -> None:
    passwords = CountingPasswords()
    with pytest.raises(InvalidInput, match="1,024"):
        passwords.check_size("x" * 50_000_000)
    assert passwords.verified == 0
