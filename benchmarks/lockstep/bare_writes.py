"""The control of the write benchmark: the same rows with the same durability, by the bare driver."""

from __future__ import annotations

import sqlite3
import uuid
from datetime import UTC, datetime
from typing import Any

from shared_backend.database.engine import Database
from shared_backend.database.types import to_json

KIND, ENTITY = "user_profile", "bare"

_VERSION = (
    "INSERT INTO entity_version (kind, entity_id, version, base_version, action, deleted, data, changed, authority,"
    " author_id, author_name, source, at, correlation_id) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
_HEAD = (
    "UPDATE entity_head SET version=?, deleted=?, data=?, label=?, status=?, search_text=?, score=?, updated_at=?,"
    " updated_by=?, updated_by_name=?, updated_source=? WHERE kind=? AND entity_id=?"
)
_AUDIT = (
    "INSERT INTO audit (id, at, actor_id, actor_name, actor_role, source, action, subject_kind, subject_id, before,"
    " after, correlation_id) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
)
_COUNTER = "UPDATE log_counter SET seq = seq + 1 RETURNING epoch, seq"
_EVENT = (
    "INSERT INTO event (seq, event_id, type, source, actor_id, actor_name, kind, entity_id, version, data, at,"
    " correlation_id) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
)


class BareWriter:
    """Writes what one save writes, one transaction each: no check, no merge, no question asked."""

    def __init__(self, database: Database, data: dict[str, Any], version: int) -> None:
        self._data = to_json(data)
        self._version = version
        self._connection = database.connect_raw()
        self._sqlite = isinstance(self._connection, sqlite3.Connection)
        mark = "?" if self._sqlite else "%s"
        self._sql = {
            name: text.replace("?", mark)
            for name, text in (
                ("version", _VERSION),
                ("head", _HEAD),
                ("audit", _AUDIT),
                ("counter", _COUNTER),
                ("event", _EVENT),
            )
        }

    def write(self) -> None:
        """One transaction."""
        now: Any = datetime.now(UTC)
        if self._sqlite:
            now = now.replace(tzinfo=None).isoformat(" ")
        self._version += 1
        no: Any = 0 if self._sqlite else False
        run = self._connection.execute
        run("BEGIN IMMEDIATE" if self._sqlite else "BEGIN")
        head = (KIND, ENTITY, self._version, self._version - 1, "update", no, self._data, '["basics.label"]', 2)
        run(self._sql["version"], (*head, "system:script", "script", "admin_portal", now, "0123456789abcdef"))
        moved = (self._version, no, self._data, "Ada", "Engineer", "ada engineer", 25, now, "system:script", "script")
        run(self._sql["head"], (*moved, "admin_portal", KIND, ENTITY))
        who = (str(uuid.uuid4()), now, "system:script", "script", "system", "admin_portal", "user_profile.update")
        changes = ('{"basics.label":"before"}', '{"basics.label":"after"}', "0123456789abcdef")
        run(self._sql["audit"], (*who, KIND, ENTITY, *changes))
        _epoch, seq = run(self._sql["counter"]).fetchone()
        told = '{"action":"update","changed":["basics.label"],"user_id":"bare"}'
        event = (seq, str(uuid.uuid4()), "user_update", "admin_portal", "system:script", "script", KIND, ENTITY)
        run(self._sql["event"], (*event, self._version, told, now, "0123456789abcdef"))
        run("COMMIT")

    def close(self) -> None:
        """Lets go of the connection."""
        self._connection.close()
