"""The local provider's signed download links. What is behind one was uploaded by anybody: it is handed over as a file,
and never as a page of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO
from urllib.parse import quote, unquote

from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from shared_backend.cloud import journal
from shared_backend.cloud.contract import BlobInfo
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.local import links
from shared_backend.cloud.local.provider import LocalProvider
from shared_backend.cloud.names import HELD, check_path
from shared_backend.cloud.spool import CHUNK, Spool
from shared_backend.config.backend_config import Settings
from shared_backend.config.cloud_config import load_cloud_settings
from shared_backend.database.engine import Database
from shared_backend.utils.clock import Clock, utc_now

# The browser saves it; should one show it all the same, it runs nothing, loads nothing and belongs to no origin.
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-site",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_TYPE = re.compile(r"[\w.+-]{1,90}/[\w.+-]{1,90}")
_UNSAFE = re.compile(r'[^ -~]|["\\%;/]')


def install_cloud_files(app: FastAPI, settings: Settings, database: Database, *, clock: Clock = utc_now) -> None:
    """Adds the route. Nothing is opened before the first link is followed."""

    # Not async: files are read in a thread.
    @app.get(links.ROUTE + "{path:path}", summary="A file of this machine's, by a signed link", tags=["cloud"])
    def file(request: Request, expires: str = "", signature: str = "") -> StreamingResponse:
        # As it was sent, and decoded once: a path may have a %2f of its own in it.
        path = unquote(request.scope["raw_path"].decode("ascii", "replace").partition(links.ROUTE)[2])
        secret = settings.secret_key.get_secret_value()
        # First of all: who has no right to a path learns nothing of it, not even whether it can be one.
        links.verify(path, expires=expires, signature=signature, now=clock(), secret_key=secret)
        check_path(path)
        cloud = load_cloud_settings()
        blobs = LocalProvider(settings, cloud.local, database).blobs
        spool = Spool()  # it is read after this returns
        try:
            # Whole and checked before the first byte leaves: nobody is handed half a file, or a corrupted one.
            with blobs.open(path, deadline=Deadline(cloud.blobs_deadline_s)) as (info, chunks):
                for chunk in chunks:
                    spool.write(chunk)
            spool.whole()
            spool.seek(0)
            named = _original_path(database, path).rpartition("/")[2]
        except BaseException:
            spool.close()
            raise
        return StreamingResponse(_sent(spool), headers=_headers(info, named), media_type=_type(info.content_type))


def _headers(info: BlobInfo, name: str) -> dict[str, str]:
    plain, exact = _UNSAFE.sub("_", name), quote(name, safe="")
    return {
        **_HEADERS,
        "Content-Length": str(info.size),
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}",
    }


def _type(stored: str) -> str:
    """A type that was stored may be anything; what is none is just bytes."""
    return stored if _TYPE.fullmatch(stored) else "application/octet-stream"


def _original_path(database: Database, path: str) -> str:
    """What a held copy is of: a person wants `cv.pdf`, and not a number."""
    if not path.startswith(HELD):
        return path
    write_id = path.removeprefix(HELD)
    with database.read() as connection:
        entry = journal.by_write_id(connection, [write_id]).get(write_id)
    return entry.path if entry else path


def _sent(spool: IO[bytes]) -> Iterator[bytes]:
    with spool:
        while chunk := spool.read(CHUNK):
            yield chunk
