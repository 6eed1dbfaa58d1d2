"""Imports of releases as durable jobs: read and checked first, then stored in one step that is done once."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shared_backend.cloud.errors import CloudError
from shared_backend.data_management.document_access import as_of_now
from shared_backend.data_management.releases.findings import ImportReport, ReleaseRefused
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.jobs.errors import RetryLater
from shared_backend.jobs.job import OPEN
from shared_backend.jobs.kinds import JobKind, JobRegister, Recurring
from shared_backend.jobs.reads import JobFilter
from shared_backend.jobs.run import JobRun
from shared_backend.services.release_uploads import ReleaseUploads, UploadedFile
from shared_backend.utils.exception_handler import InvalidInput

if TYPE_CHECKING:
    from shared_backend.services.backend import Backend

IMPORT: Final = "knowledge.import"
TIDY: Final = "knowledge.tidy"
# The step that holds what a refused import found; each try has its own.
REPORT: Final = "report"
_TIDY_EVERY_S: Final = 24 * 3600.0
# For so long an upload whose import was cancelled or has failed can be tried again.
_KEPT: Final = timedelta(days=1)


def add_knowledge_jobs(register: JobRegister, backend: Callable[[], Backend]) -> None:
    """Adds the kinds and what recurs. Payload of an import: `source`, `use`, and `folder` on the server, or `upload`
    with its `files`."""
    register.add(JobKind(IMPORT, "Import a release", _import(backend), at_once=1))
    register.add(JobKind(TIDY, "Remove what imports have left", _tidy(backend), at_once=1))
    register.every(Recurring(TIDY, _TIDY_EVERY_S))


def _import(backend: Callable[[], Backend]) -> Callable[[JobRun, dict[str, Any]], dict[str, Any]]:
    def handler(run: JobRun, payload: dict[str, Any]) -> dict[str, Any]:
        own = backend()
        actor = _still_may(own, run.actor)
        source, report = str(payload["source"]), ImportReport()

        def told(done: int, total: int, words: str) -> None:
            run.progress(done, total, unit="files", words=words)

        with _files(own, payload) as folder:
            try:
                dataset = own.knowledge.read(source, folder, report, actor=actor, progress=told)
            except ReleaseRefused as error:
                told_of = _nowhere(report, folder) if "upload" in payload else report
                run.step(f"{REPORT} {uuid.uuid4().hex[:12]}", lambda _uow: told_of.as_dict())
                raise ReleaseRefused(source, told_of) from error
        run.check()
        # Whoever asked for it may have lost the right to while it was read.
        actor = _still_may(own, run.actor)
        version, use = dataset.manifest.version, bool(payload.get("use", True))
        added = run.step(
            "store",
            lambda uow: own.knowledge.store_in(uow, dataset, report, actor=actor, use=use, origin=run.job.source),
        )
        _forget(own, payload)
        return {"version": version, "vintage": dataset.manifest.vintage, "added": added, "use": use}

    return handler


@contextmanager
def _files(backend: Backend, payload: dict[str, Any]) -> Iterator[Path]:
    """The folder of the release: on this server, or what was uploaded, for as long as it is read."""
    if "upload" not in payload:
        folder = Path(str(payload["folder"]))
        if not folder.is_dir():
            raise InvalidInput("There is no such folder where the worker runs. It must be on the worker's machine.")
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="intellicv-release-") as name:
        try:
            ReleaseUploads(lambda: backend.cloud).fetch(str(payload["upload"]), _listed(payload), Path(name))
        except CloudError as error:
            if error.may_fail_over:
                raise RetryLater(str(error)) from error
            raise
        yield Path(name)


def _nowhere(report: ImportReport, folder: Path) -> ImportReport:
    """The report without the folder that uploaded files were in for a moment: it says nothing to anybody."""
    findings = [replace(each, words=each.words.replace(str(folder), "what was uploaded")) for each in report.findings]
    return ImportReport(findings, report.counts)


def _forget(backend: Backend, payload: dict[str, Any]) -> None:
    if "upload" in payload:
        try:
            ReleaseUploads(lambda: backend.cloud).forget(str(payload["upload"]), len(_listed(payload)))
        except CloudError:
            # The import is done; what it has left is removed by the next tidying.
            return


def _listed(payload: dict[str, Any]) -> list[UploadedFile]:
    return [UploadedFile(str(file["name"]), int(file["size"])) for file in payload["files"]]


def _still_may(backend: Backend, actor: Actor) -> Actor:
    with backend.database.read() as connection:
        fresh = as_of_now(connection, actor)
    fresh.require(Permission.OPERATE, "import data")
    return fresh


def _tidy(backend: Callable[[], Backend]) -> Callable[[JobRun, dict[str, Any]], dict[str, Any]]:
    def handler(_run: JobRun, _payload: dict[str, Any]) -> dict[str, Any]:
        own = backend()
        page = own.jobs.find(JobFilter(OPEN, (IMPORT,)), actor=Actor.system("worker"), limit=1_000)
        at_work = {str(job.payload.get("upload", "")) for job in page.items}
        before = own.clock() - _KEPT
        return {"removed": ReleaseUploads(lambda: own.cloud).tidy(before=before, keep=at_work.__contains__)}

    return handler
