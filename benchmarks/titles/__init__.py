"""`intellicv bench titles`: vacancy titles to ESCO occupations, beside character TF-IDF over the same labels.

15,463 titles of vacancies with their ESCO v1.1 occupation (JobBERT's validation set; its labels are noisy). The index
has ESCO's own labels and nothing else: no title of that file, and no other taxonomy.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.figures import Figure, Report
from benchmarks.titles.data import Cases, read_cases
from shared_backend.data_management.title_index import TitleIndex, grouped_labels
from shared_backend.data_management.title_parts import split_title

_QUICK_STEP = 10
Scores = Callable[[str], Any]


def run(report: Report, *, quick: bool, only: Sequence[str] = ()) -> None:
    """jobbert_val_mrr, _mrr_macro and _recall_10; ms_per_title; index_build_s."""
    cases = read_cases(step=_QUICK_STEP if quick else 1)
    began = time.perf_counter()
    index = TitleIndex(*grouped_labels(cases.labels))
    built = time.perf_counter() - began
    began = time.perf_counter()
    ours = _measure(cases, lambda title: index.scores(split_title(title).matter))
    each = (time.perf_counter() - began) / len(cases.titles) * 1000
    plain = _measure(cases, lambda title: index.scores(title))
    control, control_s = _control(cases)
    theirs = _measure(cases, control)
    beside = "character TF-IDF {:.4f}, the index without split titles {:.4f}"
    for key, place, goal in (("mrr", 0, 0.31), ("mrr_macro", 1, 0.30), ("recall_10", 2, None)):
        words = beside.format(theirs[place], plain[place])
        report.add(Figure(f"jobbert_val_{key}", round(ours[place], 4), "", goal, "higher", words))
    report.add(Figure("ms_per_title", round(each, 3), "ms", None, "lower", f"over {len(cases.labels):,} occupations"))
    report.add(Figure("index_build_s", round(built, 2), "s", None, "lower", f"character TF-IDF {control_s:.2f} s"))


def _measure(cases: Cases, scores: Scores) -> tuple[float, float, float]:
    """Mean reciprocal rank over titles and over occupations, and how many have theirs among the first ten. Occupations
    of equal score share their mean rank."""
    reciprocal = np.zeros(len(cases.titles))
    by_occupation: dict[int, list[float]] = defaultdict(list)
    for number, (title, wanted) in enumerate(zip(cases.titles, cases.wanted, strict=True)):
        found = scores(title)
        own = found[wanted]
        rank = 1 + np.count_nonzero(found > own) + (np.count_nonzero(found == own) - 1) / 2
        reciprocal[number] = 1 / rank
        by_occupation[wanted].append(1 / rank)
    macro = float(np.mean([np.mean(values) for values in by_occupation.values()]))
    return float(reciprocal.mean()), macro, float((reciprocal >= 0.1).mean())


def _control(cases: Cases) -> tuple[Scores, float]:
    """The plain thing: TF-IDF over character n-grams within words, the best label of each occupation."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    labels, owners = grouped_labels(cases.labels)
    began = time.perf_counter()
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), dtype=np.float32)
    matrix = vectorizer.fit_transform(labels).T.tocsr()
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    took = time.perf_counter() - began
    return lambda title: np.maximum.reduceat((vectorizer.transform([title]) @ matrix).toarray()[0], starts), took
