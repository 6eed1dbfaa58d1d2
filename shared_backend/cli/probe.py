"""Asks a server on this machine whether it is well."""

from __future__ import annotations

import http.client


def answers(host: str, port: int, path: str, *, body: str | None = None, timeout_s: float = 1.0) -> bool:
    """Whether GET answers 200, with exactly `body` where one is given.

    Streamlit answers 200 with its page for any path that it does not know: its health is only known from the body.
    """
    connection = http.client.HTTPConnection("127.0.0.1" if host in ("0.0.0.0", "::") else host, port, timeout=timeout_s)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        text = response.read(1024).decode("utf-8", "replace").strip()
        return response.status == 200 and (body is None or text == body)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
