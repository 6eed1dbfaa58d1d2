"""Whether a request comes from a page of our own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def same_origin(headers: Mapping[str, str], allowed_hosts: Collection[str] = ()) -> bool:
    """True when Origin names the host (and port) that was asked, and that host is one of ours.

    A missing Origin is refused: browsers always send it where this is used, so whoever omits it is not a page.
    Schemes are not compared, as TLS usually ends at a proxy. `allowed_hosts` are names without port; empty means any,
    `*.example.org` covers its subdomains. Names are given in lower case.
    """
    origin = headers.get("origin", "")
    host = headers.get("host", "").lower()
    try:
        parts = urlsplit(origin)
        default = _DEFAULT_PORTS.get(parts.scheme)
        theirs = (parts.hostname, parts.port or default)
        asked = urlsplit(f"//{host}")
        ours = (asked.hostname, asked.port or default)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.hostname or theirs != ours:
        return False
    return not allowed_hosts or any(_covers(pattern, parts.hostname) for pattern in allowed_hosts)


def _covers(pattern: str, host: str) -> bool:
    if pattern == "*":
        return True
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return host == pattern
