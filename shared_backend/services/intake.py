"""Bulk intake of CVs: uploaded files, or a folder on the server, read by durable jobs and given to candidates."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection

from shared_backend.data_management import document_store
from shared_backend.data_management.document_access import as_of_now
from shared_backend.data_management.intellicv_data_manager import MOST_BYTES, clean_name
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity import accounts, audit
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission, Role
from shared_backend.jobs.job import OPEN, Job
from shared_backend.services import intake_store as store
from shared_backend.services.intake_folder import MOST_FILES, duplicate_words, files_in
from shared_backend.services.intake_store import Intake, IntakeFile, IntakeFilter
from shared_backend.utils.exception_handler import IntelliCVError, InvalidInput, NotFound, StateConflict
from shared_backend.utils.logging_config import correlation_id, new_correlation_id

if TYPE_CHECKING:
    from shared_backend.services.backend import Backend

KIND: Final = "intake"
JOB: Final = "documents.intake"
# What the parser says of an address that stands where people other than the document's own are named, too.
FOUND_ELSEWHERE: Final = "found_elsewhere"
# So many jobs share an intake at most: as many workers as that can be at it at once.
_PARTS: Final = 4
_PART_FILES: Final = 25


@dataclass(frozen=True)
class Progress:
    """How an intake gets on. `rate` is files a second and `left_s` seconds; None where nothing can be said yet."""

    by_state: dict[str, int]
    jobs: tuple[Job, ...]
    rate: float | None
    left_s: float | None

    @property
    def total(self) -> int:
        """All files."""
        return sum(self.by_state.values())

    @property
    def done(self) -> int:
        """Those that are not waiting any more."""
        return self.total - self.by_state.get("waiting", 0)

    @property
    def state(self) -> str:
        """`running`, `waiting`, `paused`, `cancelled`, `failed` or `done`: of its jobs the one that matters most."""
        states = {job.state for job in self.jobs}
        if not self.by_state.get("waiting", 0):
            return "done"
        return next((each for each in ("running", "waiting", "paused", "failed") if each in states), "cancelled")


@dataclass(frozen=True)
class Suggestion:
    """Whose a document probably is: the e-mail address in it, and the candidate who has that. `sure` is no where the
    address stands away from what the document says of its person, so that it may be somebody else's."""

    document_id: str
    email: str
    name: str
    owner_id: str | None
    sure: bool = True


