"""What changed last, by entity and by kind, in memory: what a thousand open tabs compare with, instead of asking."""

from __future__ import annotations

from collections.abc import Iterable

from shared_backend.lockstep.event_log import Event


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
            if event.entity_id is not None:
                self._entities[event.kind, event.entity_id] = event.seq
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
