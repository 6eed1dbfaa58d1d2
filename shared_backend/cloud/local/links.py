"""Download links of the local provider: signed by the product's secret, at the product's own address."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from urllib.parse import quote, urlencode

from shared_backend.cloud.errors import CloudDenied, CloudInvalid
from shared_backend.cloud.local.disk import PROVIDER

# Where the route is served, below the gateway's address.
ROUTE = "/cloud/local/files/"
# As long as S3's links may live.
MAX_SECONDS = 7 * 24 * 3600
_PURPOSE = b"intellicv local blob link 1"


def sign(path: str, *, expires: int, secret_key: str) -> str:
    """The signature of a link to `path` that ends at `expires` (seconds of the Unix epoch)."""
    key = hmac.digest(secret_key.encode(), _PURPOSE, "sha256")
    return hmac.new(key, f"{expires}\n{path}".encode(), hashlib.sha256).hexdigest()


def link_to(path: str, *, base: str, seconds: int, now: datetime, secret_key: str) -> str:
    """An address that downloads the blob for so many seconds. Raises CloudInvalid above seven days."""
    if not 1 <= seconds <= MAX_SECONDS:
        raise CloudInvalid("A link lives for one second to seven days.", provider=PROVIDER)
    expires = int(now.timestamp()) + seconds
    query = urlencode({"expires": expires, "signature": sign(path, expires=expires, secret_key=secret_key)})
    return f"{base}{ROUTE}{quote(path)}?{query}"


def verify(path: str, *, expires: str, signature: str, now: datetime, secret_key: str) -> None:
    """Raises CloudDenied unless the link was signed by us for this path and has not ended."""
    if not expires.isascii() or not expires.isdigit() or len(expires) > 12:
        raise CloudDenied("This link is not one of ours.", provider=PROVIDER)
    expected = sign(path, expires=int(expires), secret_key=secret_key)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise CloudDenied("This link is not one of ours.", provider=PROVIDER)
    if now.timestamp() >= int(expires):
        raise CloudDenied("This link has ended. Ask for a new one.", provider=PROVIDER)
