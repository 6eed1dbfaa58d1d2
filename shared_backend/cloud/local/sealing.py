"""One sealed version of a secret: AES-256-GCM, bound to its name and version, as the text of one file."""

from __future__ import annotations

import base64
import binascii
import json
import os
from datetime import datetime

from pydantic import SecretStr

from shared_backend.cloud.contract import SecretInfo
from shared_backend.cloud.errors import CloudCorrupted, CloudDenied
from shared_backend.cloud.local.disk import PROVIDER
from shared_backend.cloud.local.sealing_key import SealingKey

_FORMAT = 1


def seal(info: SecretInfo, value: SecretStr, key: SealingKey) -> bytes:
    """The file of a version. Nothing but the value is hidden; nothing can be changed without being found out."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(12)
    sealed = AESGCM(key.raw).encrypt(nonce, value.get_secret_value().encode(), _bound_to(info, key.key_id))
    known = {
        "format": _FORMAT,
        "name": info.name,
        "version": info.version,
        "created_at": info.created_at.isoformat(),
        "key": key.key_id,
        "nonce": base64.b64encode(nonce).decode(),
        "sealed": base64.b64encode(sealed).decode(),
    }
    return json.dumps(known).encode()


def info_of(text: bytes, name: str, version: str) -> SecretInfo:
    """What a file says of its version, which is also what its place says. Raises CloudCorrupted."""
    known = _known(text, name)
    if (known["format"], known["name"], known["version"]) != (_FORMAT, name, version):
        raise damaged(name)
    try:
        return SecretInfo(name, version, datetime.fromisoformat(known["created_at"]))
    except ValueError:
        raise damaged(name) from None


def unseal(text: bytes, info: SecretInfo, key: SealingKey) -> SecretStr:
    """The value. Raises CloudDenied for another key, CloudCorrupted for what was changed or put in another's place."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    known = _known(text, info.name)
    if known["key"] != key.key_id:
        raise CloudDenied(
            f"The secret {info.name} was sealed with another key ({known['key']}) than the one at hand ({key.key_id}). "
            "Put the key file back from a backup, or correct INTELLICV_LOCAL_SECRETS_KEY.",
            provider=PROVIDER,
        )
    try:
        nonce, sealed = (
            base64.b64decode(known["nonce"], validate=True),
            base64.b64decode(known["sealed"], validate=True),
        )
        return SecretStr(AESGCM(key.raw).decrypt(nonce, sealed, _bound_to(info, key.key_id)).decode())
    except (InvalidTag, binascii.Error, ValueError):
        raise damaged(info.name) from None


def damaged(name: str) -> CloudCorrupted:
    """The error for a secret that is not what was set."""
    return CloudCorrupted(
        f"The secret {name} is damaged on this machine's disk, or was tampered with. Set it again.", provider=PROVIDER
    )


def _known(text: bytes, name: str) -> dict[str, str]:
    try:
        known = json.loads(text)
        if not all(known[field] for field in ("format", "name", "version", "created_at", "key", "nonce", "sealed")):
            raise damaged(name)
    except (ValueError, KeyError, TypeError):
        raise damaged(name) from None
    return known


def _bound_to(info: SecretInfo, key_id: str) -> bytes:
    return json.dumps([_FORMAT, info.name, info.version, info.created_at.isoformat(), key_id]).encode()
