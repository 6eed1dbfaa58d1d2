"""From ESCO to O*NET and back. The published crosswalk has codes of O*NET-SOC 2010; here they are today's."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Literal

from shared_backend.data_management.dataset import ESCO
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.occupation_index import OccupationIndex
from shared_backend.data_management.occupations import Occupations

How = Literal["title", "code", "group"]


class Crosswalk:
    """`to_onet`: ESCO id → (O*NET code, how it was found, confidence as published: 0.5, 1 or 2).

    A pair is found by the published title, as codes were given to other occupations since; else by the code, or by the
    SOC occupation that the code was a part of. A pair that can't be found so is left out rather than guessed.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._esco = knowledge[ESCO]
        self._occupations = knowledge.view(Occupations)
        self._index = knowledge.view(OccupationIndex)
        self.to_onet: dict[str, tuple[str, How, float]] = {}
        self._of_onet: dict[str, list[str]] = defaultdict(list)
        today: dict[tuple[str, str], tuple[str, How] | None] = {}
        for key, (code, title, confidence) in self._esco.table("crosswalk").items():
            if (code, title) not in today:
                today[code, title] = self._today(code, title)
            found = today[code, title]
            if found is not None:
                self.to_onet[key] = (*found, confidence)
                self._of_onet[found[0]].append(key)

    def esco_of(self, code: str) -> list[dict[str, Any]]:
        """ESCO occupations of an O*NET occupation: id, label, ISCO group, confidence; the surest first."""
        occupations = self._esco.table("occupations")
        found = [
            {"id": key, "label": occupations[key][0], "isco": occupations[key][1], "confidence": self.to_onet[key][2]}
            for key in self._of_onet.get(code, ())
        ]
        return sorted(found, key=lambda each: (-each["confidence"], each["label"]))

    def _today(self, code: str, title: str) -> tuple[str, How] | None:
        exact = self._index.codes(title)
        if code in exact:
            return code, "code"
        # An alternate title is the same occupation only where it is that of one.
        if len(exact) == 1:
            return exact[0], "title"
        if code in self._occupations:
            return code, "code"
        group = f"{code[:7]}.00"
        return (group, "group") if group in self._occupations else None
