"""What a page or a socket can listen to, and how its names look on the wire.

A topic is (kind, entity_id): one entity, or with None every entity of the kind. The kind `ack` is special: its id is
"<kind>:<entity id>:<version>", and it tells of acknowledgements of that one version.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from shared_backend.lockstep.requests import ENTITY_ID
from shared_backend.utils.exception_handler import InvalidInput

Topic = tuple[str, str | None]
ShownItem = tuple[str, str, int]

ACK = "ack"
NAME_MAX = 240  # characters of a kind or an id; ids are account ids, job titles or short slugs
NUMBER_MAX = 2**53 - 1  # what a browser's number holds exactly
_KIND: Final = re.compile(r"[a-z_]{1,40}")


def ack_topic(kind: str, entity_id: str, version: int) -> Topic:
    """The topic of the acknowledgements of one version."""
    return (ACK, f"{kind}:{entity_id}:{version}")


def ack_subject(topic: Topic) -> tuple[str, str]:
    """(kind, entity_id) that an acknowledgement topic is about. Raises InvalidInput when it is not of that form."""
    kind, separator, rest = (topic[1] or "").partition(":")
    entity_id, last, version = rest.rpartition(":")
    if not (separator and last and kind and entity_id and version.isdigit()):
        raise InvalidInput("An acknowledgement is named kind:id:version.")
    return kind, entity_id


def parse_topics(raw: Any, *, limit: int) -> dict[Topic, int]:
    """`[[kind, id or null, drawn at], …]` as topic → the mark that the page was drawn at (0 when it gave none).

    Raises InvalidInput on anything else, and when there are more than `limit`.
    """
    topics: dict[Topic, int] = {}
    for row in _rows(raw, limit):
        if len(row) not in (2, 3):
            raise InvalidInput("A topic is [kind, id, drawn at].")
        since = row[2] if len(row) == 3 else 0
        topics[(_name(row[0]), None if row[1] is None else _name(row[1]))] = _number(since)
    return topics


def parse_shown(raw: Any, *, limit: int) -> list[ShownItem]:
    """`[[kind, id, version], …]` as tuples. Raises InvalidInput on anything else, on names that no entity can have, and
    beyond `limit`."""
    items: list[ShownItem] = []
    for row in _rows(raw, limit):
        if len(row) != 3:
            raise InvalidInput("What was shown is [kind, id, version].")
        version = _number(row[2])
        if version < 1:
            raise InvalidInput("A version counts from 1.")
        kind, entity_id = _name(row[0]), _name(row[1])
        if not _KIND.fullmatch(kind) or not ENTITY_ID.fullmatch(entity_id):
            raise InvalidInput("No entity has such a kind or id.")
        items.append((kind, entity_id, version))
    return items


def _rows(raw: Any, limit: int) -> Iterable[list[Any]]:
    if not isinstance(raw, list) or not all(isinstance(row, list) for row in raw):
        raise InvalidInput("A list of lists was expected.")
    if len(raw) > limit:
        raise InvalidInput(f"At most {limit} at once.")
    return raw


def _name(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= NAME_MAX:
        raise InvalidInput(f"A name is a text of 1 to {NAME_MAX} characters.")
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= NUMBER_MAX:
        raise InvalidInput("A whole number from 0 was expected.")
    return value