class IntakeDesk:
    """What administrators do with bulk intakes. Looking takes READ_ALL, everything else EDIT_ALL: PermissionDenied."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._database = backend.database
        self._documents = backend.documents
        self._clock = backend.clock

    # Beginning

    def roots(self, *, actor: Actor) -> list[Path]:
        """The folders on the server that intakes may read, by the setting `intake_roots`."""
        actor.require(Permission.EDIT_ALL, "take in files of the server")
        return list(self._backend.settings.intake_folders)

    def open_upload(self, title: str, *, actor: Actor, source: str) -> str:
        """Begins an intake of uploaded files; add them with `add_file`, then `begin`. Answers its id."""
        return self._make(title, "", [], actor, source)

    def add_file(self, intake_id: str, name: str, content: bytes, *, actor: Actor, source: str) -> IntakeFile:
        """Stores one uploaded file; what is refused is noted with its reason, and stops nothing. The file and its
        document become known in one transaction: neither is there without the other."""
        shown = clean_name(name)

        def note(uow: UnitOfWork, state: str, outcome: str, words: str, document_id: str | None) -> IntakeFile:
            self._may_change(uow.connection, actor)
            store.lock(uow, intake_id)
            number = store.count(uow.connection, intake_id)
            if number >= MOST_FILES:
                raise StateConflict(f"An intake takes {MOST_FILES:,} files. Begin another one for the rest.")
            ended = self._clock() if state != "waiting" else None
            file = IntakeFile(intake_id, number, shown, state, outcome, words, document_id, 0, ended)
            store.add_files(uow.connection, [file])
            return file

        def ended(state: str, outcome: str, words: str, document_id: str | None = None) -> IntakeFile:
            return self._database.run(lambda uow: note(uow, state, outcome, words, document_id))

        there = self._with_bytes(content, actor)
        if there is not None:
            return ended("duplicate", "duplicate", duplicate_words(there), there.id)
        noted: dict[str, IntakeFile] = {}
        try:
            uploaded = self._documents.upload(
                content, shown, owner_id=None, actor=actor, source=source, read=False, only=True,
                known=lambda uow, document: noted.update(file=note(uow, "waiting", "", "", document.id)),
            )  # fmt: skip
        except IntelliCVError as error:
            return ended("failed", str(getattr(error, "outcome", error.code)), str(error))
        if uploaded.duplicate:
            return ended("duplicate", "duplicate", duplicate_words(uploaded.document), uploaded.document.id)
        return noted["file"]

    def begin(self, intake_id: str, *, actor: Actor, source: str) -> Intake:
        """Asks for the jobs that read what waits. Raises StateConflict where there is nothing to read."""

        def work(uow: UnitOfWork) -> Intake:
            fresh = self._may_change(uow.connection, actor)
            intake = self._there(uow.connection, intake_id, uow=uow)
            waiting = store.counts(uow.connection, intake_id).get("waiting", 0)
            if not waiting:
                raise StateConflict("None of the files waits to be read.")
            return self._ask(uow, intake, waiting, fresh, source)

        return self._database.run(work)

    def begin_folder(self, folder: Path, title: str, *, actor: Actor, source: str) -> Intake:
        """Takes in all CVs of a folder on the server, those of the folders in it too. Links that lead elsewhere are
        not followed. Raises InvalidInput for a folder outside of the allowed ones, and NotFound."""
        actor.require(Permission.EDIT_ALL, "take in files of the server")
        inside = self._allowed(folder)
        names = list(files_in(inside))
        if not names:
            raise InvalidInput("There are no CVs in this folder: none of its files is a PDF, DOCX, ODT, RTF or text.")
        if len(names) > MOST_FILES:
            raise InvalidInput(f"The folder has {len(names):,} files; an intake takes {MOST_FILES:,}.")
        intake_id = self._make(title or inside.name, str(inside), names, actor, source)
        return self.begin(intake_id, actor=actor, source=source)

    # Looking

    def intakes(self, *, actor: Actor, limit: int = 20) -> list[Intake]:
        """The newest intakes. Raises PermissionDenied."""
        with self._database.snapshot() as connection:
            self._may_look(connection, actor)
            return store.newest(connection, limit=limit)

    def get(self, intake_id: str, *, actor: Actor) -> Intake:
        """One intake. Raises NotFound."""
        with self._database.read() as connection:
            self._may_look(connection, actor)
            return self._there(connection, intake_id)

    def progress(self, intake_id: str, *, actor: Actor) -> Progress:
        """How it gets on. Raises NotFound."""
        with self._database.snapshot() as connection:
            self._may_look(connection, actor)
            intake = self._there(connection, intake_id)
            by_state = store.counts(connection, intake_id)
            jobs = tuple(store.jobs_of(connection, intake.jobs))
        rates = [job.rate for job in jobs if job.state == "running" and job.rate]
        rate = sum(rates) if rates else None
        waiting = by_state.get("waiting", 0)
        return Progress(by_state, jobs, rate, waiting / rate if rate and waiting else None)

    def files(
        self, intake_id: str, wanted: IntakeFilter, *, actor: Actor, limit: int = 25, offset: int = 0
    ) -> tuple[list[IntakeFile], int]:
        """A page of its files, and how many there are. Raises NotFound."""
        with self._database.snapshot() as connection:
            self._may_look(connection, actor)
            self._there(connection, intake_id)
            return store.files(connection, intake_id, wanted, limit=limit, offset=offset)

    def suggestion(self, document_id: str, *, actor: Actor) -> Suggestion:
        """Whose a document probably is, by the e-mail address that was read in it."""
        proposal = self._documents.proposal(document_id, actor=actor)
        email = str(proposal.basics.value("email") or "").strip().casefold()
        read = proposal.find("basics.email")
        # Where somebody has looked at it, it is theirs who it was said to be.
        sure = read is None or read.edited or read.checked or FOUND_ELSEWHERE not in read.flags
        name = str(proposal.basics.value("name") or "")
        with self._database.read() as connection:
            self._may_look(connection, actor)
            account = accounts.by_email(connection, email) if email else None
        owner = account.id if account is not None and account.role is Role.CANDIDATE else None
        return Suggestion(document_id, email, name, owner, sure)

    # Acting

    def pause(self, intake_id: str, *, actor: Actor, source: str) -> None:
        """Pauses its jobs, each after the file that it is at."""
        self._each_job(intake_id, actor, source, "pause", ("waiting", "running"))

    def resume(self, intake_id: str, *, actor: Actor, source: str) -> None:
        """Lets it go on."""
        self._each_job(intake_id, actor, source, "resume", ("paused", "running"))

    def cancel(self, intake_id: str, *, actor: Actor, source: str) -> None:
        """Ends it: what is read stays, what waits is not read until it is retried."""
        self._each_job(intake_id, actor, source, "cancel", OPEN)

    def retry(self, intake_id: str, *, actor: Actor, source: str) -> Intake:
        """Reads again what failed, and what a cancelled intake has left waiting."""

        def work(uow: UnitOfWork) -> Intake:
            fresh = self._may_change(uow.connection, actor)
            intake = self._there(uow.connection, intake_id, uow=uow)
            if any(job.is_open for job in store.jobs_of(uow.connection, intake.jobs)):
                raise StateConflict("It is being read just now. Wait until it has ended, or cancel it first.")
            store.again(uow.connection, intake_id)
            waiting = store.counts(uow.connection, intake_id).get("waiting", 0)
            if not waiting:
                raise StateConflict("Nothing is left to read again.")
            return self._ask(uow, intake, waiting, fresh, source)

        return self._database.run(work)

    def assign(self, document_id: str, owner_id: str, *, actor: Actor, source: str) -> None:
        """Gives a document to a candidate, who finds it as a draft on their page."""
        self._documents.assign(document_id, owner_id, actor=actor, source=source)

    def assign_by_email(self, intake_id: str, *, actor: Actor, source: str) -> tuple[int, int]:
        """Gives every document of an intake whose e-mail address is a candidate's to them, unless the address may be
        somebody else's. Answers how many were given, and how many are left without a candidate."""
        with self._database.snapshot() as connection:
            self._may_look(connection, actor)
            ids = store.unassigned(connection, intake_id)
        given = 0
        for document_id in ids:
            found = self.suggestion(document_id, actor=actor)
            if found.owner_id is None or not found.sure:
                continue
            try:
                self.assign(document_id, found.owner_id, actor=actor, source=source)
                given += 1
            except StateConflict:
                # Somebody else was quicker, or the candidate has the same bytes.
                continue
        return given, len(ids) - given

    def invite(self, document_id: str, email: str, name: str, *, actor: Actor, source: str) -> str:
        """Makes the account of a candidate and gives them the document. Answers the link that opens the account."""
        link = self._backend.people.invite(email, name, "candidate", source, actor=actor)
        account = self._backend.people.find(email, actor=actor)
        assert account is not None
        self.assign(document_id, account.id, actor=actor, source=source)
        return link

    # Shared

    def _make(self, title: str, root: str, names: Sequence[str], actor: Actor, source: str) -> str:
        intake_id, now = str(uuid.uuid4()), self._clock()

        def work(uow: UnitOfWork) -> str:
            fresh = self._may_change(uow.connection, actor)
            made = Intake(intake_id, clean_name(title)[:200], root, 1, (), fresh.id, now)
            store.add(uow.connection, made)
            files = [
                IntakeFile(intake_id, number, name, "waiting", "", "", None, 0, None)
                for number, name in enumerate(names)
            ]
            store.add_files(uow.connection, files)
            return intake_id

        return self._database.run(work)

    def _ask(self, uow: UnitOfWork, intake: Intake, waiting: int, actor: Actor, source: str) -> Intake:
        """The jobs that share what waits. Numbers are dealt out like cards, so that all end at about the same time."""
        parts = max(1, min(_PARTS, -(-waiting // _PART_FILES)))
        jobs = tuple(
            self._backend.jobs.enqueue_in(
                uow,
                JOB,
                {"intake": intake.id, "part": part, "parts": parts},
                actor=Actor(actor.id, actor.role),
                source=source,
                key=f"{intake.id}:{part}",
            ).id
            for part in range(parts)
        )
        store.begun(uow.connection, intake.id, parts=parts, jobs=jobs)
        self._record(uow, "begin", intake.id, actor, source, {"files": waiting, "parts": parts})
        return Intake(intake.id, intake.title, intake.root, parts, jobs, intake.created_by, intake.created_at)

    def _each_job(self, intake_id: str, actor: Actor, source: str, action: str, states: Sequence[str]) -> None:
        actor.require(Permission.OPERATE, f"{action} an intake")
        intake = self.get(intake_id, actor=actor)
        act: Callable[..., Any] = getattr(self._backend.jobs, action)
        with self._database.read() as connection:
            jobs = store.jobs_of(connection, intake.jobs)
        for job in jobs:
            if job.state in states:
                try:
                    act(job.id, actor=actor, source=source)
                except StateConflict:
                    # It has ended meanwhile, which is as good.
                    continue
        self._database.run(lambda uow: self._record(uow, action, intake_id, actor, source, None))

    def _record(self, uow: UnitOfWork, action: str, intake_id: str, actor: Actor, source: str, after: Any) -> None:
        correlation = correlation_id() or new_correlation_id()
        audit.record(
            uow.connection,
            actor=actor,
            source=source,
            action=f"intake_{action}",
            subject=(KIND, intake_id),
            before=None,
            after=after,
            at=self._clock(),
            correlation_id=correlation,
        )
        self._backend.bus.publish_in(
            uow,
            "intake_update",
            {"action": action},
            source=source,
            actor=actor,
            kind=KIND,
            entity_id=intake_id,
            correlation_id=correlation,
        )

    def _with_bytes(self, content: bytes, actor: Actor) -> document_store.Document | None:
        if not content or len(content) > MOST_BYTES:
            return None
        with self._database.read() as connection:
            self._may_change(connection, actor)
            return document_store.with_bytes(connection, hashlib.sha256(content).hexdigest())

    def _allowed(self, folder: Path) -> Path:
        try:
            inside = folder.expanduser().resolve(strict=True)
        except (OSError, RuntimeError) as error:
            raise NotFound("There is no such folder on the server.") from error
        roots = [root.resolve() for root in self._backend.settings.intake_folders]
        if not any(inside == root or root in inside.parents for root in roots):
            raise InvalidInput(
                "Intakes may not read this folder. An operator allows folders by INTELLICV_INTAKE_ROOTS."
            )
        if not inside.is_dir():
            raise InvalidInput("This is a file. Give the folder that it is in.")
        return inside

    def _there(self, connection: Connection, intake_id: str, *, uow: UnitOfWork | None = None) -> Intake:
        if uow is not None:
            store.lock(uow, intake_id)
        found = store.get(connection, intake_id)
        if found is None:
            raise NotFound("There is no such intake.")
        return found

    def _may_look(self, connection: Connection, actor: Actor) -> Actor:
        fresh = as_of_now(connection, actor)
        fresh.require(Permission.READ_ALL, "see what was taken in")
        return fresh

    def _may_change(self, connection: Connection, actor: Actor) -> Actor:
        fresh = as_of_now(connection, actor)
        fresh.require(Permission.EDIT_ALL, "take in documents")
        return fresh
