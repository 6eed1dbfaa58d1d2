"""The local provider for the contract suite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudDenied
from shared_backend.cloud.local import links
from shared_backend.cloud.local.file_names import file_of
from shared_backend.cloud.local.provider import LocalProvider
from shared_backend.config.backend_config import Settings
from shared_backend.config.cloud_local import LocalSettings
from shared_backend.database.engine import Database
from shared_backend.database.migrate import migrate
from tests.support.cloud.case import ALL, Case, Opened

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


@contextmanager
def local_provider(folder: Path, local: LocalSettings | None = None) -> Iterator[LocalProvider]:
    """The provider in a folder, with a database of its own."""
    settings = settings_in(folder)
    database = Database(settings.database_url)
    migrate(database)
    provider = LocalProvider(settings, local or LocalSettings(_env_file=None), database)  # type: ignore[call-arg]
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


@contextmanager
def _open(folder: Path) -> Iterator[Opened]:
    with local_provider(folder) as provider:
        yield Opened(
            provider,
            flip_byte=lambda path: flip_byte(blob_file(provider, path)),
            follow=lambda link: follow(provider, link),
        )


CASES = (Case("local", ALL, _open),)
