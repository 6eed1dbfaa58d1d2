"""The lexical index over O*NET's titles."""

from __future__ import annotations

import numpy as np

from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.occupations import Occupations
from shared_backend.data_management.title_index import TitleIndex, grouped_labels


class OnetTitles:
    """Every title of every occupation: a view that is made on first use, as it takes a second."""

    def __init__(self, knowledge: Knowledge) -> None:
        occupations = knowledge.view(Occupations)
        self.codes = list(occupations)
        owned = (
            [occupations.title(code), *occupations.reported(code), *occupations.titles(code)] for code in self.codes
        )
        self.index = TitleIndex(*grouped_labels(owned))

    def scores(self, text: str) -> dict[str, float]:
        """The score of each occupation, 0 to 1."""
        return dict(zip(self.codes, map(float, self.index.scores(text)), strict=True))

    def search(self, text: str, limit: int) -> list[tuple[str, str, float]]:
        """(code, the label that fits best, score), the best first; none of score 0."""
        scores = self.index.scores(text)
        best = np.argsort(-scores, kind="stable")[:limit]
        return [
            (self.codes[at], self.index.best_label(text, int(at)), round(float(scores[at]), 4))
            for at in best
            if scores[at] > 0
        ]
