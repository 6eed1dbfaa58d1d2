"""Takes secrets and personal data out of what is about to be logged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "[hidden]"

# Matched against each part of a key: "owner_link" and "link" are hidden, "linked" is not.
_HIDDEN_PART = re.compile(
    "password|secret|token|key|cookies?|authorization|authentication|credentials?|link|otp|pin|signature|hash|dsn"
    "|emails?|mail|phones?|telephone|mobile|fax|address|addresses|street|names?|surname|firstname|lastname"
    "|birth|birthday|birthdate|photo|avatar|cv|resume|profile|data|before|after|payload|body|text|content"
)
# These have such a part and say nothing about a person.
_PLAIN_KEYS = frozenset(
    {"key_id", "file_name", "host_name", "process_name", "setting_name", "thread_name", "data_version"}
)

_PATTERNS = (
    # Passwords in addresses: postgresql://user:password@host
    (re.compile(r"(?P<keep>\b[a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s@/]+@", re.I), r"\g<keep>:[hidden]@"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    # What follows a telling word: token=…, password: …
    (
        re.compile(
            r"\b(password|passwd|secret|token|api[_-]?key|authorization|cookie|set-cookie)\b(\"?\s*[=:]\s*)\S+", re.I
        ),
        rf"\1\2{HIDDEN}",
    ),
    # JSON web tokens, and long random text such as our own tokens (32 bytes or more, base64url).
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), HIDDEN),
    (re.compile(r"(?<![\w/-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{40,}(?![\w-])"), HIDDEN),
    # Telephone numbers: an international prefix, or groups of digits with the separators people write.
    (re.compile(r"(?<![\w.:-])(?:\+|00)\d[\d ()/.-]{6,}\d(?![\w-])"), "[phone]"),
    (re.compile(r"(?<![\w.:-])\(?0\d{1,4}\)?[ /-]\d{2,}[\d /-]*\d(?![\w:-])"), "[phone]"),
    (re.compile(r"(?<![\w.:-])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\w-])"), "[phone]"),
)


def redacted_text(text: str) -> str:
    """The text without e-mail addresses, telephone numbers, tokens and passwords."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def is_hidden_key(key: str) -> bool:
    """Whether a value under this key is never logged, whatever it is."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()
    if plain in _PLAIN_KEYS:
        return False
    return any(_HIDDEN_PART.fullmatch(part) for part in re.split(r"[^a-z0-9]+", plain))


def redacted(value: Any, *, depth: int = 6) -> Any:
    """The value, with what must not be logged taken out at any depth."""
    if isinstance(value, str):
        return redacted_text(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth == 0:
        return HIDDEN
    if isinstance(value, Mapping):
        return {
            str(key): HIDDEN if is_hidden_key(str(key)) else redacted(item, depth=depth - 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(item, depth=depth - 1) for item in value]
    return redacted_text(str(value))
