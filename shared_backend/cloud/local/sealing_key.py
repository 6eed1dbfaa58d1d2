"""The key that seals the secrets: from the settings, or from a file that only its owner can read.

It is never in the database nor beside the secrets, so a copy of either tells nobody anything.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from shared_backend.cloud.errors import CloudCorrupted, CloudDenied
from shared_backend.cloud.local.disk import PROVIDER, make_folder, write_whole
from shared_backend.config.secret_key import MIN_SECRET_CHARS

FILE = "cloud_key"
_SALT = b"intellicv local secrets 1"


@dataclass(frozen=True)
class SealingKey:
    """32 bytes for AES-256-GCM, and a name for them that tells nothing of them."""

    key_id: str
    raw: bytes = field(repr=False)


class KeySource:
    """Where the key comes from. `given` goes before the file `<var>/secrets/cloud_key`."""

    def __init__(self, var_dir: Path, given: str = "") -> None:
        self.path = var_dir / "secrets" / FILE
        self._given = given

    def existing(self) -> SealingKey:
        """The key with which secrets were sealed. Raises CloudDenied where it is gone, CloudCorrupted if cut short."""
        text = self._given or self._read()
        if text is None:
            raise CloudDenied(
                f"The key of the secrets is missing: {self.path} is gone. Put the file back from a backup, or set "
                "INTELLICV_LOCAL_SECRETS_KEY to the key with which they were sealed.",
                provider=PROVIDER,
            )
        return _derived(text)

    def existing_or_new(self) -> SealingKey:
        """The key, made now (mode 0600) if there is none. Several processes may ask at once: all get the same."""
        if self._given or self._read() is not None:
            return self.existing()
        make_folder(self.path.parent)
        self.path.parent.chmod(0o700)
        try:
            write_whole(self.path, secrets.token_urlsafe(48).encode())
        except FileExistsError:
            # Somebody else was first; it is the same for both of us from here on.
            return self.existing()
        return self.existing()

    def _read(self) -> str | None:
        try:
            text = self.path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            text = ""
        if len(text) < MIN_SECRET_CHARS:
            raise CloudCorrupted(
                f"The key of the secrets in {self.path} is cut short. Put the file back from a backup.",
                provider=PROVIDER,
            )
        if self.path.stat().st_mode & 0o077:
            self.path.chmod(0o600)
        return text


def _derived(text: str) -> SealingKey:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    raw = HKDF(algorithm=SHA256(), length=32, salt=_SALT, info=b"seal").derive(text.encode())
    return SealingKey(hashlib.sha256(b"name of a key" + raw).hexdigest()[:16], raw)
