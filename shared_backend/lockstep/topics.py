"""What changed last, by entity and by kind, in memory: what a thousand open tabs compare with, instead of asking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shared_backend.lockstep.event_log import Event
from shared_backend.lockstep.fields import part_of

WHOLE = "*"
# A restore, too, brings back what is deleted; its event doesn't say whether it did.
_OF_THE_WHOLE = frozenset({"delete", "undelete", "restore"})


def part_kind(kind: str, part: str) -> str:
    """The topic's kind for one part of an entity, such as `user_profile.work`; WHOLE is for what becomes of all of it:
    deleting it and bringing it back, and whatever else names no field."""
    return f"{kind}.{part}"


def entity_kind(kind: str) -> str:
    """The kind of the entity that a topic's kind is about."""
    return kind.partition(".")[0]


def entity_topics(event: Event) -> Iterator[tuple[str, str]]:
    """The entity that an event is about, and the parts of it that have changed."""
    if event.kind is None or event.entity_id is None:
        return
    yield event.kind, event.entity_id
    changed = event.data.get("changed")
    parts = {part_of(path) for path in changed} if isinstance(changed, list) else set()
    # The parts as well: who shows one of them alone must hear that it is gone.
    if not parts or event.data.get("action") in _OF_THE_WHOLE:
        parts.add(WHOLE)
    for part in sorted(parts):
        yield part_kind(event.kind, part), event.entity_id


class Topics:
    """seq of the last change of each entity that changed while this process watched. Bounded: what is dropped raises
    the baseline, so that a dropped topic looks changed rather than unchanged.

    Written by the watcher's thread alone; read by any (dictionary reads and attribute reads are atomic).
    """

    def __init__(self, *, limit: int = 50_000) -> None:
        self.baseline = 0
        self._limit = limit
        self._entities: dict[tuple[str, str], int] = {}
        self._kinds: dict[str, int] = {}

    def note(self, events: Iterable[Event]) -> None:
        """Takes in events, in their order."""
        for event in events:
            if event.kind is None:
                continue
            self._kinds[event.kind] = event.seq
            for topic in entity_topics(event):
                self._entities[topic] = event.seq
        if len(self._entities) > self._limit:
            self._shrink()

    def seq(self, kind: str, entity_id: str | None = None) -> int:
        """The last change of an entity, or of any entity of a kind; at least the baseline."""
        found = self._kinds.get(kind) if entity_id is None else self._entities.get((kind, entity_id))
        return max(found or 0, self.baseline)

    def reset(self, baseline: int) -> None:
        """Forgets all: everything looks changed to whoever drew before `baseline`."""
        self._entities, self._kinds, self.baseline = {}, {}, baseline

    def _shrink(self) -> None:
        ordered = sorted(self._entities.items(), key=lambda item: item[1])
        dropped = ordered[: len(ordered) // 2]
        self._entities = dict(ordered[len(ordered) // 2 :])
        self.baseline = max(self.baseline, dropped[-1][1])
