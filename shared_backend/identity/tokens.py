"""Tokens: 32 random bytes that the person's browser keeps, of which the database has only the SHA-256."""

from __future__ import annotations

import hashlib
import secrets

_BYTES = 32
_LONGEST = 128


def new_token() -> str:
    """A token: 256 bits, in characters that fit into a cookie and a fragment."""
    return secrets.token_urlsafe(_BYTES)


def token_hash(token: str | None) -> str | None:
    """What is stored and looked up. None for what can't be one of our tokens.

    Plain SHA-256: 256 random bits can't be guessed, so there is nothing for a slow hash to protect.
    """
    if not isinstance(token, str) or not token or len(token) > _LONGEST or not token.isascii():
        return None
    return hashlib.sha256(token.encode("ascii")).hexdigest()
