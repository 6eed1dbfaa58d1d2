"""Data sources for who looks after them: versions, imports, comparing, switching, removing."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shared_backend.data_management.ai_data_manager import DatasetVersion
from shared_backend.data_management.comparison import Comparison
from shared_backend.data_management.dataset import SOURCES
from shared_backend.data_management.document_access import as_of_now
from shared_backend.identity import audit
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.jobs.job import Job
from shared_backend.jobs.reads import JobFilter
from shared_backend.services.knowledge_jobs import IMPORT, REPORT
from shared_backend.services.release_uploads import ReleaseUploads, plain
from shared_backend.utils.exception_handler import InvalidInput, NotFound
from shared_backend.utils.logging_config import correlation_id, new_correlation_id

if TYPE_CHECKING:
    from shared_backend.database.unit_of_work import UnitOfWork
    from shared_backend.services.backend import Backend

KIND: Final = "dataset"
_STEPS: Final = 50


@dataclass(frozen=True)
class ImportRun:
    """One import that was asked for. `report` has the findings of one that was refused; `version` is set once it is
    stored."""

    job: Job
    source: str
    origin: str
    version: str
    report: dict[str, Any]

    @property
    def uploaded(self) -> bool:
        """Whether its files were uploaded, and are not in a folder of the server."""
        return "upload" in self.job.payload

    @property
    def findings(self) -> list[dict[str, str]]:
        """What was found: level, file, words."""
        return list(self.report.get("findings", []))


class KnowledgeDesk:
    """Looking takes READ_ALL and everything else OPERATE, asked anew with each call: PermissionDenied."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._knowledge = backend.knowledge
        self._uploads = ReleaseUploads(lambda: backend.cloud)

    # Looking

    def versions(self, source: str | None = None, *, actor: Actor) -> list[DatasetVersion]:
        """All versions, by source, the newest first."""
        self._now(actor, Permission.READ_ALL, "see the data sources")
        return self._knowledge.versions(source)

    def in_use(self, *, actor: Actor) -> list[DatasetVersion]:
        """The version in use of each source, which everybody may know who reads its figures."""
        self._now(actor, None, "")
        return [each for each in self._knowledge.versions() if each.in_use]

    def compare(self, before: str, after: str, *, actor: Actor) -> Comparison:
        """What differs between two versions of one source. Raises NotFound and InvalidInput."""
        self._now(actor, Permission.READ_ALL, "compare data sources")
        return self._knowledge.compare(before, after)

    def imports(self, *, actor: Actor, limit: int = 20) -> list[ImportRun]:
        """Those under way, then the newest that ended."""
        fresh = self._now(actor, Permission.READ_ALL, "see imports")
        jobs = self._backend.jobs.find(JobFilter(kinds=(IMPORT,)), actor=fresh, limit=limit).items
        return [self._run(job, fresh) for job in jobs]

    def roots(self, *, actor: Actor) -> list[Path]:
        """The folders on the server that releases may be read from, by the setting `release_roots`."""
        self._now(actor, Permission.OPERATE, "import data")
        return list(self._backend.settings.release_folders)

    # Importing

    def import_upload(
        self,
        source: str,
        files: Sequence[tuple[str, bytes]],
        *,
        use: bool,
        actor: Actor,
        source_portal: str,
        stored: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> Job:
        """Stores uploaded files (name and bytes) and asks for their import. `stored` is told how far that is.

        Raises InvalidInput, PayloadTooLarge and CloudError; nothing is asked for then.
        """
        self._now(actor, Permission.OPERATE, "import data")
        _known(source)
        listed = self._uploads.check(files)
        upload_id = uuid.uuid4().hex
        for number, (_name, content) in enumerate(files):
            stored(number, len(files))
            self._uploads.put(upload_id, number, content)
        payload = {"source": source, "use": use, "upload": upload_id, "files": plain(listed)}
        return self._ask(payload, upload_id, actor, source_portal)

    def import_folder(self, source: str, folder: Path, *, use: bool, actor: Actor, source_portal: str) -> Job:
        """Asks for the import of a folder on the server. Raises InvalidInput where it is not allowed; NotFound."""
        self._now(actor, Permission.OPERATE, "import data")
        _known(source)
        inside = self._allowed(folder)
        payload = {"source": source, "use": use, "folder": str(inside)}
        return self._ask(payload, uuid.uuid4().hex, actor, source_portal)

    # Switching

    def use(self, version: str, *, actor: Actor, source_portal: str) -> DatasetVersion:
        """Puts a version in use, for all processes at once. Raises NotFound."""
        fresh = self._now(actor, Permission.OPERATE, "switch between versions of data")
        return self._knowledge.use(version, actor=fresh, origin=source_portal)

    def remove(self, version: str, *, actor: Actor, source_portal: str) -> DatasetVersion:
        """Removes an imported version that is not in use. Raises StateConflict, InvalidInput and NotFound."""
        fresh = self._now(actor, Permission.OPERATE, "remove versions of data")
        return self._knowledge.remove(version, actor=fresh, origin=source_portal)

    # Shared

    def _ask(self, payload: dict[str, Any], key: str, actor: Actor, source_portal: str) -> Job:
        def work(uow: UnitOfWork) -> Job:
            fresh = as_of_now(uow.connection, actor)
            fresh.require(Permission.OPERATE, "import data")
            audit.record(
                uow.connection,
                actor=fresh,
                source=source_portal,
                action="dataset_ask_import",
                subject=(KIND, payload["source"]),
                before=None,
                after={"use": payload["use"], "files": len(payload.get("files", ())) or 1},
                at=self._backend.clock(),
                correlation_id=correlation_id() or new_correlation_id(),
            )
            return self._backend.jobs.enqueue_in(uow, IMPORT, payload, actor=fresh, source=source_portal, key=key)

        return self._backend.database.run(work)

    def _run(self, job: Job, actor: Actor) -> ImportRun:
        payload = job.payload
        report: dict[str, Any] = {}
        if job.state == "failed":
            steps = self._backend.jobs.steps(job.id, actor=actor, limit=_STEPS)[0]
            report = next((step.value for step in reversed(steps) if step.name.startswith(REPORT)), {})
        files = payload.get("files", [])
        origin = str(payload.get("folder", "")) or f"{len(files):,} file{'' if len(files) == 1 else 's'} uploaded"
        version = str((job.result or {}).get("version", ""))
        return ImportRun(job, str(payload.get("source", "")), origin, version, report)

    def _allowed(self, folder: Path) -> Path:
        try:
            inside = folder.expanduser().resolve(strict=True)
        except (OSError, RuntimeError, ValueError) as error:
            raise NotFound("There is no such folder on the server.") from error
        roots = [root.resolve() for root in self._backend.settings.release_folders]
        if not any(inside == root or root in inside.parents for root in roots):
            raise InvalidInput(
                "Releases may not be read from this folder. An operator allows folders by INTELLICV_RELEASE_ROOTS."
            )
        if not inside.is_dir():
            raise InvalidInput("This is a file. Give the folder that the release's files are in.")
        return inside

    def _now(self, actor: Actor, permission: Permission | None, to: str) -> Actor:
        with self._backend.database.read() as connection:
            fresh = as_of_now(connection, actor)
        if permission is not None:
            fresh.require(permission, to)
        return fresh


def _known(source: str) -> None:
    if source not in SOURCES:
        raise InvalidInput(f"{source!r} is no source of knowledge. There is {', '.join(SOURCES)}.")
