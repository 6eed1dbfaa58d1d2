"""Only a page of our own may open the socket."""

from __future__ import annotations

import pytest

from shared_backend.portal_ui.origin import same_origin


@pytest.mark.parametrize(
    ("origin", "host", "allowed", "expected"),
    [
        ("http://127.0.0.1:8501", "127.0.0.1:8501", (), True),
        ("https://cv.example.org", "cv.example.org", (), True),
        ("https://cv.example.org", "cv.example.org:443", (), True),
        ("https://CV.example.org", "cv.example.org", ("cv.example.org",), True),
        ("https://a.example.org", "a.example.org", ("*.example.org",), True),
        ("http://[::1]:8501", "[::1]:8501", ("::1",), True),
        (None, "127.0.0.1:8501", (), False),
        ("null", "127.0.0.1:8501", (), False),
        ("", "127.0.0.1:8501", (), False),
        ("http://127.0.0.1:8502", "127.0.0.1:8501", (), False),
        ("http://evil.example", "127.0.0.1:8501", (), False),
        ("http://evil.example:8501", "evil.example:8501", ("127.0.0.1", "localhost"), False),
        ("https://example.org", "example.org", ("*.example.org",), False),
        ("https://evilexample.org", "evilexample.org", ("*.example.org",), False),
        ("file://", "127.0.0.1:8501", (), False),
        ("http://127.0.0.1:port", "127.0.0.1:8501", (), False),
        ("http://127.0.0.1:8501", None, (), False),
    ],
)
def test_origin(origin: str | None, host: str | None, allowed: tuple[str, ...], expected: bool) -> None:
    headers = {name: value for name, value in (("origin", origin), ("host", host)) if value is not None}
    assert same_origin(headers, allowed) is expected
