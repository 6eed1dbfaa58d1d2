from __future__ import annotations

import pytest

from shared_backend.utils.redaction import HIDDEN, is_hidden_key, redacted, redacted_text


@pytest.mark.parametrize(
    ("given", "gone"),
    [
        ("write to ada.lovelace+cv@mail.example.co.uk now", "lovelace"),
        ("call +44 20 7946 0958", "7946"),
        ("call (030) 1234-5678", "1234"),
        ("call 0170/1234567", "1234567"),
        ("call 555-123-4567", "4567"),
        ("password=hunter22", "hunter22"),
        ('{"token": "abc"}', "abc"),
        ("Authorization: Bearer abcdefgh12345", "abcdefgh"),
        ("got eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl", "eyJ"),
        ("link /?invite=q7Wm2Zr9Lx4Tb8Nc1Vy6Kd3Hs5Jf0GpAeUoAiRtt99", "q7Wm2"),
        ("mysql://root:toor@db:3306/x", "toor"),
    ],
)
def test_taken_out(given: str, gone: str) -> None:
    assert gone not in redacted_text(given)


@pytest.mark.parametrize(
    "plain",
    [
        "version 12 of user_profile u_01HZX saved in 3.2 ms, seq 100200300",
        "550e8400-e29b-41d4-a716-446655440000",
        "2026-11-22T10:11:12.123456+00:00",
        "127.0.0.1:8501",
        "http://127.0.0.1:8501/candidates",
        "/srv/intellicv/shared_backend/lockstep/event_log.py:120",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_left_alone(plain: str) -> None:
    assert redacted_text(plain) == plain


@pytest.mark.parametrize(
    "key", ["email", "user_email", "phoneNumber", "session_token", "secretKey", "owner_link", "name"]
)
def test_hidden_keys(key: str) -> None:
    assert is_hidden_key(key)


@pytest.mark.parametrize("key", ["entity_id", "kind", "version", "linked", "seq", "nameless", "status", "key_id"])
def test_plain_keys(key: str) -> None:
    assert not is_hidden_key(key)


def test_depth_and_odd_values() -> None:
    endless: dict[str, object] = {}
    endless["again"] = endless
    assert HIDDEN in str(redacted(endless))
    assert redacted({1: {"a"}, "n": None, "b": True}) == {"1": ["a"], "n": None, "b": True}
