"""Structured logs: one line an event, with the correlation id of the click that caused it and nothing personal.

Use: `log = structlog.get_logger(__name__)`, then `log.info("profile saved", entity_id=entity_id, version=3)`.
The first argument says what happened, in plain words; everything that varies is a key. Ids and counts are fine; what
a person wrote is not, and is taken out should it come in by mistake.
"""

from __future__ import annotations

import logging
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, TextIO

import structlog
from structlog.typing import EventDict, Processor

from shared_backend.utils.redaction import HIDDEN, is_hidden_key, redacted, redacted_text

_correlation_id: ContextVar[str | None] = ContextVar("correlation_id", default=None)

# Set by ourselves and never personal; "event" is the message and still searched for patterns.
_OWN_KEYS = frozenset({"timestamp", "level", "logger", "correlation_id"})


class LogSettings(Protocol):
    """What is read of the settings; this floor stands below theirs."""

    @property
    def log_level(self) -> str: ...

    @property
    def log_format(self) -> str: ...


def new_correlation_id() -> str:
    """A short random id: 16 hexadecimal digits."""
    return uuid.uuid4().hex[:16]


def correlation_id() -> str | None:
    """The id of the click or call that is being served here, or None outside of any."""
    return _correlation_id.get()


@contextmanager
def correlation_scope(given: str | None = None) -> Iterator[str]:
    """Everything logged and saved inside belongs together; an inner scope without an id keeps the outer one's."""
    chosen = given or _correlation_id.get() or new_correlation_id()
    token = _correlation_id.set(chosen)
    try:
        yield chosen
    finally:
        _correlation_id.reset(token)


def add_correlation_id(logger: Any, method: str, event: EventDict) -> EventDict:
    """Adds `correlation_id` where there is one."""
    current = _correlation_id.get()
    if current is not None:
        event.setdefault("correlation_id", current)
    return event


def redact(logger: Any, method: str, event: EventDict) -> EventDict:
    """Takes secrets and personal data out, by key and by pattern, at any depth."""
    for key, value in event.items():
        if key in _OWN_KEYS or key.startswith("_"):
            continue
        event[key] = HIDDEN if is_hidden_key(key) else redacted(value)
    return event


class _RedactForeign(logging.Filter):
    """For libraries' records, which have a message and arguments; structlog's own are redacted by key as well."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not isinstance(record.msg, dict):
            record.msg, record.args = redacted_text(record.getMessage()), None
        return True


class _StandardError(logging.StreamHandler):
    """Onto what is standard error when it is written: who has captured it for a while need not take it along."""

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, _given: TextIO) -> None:
        # The base class sets what it was made with.
        return


def configure_logging(settings: LogSettings) -> None:
    """Sets up logging for this process; may be called again. Logs go to standard error."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        add_correlation_id,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    # Tracebacks become text before the redaction, which so sees the values in their messages too.
    last: list[Processor] = [
        structlog.processors.format_exc_info,
        redact,
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
    ]
    if settings.log_format == "json":
        last.append(structlog.processors.JSONRenderer())
    else:
        last.append(
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        )
    handler = _StandardError()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    handler.addFilter(_RedactForeign())
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old.formatter, structlog.stdlib.ProcessorFormatter)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(settings.log_level)
    # Ours at the level asked for; others' small talk never.
    for name in ("alembic", "httpx", "httpcore", "watchdog", "asyncio", "urllib3", "azure", "botocore", "openai"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
