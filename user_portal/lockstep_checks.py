"""What the monitor looks at, with statements of its own over the bare driver: no code of what it checks is used here.

Each check answers (what is wrong, words for when nothing is), reads in one transaction and streams, so that a log of
any length fits in memory.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

_PAGE = 2_000

Finding = tuple[list[str], str]


class RawDatabase:
    """The bare driver, reading only, all in one transaction: what is read is of one moment."""

    def __init__(self, url: str) -> None:
        scheme, _, rest = url.partition("://")
        self._postgres = scheme.startswith("postgres")
        self._connection: Any
        if self._postgres:
            import psycopg

            self._connection = psycopg.connect(f"postgresql://{rest}", connect_timeout=5)
            self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            self._connection.read_only = True
        else:
            import sqlite3
            from urllib.parse import quote

            path = f"file:{quote(rest.removeprefix('/'))}?mode=ro"
            self._connection = sqlite3.connect(path, uri=True, timeout=5.0, isolation_level=None)
            self._connection.execute("BEGIN")

    def rows(self, statement: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement, a page at a time, so that a long log fits in memory. `?` stands for a value."""
        if self._postgres:
            with self._connection.cursor(name=f"monitor_{uuid.uuid4().hex}") as cursor:
                cursor.itersize = _PAGE
                cursor.execute(statement.replace("?", "%s"), values)
                yield from cursor
        else:
            yield from self._connection.execute(statement, values)

    def one(self, statement: str, *values: Any) -> tuple[Any, ...]:
        """The first row."""
        return next(iter(list(self.rows(statement, *values))))

    def renew(self) -> None:
        """Begins a new transaction: what is read from here on is of a later moment."""
        self._connection.rollback()
        if not self._postgres:
            self._connection.execute("BEGIN")

    def close(self) -> None:
        """Ends the transaction and the connection."""
        self._connection.close()


def fields_of(state: Any, path: str = "") -> dict[str, str]:
    """A state as path → canonical JSON. Lists of objects with ids are taken apart by id; their order is `path[]`."""
    found: dict[str, str] = {}
    for key, value in state.items():
        here = f"{path}.{key}" if path else key
        if value is None or value == []:
            continue
        if isinstance(value, dict):
            found |= fields_of(value, here)
        elif isinstance(value, list) and all(isinstance(entry, dict) and "id" in entry for entry in value):
            found[f"{here}[]"] = json.dumps([entry["id"] for entry in value])
            for entry in value:
                inside = {name: part for name, part in entry.items() if name != "id"}
                found |= fields_of(inside, f"{here}[{entry['id']}]")
        else:
            found[here] = json.dumps(value, sort_keys=True)
    return found


def check_counters(raw: RawDatabase) -> Finding:
    """One counter row; the numbers in the log are floor + 1 … seq, each once."""
    counters = list(raw.rows("SELECT epoch, seq, floor FROM log_counter"))
    if len(counters) != 1:
        return [f"the log has {len(counters)} counters instead of one"], ""
    _epoch, seq, floor = counters[0]
    problems = [] if 0 <= floor <= seq else [f"the floor {floor} is not between 0 and the counter {seq}"]
    count, low, high = raw.one("SELECT count(*), min(seq), max(seq) FROM event")
    if count != seq - floor or (count and (low != floor + 1 or high != seq)):
        problems += _missing(raw, floor, seq) or [f"the log holds {count} events from {low} to {high}"]
    (acks,) = raw.one("SELECT count(*) FROM ack_counter")
    if acks != 1:
        problems.append(f"acknowledgements have {acks} counters instead of one")
    else:
        late = raw.one("SELECT count(*) FROM acknowledgement WHERE ack_seq > (SELECT seq FROM ack_counter)")[0]
        problems += [f"{late} acknowledgements bear numbers that were never given out"] if late else []
    return problems, f"{count:,} events, {floor + 1:,} to {seq:,}, none missing" if count else "the log is empty"


def _missing(raw: RawDatabase, floor: int, seq: int) -> list[str]:
    problems, expected = [], floor + 1
    for (number,) in raw.rows("SELECT seq FROM event ORDER BY seq"):
        if number != expected:
            last = number - 1
            gap = f"event {expected}" if last == expected else f"events {expected} to {last}"
            problems.append(f"{gap} missing" if number > expected else f"event {number} is below the floor {floor}")
        expected = number + 1
    if expected != seq + 1:
        problems.append(f"the log ends at {expected - 1} and the counter says {seq}")
    return problems


_VERSIONS = """
SELECT v.kind, v.entity_id, v.version, v.base_version, v.action, v.deleted, v.data, v.changed,
       h.version, h.deleted, CASE WHEN h.version = v.version THEN h.data END
FROM entity_version v LEFT JOIN entity_head h ON h.kind = v.kind AND h.entity_id = v.entity_id
ORDER BY v.kind, v.entity_id, v.version
"""
_BODILESS = """
SELECT h.kind, h.entity_id FROM entity_head h WHERE NOT EXISTS
  (SELECT 1 FROM entity_version v WHERE v.kind = h.kind AND v.entity_id = h.entity_id)
"""


