"""The local provider for the contract suite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy import select

from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudDenied
from shared_backend.cloud.local import links
from shared_backend.cloud.local.file_names import file_of
from shared_backend.cloud.local.provider import LocalProvider
from shared_backend.config.backend_config import Settings
from shared_backend.config.cloud_local import LocalSettings
from shared_backend.database.engine import Database
from shared_backend.database.migrate import migrate
from shared_backend.database.tables import MonitoringRow
from tests.support.cloud.case import ALL, Case, Opened
from tests.support.cloud.llm_server import llm_server

_ROWS = MonitoringRow.__table__  # type: ignore[attr-defined]
SECRET_KEY = "a2WFeK3vT9qLxR7mZp0cYdHsUj5NbG8o"


def settings_in(folder: Path) -> Settings:
    """Settings that lie in a folder of the test's own."""
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        environment="test",
        var_dir=folder,
        database_url=f"sqlite:///{folder}/local.db",
        secret_key=SECRET_KEY,
        gateway_url="http://127.0.0.1:8000",
    )


def local_settings(**given: Any) -> LocalSettings:
    """The provider's settings, from what is given alone."""
    return LocalSettings(_env_file=None, **given)


@contextmanager
def local_provider(folder: Path, local: LocalSettings | None = None) -> Iterator[LocalProvider]:
    """The provider in a folder, with a database of its own."""
    settings = settings_in(folder)
    database = Database(settings.database_url)
    migrate(database)
    provider = LocalProvider(settings, local or local_settings(), database)
    try:
        yield provider
    finally:
        provider.close()
        database.dispose()


def blob_file(provider: LocalProvider, path: str) -> Path:
    """The file that holds a blob."""
    return file_of(provider.folder / "blobs" / "objects", path)


def flip_byte(file: Path, position: int = -1) -> None:
    """Changes one bit of one byte of a file, in place."""
    data = bytearray(file.read_bytes())
    data[position] ^= 1
    file.write_bytes(data)


def follow(provider: LocalProvider, link: str) -> bytes:
    """What the link's route does."""
    parts = urlsplit(link)
    query = parse_qs(parts.query)
    path = unquote(parts.path).removeprefix(links.ROUTE)
    try:
        links.verify(
            path,
            expires=query["expires"][0],
            signature=query["signature"][0],
            now=datetime.now(UTC),
            secret_key=SECRET_KEY,
        )
    except CloudDenied as error:
        raise PermissionError(str(error)) from error
    with provider.blobs.open(path, deadline=Deadline(30)) as (_, chunks):
        return b"".join(chunks)


def monitored(provider: LocalProvider, start: str) -> set[str]:
    """The names of the records in the database that begin so."""
    with provider.database.read() as connection:
        return {name for name in connection.execute(select(_ROWS.c.name)).scalars() if name.startswith(start)}


@contextmanager
def _open(folder: Path) -> Iterator[Opened]:
    with local_provider(folder) as provider:
        yield Opened(
            provider,
            flip_byte=lambda path: flip_byte(blob_file(provider, path)),
            follow=lambda link: follow(provider, link),
            monitored=lambda start: monitored(provider, start),
        )


@contextmanager
def _open_with_llm(folder: Path) -> Iterator[Opened]:
    with llm_server() as server, local_provider(folder, local_settings(llm_url=server.url)) as provider:
        yield Opened(provider)


@contextmanager
def _open_trained(folder: Path) -> Iterator[Opened]:
    with local_provider(folder) as provider:
        provider.embeddings.train(training_texts())
        yield Opened(provider)


def training_texts() -> list[str]:
    """Enough short texts, some with words in common."""
    jobs = ["data engineer", "nurse", "cook", "software developer", "teacher", "carpenter"]
    tasks = ["builds pipelines", "cares for patients", "prepares meals", "writes programs", "teaches children"]
    return [f"A {job} {task} in place {number}" for job in jobs for task in tasks for number in range(2)]


CASES = (
    Case("local", ALL, _open),
    Case("local/llm", frozenset({Capability.GENERATION}), _open_with_llm),
    Case("local/trained", frozenset({Capability.EMBEDDINGS}), _open_trained),
)
