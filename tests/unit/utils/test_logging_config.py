from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import structlog

from shared_backend.utils.logging_config import configure_logging, correlation_id, correlation_scope


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def configured(log_format: str = "json", log_level: str = "INFO") -> None:
    configure_logging(SimpleNamespace(log_format=log_format, log_level=log_level))


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_one_line_an_event_with_the_correlation_id(capsys: pytest.CaptureFixture[str]) -> None:
    configured()
    with correlation_scope("click-1"):
        structlog.get_logger("shared_backend.x").info("profile saved", entity_id="u_1", version=3)
    (line,) = lines(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "profile saved",
        "level": "info",
        "logger": "shared_backend.x",
        "correlation_id": "click-1",
        "entity_id": "u_1",
        "version": 3,
    }


def test_an_inner_scope_belongs_to_the_outer_one() -> None:
    assert correlation_id() is None
    with correlation_scope() as outer:
        with correlation_scope() as inner:
            assert inner == outer
        with correlation_scope("other"):
            assert correlation_id() == "other"
        assert correlation_id() == outer
    assert correlation_id() is None


def test_nothing_personal_gets_through_by_key_message_or_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    configured()
    log = structlog.get_logger("x")
    log.info(
        "invited ada@example.org", email="ada@example.org", nested={"phoneNumber": "1", "ok": [1, "+49 170 1234567"]}
    )
    try:
        raise ValueError("duplicate key (email)=(ada@example.org)")
    except ValueError:
        log.exception("could not save", profile={"a": 1})
    logging.getLogger("library").warning("connecting to %s", "postgresql://cv:geheim@db/cv")
    written = capsys.readouterr().err
    for secret in ("ada@", "170", "geheim"):
        assert secret not in written
    assert "Traceback" in written
    assert "postgresql://cv:[hidden]@db/cv" in written


def test_configured_twice_writes_once(capsys: pytest.CaptureFixture[str]) -> None:
    configured()
    configured()
    structlog.get_logger("x").info("once")
    logging.getLogger("y").info("once more")
    assert [line["event"] for line in lines(capsys)] == ["once", "once more"]


def test_the_level_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    configured(log_level="WARNING")
    structlog.get_logger("x").info("small talk")
    assert lines(capsys) == []


def test_the_console_format_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configured("console")
    try:
        raise ValueError("oops")
    except ValueError:
        structlog.get_logger("x").exception("went wrong", count=2)
    written = capsys.readouterr().err
    assert "went wrong" in written and "count=2" in written and "ValueError: oops" in written
