"""The lexical index over ESCO's labels of occupations."""

from __future__ import annotations

import numpy as np

from shared_backend.data_management.dataset import ESCO
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.title_index import TitleIndex, grouped_labels


class EscoTitles:
    """Every label of every occupation: a view that is made on first use."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._occupations = knowledge[ESCO].table("occupations")
        others = knowledge[ESCO].table("labels")
        self.ids = list(self._occupations)
        self.index = TitleIndex(*grouped_labels([self._occupations[key][0], *others.get(key, ())] for key in self.ids))

    def search(self, text: str, limit: int) -> list[tuple[str, str, str, str, float]]:
        """(id, label, ISCO group, the label that fits best, score), the best first; none of score 0."""
        scores = self.index.scores(text)
        found = []
        for at in np.argsort(-scores, kind="stable")[:limit]:
            if scores[at] > 0:
                label, group, _code = self._occupations[self.ids[at]]
                score = round(float(scores[at]), 4)
                found.append((self.ids[at], label, group, self.index.best_label(text, int(at)), score))
        return found
