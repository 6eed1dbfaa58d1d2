"""The product's own secret: made at first start, kept in one file that only its owner can read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

MIN_SECRET_CHARS = 32
_WEAK = ("secret", "changeme", "change-me", "change_me", "password", "default", "example", "intellicv", "test")


def weakness(secret: str) -> str | None:
    """What is wrong with a secret, as the end of a sentence that starts with its name; None when it is strong."""
    if len(secret) < MIN_SECRET_CHARS:
        return f"is too short ({len(secret)} characters)"
    if len(set(secret)) < 12:
        return "repeats too few different characters"
    plain = secret.lower().replace(" ", "")
    if any(plain.count(word) * len(word) * 2 >= len(plain) for word in _WEAK):
        return "is made of words that anybody would try first"
    return None


def read_or_create_secret(var_dir: Path) -> str:
    """The secret kept in `secrets/secret_key` under `var_dir`, made now (mode 0600, folder 0700) if there is none.

    Several processes may start at once: the file appears complete or not at all, and all of them get the same one.
    Raises OSError when the folder can't be used.
    """
    folder = var_dir / "secrets"
    path = folder / "secret_key"
    for _ in range(2):
        try:
            kept = path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            _create(folder, path)
            continue
        if len(kept) >= MIN_SECRET_CHARS:
            if path.stat().st_mode & 0o077:
                path.chmod(0o600)
            return kept
        break
    raise OSError(0, "the secret in this file is cut short; remove it and start again", str(path))


def _create(folder: Path, path: Path) -> None:
    # The folder above holds the database, which is nobody else's business either.
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    draft = folder / f".secret_key.{secrets.token_hex(8)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        # A link is made or refused as a whole, so that nobody reads a half-written secret and the first writer wins.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
