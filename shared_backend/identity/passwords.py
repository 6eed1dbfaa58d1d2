"""Passwords: argon2id, and what may be one."""

from __future__ import annotations

import threading
import unicodedata
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared_backend.identity.inputs import check_characters
from shared_backend.utils.exception_handler import InvalidInput

MIN_PASSWORD = 10
MAX_PASSWORD = 1024
_MIN_DIFFERENT = 5

# What everybody tries first, once digits and punctuation at the ends are taken off.
_TRIVIAL_WORDS = frozenset(
    {
        "administrator",
        "adminadmin",
        "changeme",
        "changemenow",
        "iloveyou",
        "intellicv",
        "letmein",
        "letmeinplease",
        "passwort",
        "passwortpasswort",
        "password",
        "passwordpassword",
        "qwertyuiop",
        "qwertyuiopasdf",
        "qwertzuiop",
        "asdfghjkl",
        "welcome",
        "welcomewelcome",
        "trustno",
    }
)
_RUNS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb")


class Passwords:
    """Hashes and verifies. The defaults are RFC 9106's for machines with little memory: 64 MiB, 3 passes."""

    def __init__(self, *, time_cost: int = 3, memory_kib: int = 65_536, parallelism: int = 4, at_once: int = 4) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=parallelism)
        # Whoever floods the sign-in must not take `memory_kib` for each of his attempts.
        self._room = threading.BoundedSemaphore(at_once)

    def check(self, password: str, *, email: str = "", name: str = "") -> None:
        """Raises InvalidInput when the password may not be set, saying why."""
        if not isinstance(password, str) or len(password) < MIN_PASSWORD:
            raise InvalidInput(f"A password has at least {MIN_PASSWORD} characters. A few words are easy to remember.")
        self.check_size(password)
        check_characters(password, "The password")
        if _is_trivial(password, email, name):
            raise InvalidInput(
                "That password would be guessed at once: it is a common one, a simple row of characters, or made of "
                "your name or e-mail. Choose another; a few unrelated words are good."
            )

    def check_size(self, password: str) -> None:
        """Raises InvalidInput for what no password can be, before any work is spent on it."""
        if not isinstance(password, str) or len(password) > MAX_PASSWORD:
            raise InvalidInput(f"A password has at most {MAX_PASSWORD:,} characters.")

    def hash(self, password: str) -> str:
        """The hash to store. Slow on purpose: never call it inside a transaction."""
        with self._room:
            return self._hasher.hash(_canonical(password))

    def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password is the one that was hashed.

        Without a hash (no such account, or no password yet) the same work is done on another one, so that the time
        that the answer takes does not tell which e-mails have an account.
        """
        decoy = self._decoy
        try:
            with self._room:
                self._hasher.verify(password_hash or decoy, _canonical(password))
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None

    def rehashed(self, password: str, password_hash: str) -> str | None:
        """A new hash when the stored one was made with other parameters than today's, else None."""
        return self.hash(password) if self._hasher.check_needs_rehash(password_hash) else None

    @cached_property
    def _decoy(self) -> str:
        return self.hash("nobody has this password \x00")


def _canonical(password: str) -> bytes:
    # Keyboards and systems compose accents differently; the person typed the same.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _is_trivial(password: str, email: str, name: str) -> bool:
    plain = unicodedata.normalize("NFKC", password).lower().strip()
    word = plain.strip("0123456789!?.,;:#$%&*+-_/ \t'\"()@€")
    letters = "".join(character for character in plain if character.isalnum())
    local, _, domain = email.lower().partition("@")
    own = {email.lower(), local, domain, local + domain.partition(".")[0], name.lower(), name.lower().replace(" ", "")}
    own = {text for text in own if len(text) >= 3}
    return (
        len(set(plain)) < _MIN_DIFFERENT
        or word in _TRIVIAL_WORDS
        or letters in _TRIVIAL_WORDS
        or any(len(letters) >= 6 and letters in run for run in _RUNS)
        or plain in own
        or word in own
        or letters in own
    )
