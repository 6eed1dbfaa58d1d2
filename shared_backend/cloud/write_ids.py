"""Write ids that tell by themselves whether this installation made them.

What is noted of a write can be lost with the process that was about to note it. An id that is signed with a key from
the database needs no note: an object that carries one is ours, whatever was noted, and never somebody else's.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from shared_backend.database.engine import Database
from shared_backend.database.tables import CloudIdentityRow

_IDENTITY = CloudIdentityRow.__table__  # type: ignore[attr-defined]
_NAME = "writer"
# 80 random bits and 64 of the signature: 36 characters, as the journal keeps them.
_RANDOM, _SIGNATURE = 20, 16


class WriteIds:
    """Makes them and knows them again. The key is made with the first one and is the same in all processes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._key: bytes | None = None

    def new(self) -> str:
        """36 characters, never the same twice."""
        random = secrets.token_hex(_RANDOM // 2)
        return random + self._signature(random)

    def ours(self, write_id: str) -> bool:
        """Whether this installation made it."""
        if len(write_id) != _RANDOM + _SIGNATURE or not write_id.isascii():
            return False
        return hmac.compare_digest(self._signature(write_id[:_RANDOM]), write_id[_RANDOM:])

    def _signature(self, random: str) -> str:
        return hmac.new(self._own_key(), random.encode(), sha256).hexdigest()[:_SIGNATURE]

    def _own_key(self) -> bytes:
        if self._key is None:
            self._key = (self._stored() or self._made()).encode()
        return self._key

    def _stored(self) -> str | None:
        with self._database.read() as connection:
            found: str | None = connection.execute(select(_IDENTITY.c.value).where(_IDENTITY.c.name == _NAME)).scalar()
            return found

    def _made(self) -> str:
        value = secrets.token_hex(32)
        try:
            self._database.run(lambda uow: uow.connection.execute(insert(_IDENTITY), {"name": _NAME, "value": value}))
        except IntegrityError:
            # Another process was first; it is the same for both from here on.
            stored = self._stored()
            assert stored is not None
            return stored
        return value