def check_heads(raw: RawDatabase) -> Finding:
    """Each entity's versions run 1, 2, 3 …; `changed` leads from each to the next; the head is where that ends."""
    problems = [f"the head of {kind} {entity_id} has no versions" for kind, entity_id in raw.rows(_BODILESS)]
    entity: tuple[str, str] | None = None
    count = entities = previous = 0
    folded: dict[str, str] = {}
    head: tuple[Any, Any, Any] = (None, None, None)
    deleted = False

    def finish() -> None:
        if entity is not None:
            problems.extend(
                f"{entity[0]} {entity[1]}: {words}" for words in _head_problems(head, previous, deleted, folded)
            )

    for kind, entity_id, number, base, action, gone, data, changed, head_version, head_gone, head_data in raw.rows(
        _VERSIONS
    ):
        if (kind, entity_id) != entity:
            finish()
            entity, previous, folded, entities = (kind, entity_id), 0, {}, entities + 1
        state = fields_of(json.loads(data))
        told = set(json.loads(changed))
        differing = {path for path in folded.keys() | state.keys() if folded.get(path) != state.get(path)}
        if number != previous + 1:
            problems.append(f"{kind} {entity_id}: version {previous + 1} is missing before version {number}")
        elif differing != told:
            paths = ", ".join(sorted(differing ^ told)[:3])
            problems.append(f"{kind} {entity_id}: version {number} does not say truly what it changed ({paths})")
        if not 0 <= base < number:
            problems.append(f"{kind} {entity_id}: version {number} claims to start from version {base}")
        if bool(gone) != (action == "delete"):
            problems.append(f"{kind} {entity_id}: version {number} is a {action}, and deleted is {bool(gone)}")
        # Applied step by step, as a reader of the log would: not copied from the newest state.
        folded = {path: value for path, value in folded.items() if path not in told}
        folded |= {path: state[path] for path in told if path in state}
        previous, head, deleted, count = number, (head_version, head_gone, head_data), bool(gone), count + 1
    finish()
    return problems, f"{entities:,} entities in {count:,} versions lead to their heads"


def _head_problems(head: tuple[Any, Any, Any], last: int, deleted: bool, folded: dict[str, str]) -> list[str]:
    version, gone, data = head
    if version is None:
        return ["versions without a head"]
    if version != last:
        return [f"the head is version {version}, and the newest version is {last}"]
    problems = []
    if bool(gone) != deleted:
        problems.append(f"the head says deleted is {bool(gone)}, its version says {deleted}")
    if fields_of(json.loads(data)) != folded:
        problems.append("the head's data is not what its versions add up to")
    return problems


_LOG = """
SELECT e.seq, e.kind, e.entity_id, e.version, e.data, v.version, v.changed, v.action
FROM event e LEFT JOIN entity_version v ON v.kind = e.kind AND v.entity_id = e.entity_id AND v.version = e.version
WHERE e.version IS NOT NULL ORDER BY e.seq
"""


def check_log(raw: RawDatabase) -> Finding:
    """Folds the log over the versions: event by event, each entity must move one version on, and end at its head."""
    (floor,) = raw.one("SELECT floor FROM log_counter")
    problems: list[str] = []
    reached: dict[tuple[str, str], int] = {}
    count = 0
    for seq, kind, entity_id, number, data, found, changed, action in raw.rows(_LOG):
        count += 1
        before = reached.get((kind, entity_id))
        reached[kind, entity_id] = number
        told = json.loads(data)
        if found is None:
            problems.append(f"event {seq} tells of version {number} of {kind} {entity_id}, which does not exist")
        elif told.get("changed") != json.loads(changed) or told.get("action") not in (action, "update"):
            problems.append(f"event {seq} does not tell what version {number} of {kind} {entity_id} changed")
        # The first event that a trimmed log still holds of an entity may tell of any version.
        if number != (before or 0) + 1 and (before is not None or floor == 0):
            problems.append(f"event {seq} takes {kind} {entity_id} from version {before or 0} to version {number}")
    for kind, entity_id, version in raw.rows("SELECT kind, entity_id, version FROM entity_head"):
        last = reached.get((kind, entity_id))
        if last is None and floor:
            continue
        if last != version:
            problems.append(f"the log leads {kind} {entity_id} to version {last or 0}, its head is version {version}")
    return problems, f"{count:,} events lead {len(reached):,} entities to their heads"


_LOOSE = {
    "acknowledgements of versions that do not exist": """
        SELECT count(*) FROM acknowledgement a WHERE a.kind <> 'canary' AND NOT EXISTS (SELECT 1 FROM entity_version v
        WHERE v.kind = a.kind AND v.entity_id = a.entity_id AND v.version = a.version)""",
    "conflicts about versions that do not exist": """
        SELECT count(*) FROM conflict c WHERE NOT EXISTS (SELECT 1 FROM entity_version v
        WHERE v.kind = c.kind AND v.entity_id = c.entity_id AND v.version = c.version)""",
    "consumers ahead of the log": """
        SELECT count(*) FROM consumer c, log_counter l WHERE c.epoch = l.epoch AND c.seq > l.seq""",
}


def check_orphans(raw: RawDatabase) -> Finding:
    """Nothing points to what is not there."""
    counts = {what: raw.one(statement)[0] for what, statement in _LOOSE.items()}
    return [f"{count:,} {what}" for what, count in counts.items() if count], "nothing points into the void"
