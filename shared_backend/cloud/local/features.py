"""What our own embeddings see of a text: its words, and the pieces of its words."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections import Counter
from typing import Any

_WORD = re.compile(r"\w[\w+#.]*\w[+#]*|\w[+#]*")
_PIECES = (3, 4, 5)

# Changes whenever the features or their hashing change: vectors of two versions must not be mixed.
VERSION = 1


def features(text: str) -> list[str]:
    """Words in lower case, and their pieces of three to five letters, so that spellings and endings stay close."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = _WORD.findall(plain) or [plain.strip()]
    found: list[str] = []
    for word in words:
        found.append(f"={word}")
        bounded = f"<{word}>"
        for length in _PIECES:
            found += [bounded[start : start + length] for start in range(len(bounded) - length + 1)]
    return found


def weights(text: str) -> dict[str, float]:
    """Each feature with 1 + ln(count): the tenth mention says less than the first."""
    return {feature: 1.0 + math.log(count) for feature, count in Counter(features(text)).items()}


def hashed(text: str, dimension: int) -> Any:
    """A unit vector (numpy, float64) of `dimension` by signed feature hashing: untrained, and the same everywhere."""
    import numpy

    vector = numpy.zeros(dimension)
    for feature, weight in weights(text).items():
        number = int.from_bytes(hashlib.blake2b(feature.encode("utf-8", "replace"), digest_size=8).digest(), "big")
        vector[(number >> 1) % dimension] += weight if number & 1 else -weight
    return unit(vector)


def unit(vector: Any) -> Any:
    """The vector at length 1; a zero stays a zero."""
    length = math.sqrt(float(vector @ vector))
    return vector / length if length else vector
