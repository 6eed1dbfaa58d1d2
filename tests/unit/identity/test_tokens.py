from __future__ import annotations

import hashlib

import pytest

from shared_backend.identity.tokens import new_token, token_hash


def test_a_token_has_256_bits_and_is_never_the_same() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(len(token) == 43 for token in tokens)


def test_stored_is_the_hash() -> None:
    assert token_hash("abc") == hashlib.sha256(b"abc").hexdigest()


@pytest.mark.parametrize("token", [None, "", "x" * 129, "x" * 10_000_000, "é", "\ud800"])
def test_what_cannot_be_a_token_is_not_looked_up(token: str | None) -> None:
    assert token_hash(token) is None
