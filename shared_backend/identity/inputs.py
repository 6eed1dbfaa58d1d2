"""What people type about themselves, checked: names and e-mail addresses."""

from __future__ import annotations

import unicodedata

from shared_backend.utils.exception_handler import InvalidInput

MAX_NAME = 200
MAX_EMAIL = 254  # RFC 5321 leaves 254 for an address that can be delivered to
MAX_LOCAL_PART = 64

_CONTROL_NAMES = {0: "NUL", 7: "BELL", 8: "BACKSPACE", 9: "TAB", 10: "LINE FEED", 13: "CARRIAGE RETURN", 27: "ESCAPE"}
# These reorder the text around them, so that a name could rewrite the sentence it stands in. Names in Arabic or
# Hebrew need none of them; the plain marks (U+200E, U+200F) and the joiners of emoji are fine.
_REORDERING = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


def check_characters(text: str, what: str) -> None:
    """Raises InvalidInput naming the first character that no text about a person may hold."""
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _REORDERING:
            code = ord(character)
            name = _CONTROL_NAMES.get(code) or unicodedata.name(character, "a control character")
            raise InvalidInput(f"{what} contains a character that can't be used: {name} (U+{code:04X}). Remove it.")


def clean_name(name: str) -> str:
    """A person's name, composed and trimmed. Raises InvalidInput when it is empty, too long or unprintable."""
    _check_size(name, MAX_NAME, "The name")
    cleaned = unicodedata.normalize("NFC", name.strip())
    if not cleaned:
        raise InvalidInput("The name is missing.")
    check_characters(cleaned, "The name")
    _check_size(cleaned, MAX_NAME, "The name")
    return cleaned


def clean_email(email: str) -> str:
    """An e-mail address in the one form that is stored and compared. Raises InvalidInput for what can't be one.

    Lower case, not case folding: folding makes one of `straße@` and `strasse@`, which are two mailboxes.
    """
    _check_size(email, MAX_EMAIL, "The e-mail address")
    cleaned = unicodedata.normalize("NFC", email.strip()).lower()
    check_characters(cleaned, "The e-mail address")
    local, separator, domain = cleaned.rpartition("@")
    if (
        not separator
        or not 0 < len(local) <= MAX_LOCAL_PART
        or len(cleaned) > MAX_EMAIL
        or any(character.isspace() or character in '<>,;"@' for character in local)
        or not _is_domain(domain)
    ):
        raise InvalidInput("That is not an e-mail address. It should look like name@example.org.")
    return cleaned


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    return all(
        0 < len(label) <= 63 and all(character.isalnum() or character == "-" for character in label) for label in labels
    )


def _check_size(text: str, most: int, what: str) -> None:
    if not isinstance(text, str):
        raise InvalidInput(f"{what} must be text.")
    if len(text) > most:
        raise InvalidInput(f"{what} is too long: {len(text):,} characters, at most {most} are possible.")
