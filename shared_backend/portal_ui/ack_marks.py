"""Which acknowledgements have moved since a page was drawn, in memory."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable

from shared_backend.portal_ui.topics import Topic

KEPT = 10_000  # topics; a writer looks at the status of a save for minutes, not for ten thousand saves


class AckMarks:
    """A counter that grows with every acknowledgement change, and for each `ack` topic its value at the last change.

    Acknowledgements have no place in the log (a thousand readers would flood it), so this counter is what a page's
    status line compares with. It belongs to one process: `process` names it, and a mark of another process is stale.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self.process = secrets.token_hex(8)
        self._kept = kept
        self._lock = threading.Lock()
        self._count = 0
        self._floor = 0
        self._marks: OrderedDict[Topic, int] = OrderedDict()

    @property
    def count(self) -> int:
        return self._count

    def moved(self, topics: Iterable[Topic]) -> dict[Topic, int]:
        """Note that these changed; answers the new mark of each."""
        with self._lock:
            self._count += 1
            marks = dict.fromkeys(topics, self._count)
            for topic in marks:
                self._marks[topic] = self._count
                self._marks.move_to_end(topic)
            while len(self._marks) > self._kept:
                _, self._floor = self._marks.popitem(last=False)
            return marks

    def mark(self, topic: Topic) -> int:
        """The counter at the topic's last change; for a topic no longer kept, a value that is never too low."""
        with self._lock:
            return self._marks.get(topic, self._floor)
