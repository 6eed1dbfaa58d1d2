"""What `sync_data` takes: several entities in one dictionary."""

from __future__ import annotations

from typing import Any

from shared_backend.utils.exception_handler import InvalidInput

_SHAPES = (
    'Give {"user_profile": {"<id>": {fields…}}, …}, or {"user_id": "<id>", "data": {fields…}}, '
    'or {"kind": "<kind>", "id": "<id>", "data": {fields…}}.'
)


def id_text(given: Any) -> Any:
    """An id as text. Numbers are ids too; whatever else is none is left as it is, and refused where ids are checked."""
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


def parse_sync(data: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """The (kind, id, fields) in the dictionary, sorted so that all writers lock in one order.

    Raises InvalidInput that shows the shapes that are understood.
    """
    if not isinstance(data, dict) or not data:
        raise InvalidInput(f"There is nothing to synchronise. {_SHAPES}")
    if "user_id" in data:
        fields = data.get("data", {key: value for key, value in data.items() if key != "user_id"})
        found = [("user_profile", id_text(data["user_id"]), fields)]
    elif {"kind", "id", "data"} <= data.keys():
        found = [(data["kind"], id_text(data["id"]), data["data"])]
    else:
        found = []
        for kind, by_id in data.items():
            if not isinstance(by_id, dict):
                raise InvalidInput(f"Under {kind!r} there must be a dictionary of ids. {_SHAPES}")
            found += [(kind, id_text(entity_id), fields) for entity_id, fields in by_id.items()]
    return sorted(found, key=lambda item: (str(item[0]), str(item[1])))
