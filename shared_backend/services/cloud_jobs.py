"""The clouds' long work as jobs: carrying everything over after a switch, embedding anew, and cleaning up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity.actor import Actor
from shared_backend.jobs.errors import RetryLater
from shared_backend.jobs.kinds import Handler, JobKind, JobRegister, Recurring
from shared_backend.jobs.run import JobRun
from shared_backend.lockstep.event_bus import EventBus
from shared_backend.services.cloud_record import CLOUD, FILES, PROVIDERS
from shared_backend.services.job_kinds import RECONCILE
from shared_backend.utils.exception_handler import InvalidInput
from shared_backend.utils.logging_config import correlation_id, new_correlation_id

if TYPE_CHECKING:
    from shared_backend.cloud.listeners import Listeners, Reconciled
    from shared_backend.database.engine import Database
    from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator
    from shared_backend.services.jobs import Jobs

CARRY_OVER = "cloud.carry_over"
REEMBED = "cloud.reembed"
CLEAN = "cloud.clean"
_CLEAN_EVERY_S = 6 * 3600.0

Cloud = Callable[[], "CloudServicesOrchestrator"]


def add_cloud_jobs(register: JobRegister, cloud: Cloud, database: Database) -> None:
    """Adds the kinds and what recurs. `cloud` is asked for when a job first needs it.

    Payloads: carry over: `capability` (blobs or secrets), and where given `source` and `target`; embed anew: `kind`.
    """
    register.add(JobKind(CARRY_OVER, "Carry over to another cloud", _carry_over(cloud), at_once=1, tries=50))
    register.add(JobKind(REEMBED, "Make vectors anew", _reembed(cloud, database), at_once=1, tries=50))
    register.add(JobKind(CLEAN, "Remove what uploads left behind", _clean(cloud), at_once=1))
    register.every(Recurring(CLEAN, _CLEAN_EVERY_S))


def journal_listeners(bus: EventBus, jobs: Jobs, portal: str) -> Listeners:
    """What a journaled write asks for in its own transaction: to be carried; and what open pages are told when the
    journal has drained, or kept ours beside somebody else's."""
    from shared_backend.cloud.listeners import Listeners

    actor = Actor.system("clouds")

    def journaled(uow: UnitOfWork) -> None:
        # The one that recurs, or the first of it: there is one at a time.
        jobs.enqueue_in(uow, RECONCILE, {}, actor=actor, source=portal, key=Recurring(RECONCILE, 0).key)

    def reconciled(uow: UnitOfWork, what: Reconciled) -> None:
        correlation = correlation_id() or new_correlation_id()
        for topic in (FILES, PROVIDERS):
            bus.publish_in(
                uow,
                "cloud_update",
                {"action": what},
                source=portal,
                actor=actor,
                kind=CLOUD,
                entity_id=topic,
                correlation_id=correlation,
            )

    return Listeners(journaled, reconciled)


def subjects(database: Database, kind: str) -> Iterator[tuple[str, str]]:
    """(id, text) of everything of a kind that has vectors. Raises InvalidInput for a kind that has none."""
    from shared_backend.services.embedding_texts import profile_subjects

    sources: Mapping[str, Callable[[Database], Iterator[tuple[str, str]]]] = {"user_profile": profile_subjects}
    if kind not in sources:
        raise InvalidInput(f"There are no vectors of {kind!r}. There are some of {', '.join(sources)}.")
    return sources[kind](database)


def _carry_over(cloud: Cloud) -> Handler:
    def handler(run: JobRun, payload: dict[str, Any]) -> dict[str, Any]:
        from shared_backend.cloud.carry_over import Carried
        from shared_backend.cloud.contract import Capability

        def told(carried: Carried) -> None:
            run.progress(carried.looked_at, unit="objects", words=f"{carried.copied:,} copied; at {carried.path}")

        capability = _capability(payload, Capability)
        done = cloud().carry_over(
            capability,
            source=payload.get("source"),
            target=payload.get("target"),
            on_progress=told,
            keep_going=run.keep_going,
        )
        run.check()
        failed = [f"{name}: {each.last_error}" for name, each in done.items() if each.failed]
        if failed:
            raise RetryLater(f"Not everything could be carried over yet. {'; '.join(failed)}")
        if any(each.busy for each in done.values()):
            raise RetryLater("Somebody else is carrying over just now.")
        return {
            "copied": sum(each.copied for each in done.values()),
            "bytes": sum(each.size for each in done.values()),
            "kept_beside": sum(each.kept_beside for each in done.values()),
        }

    return handler


def _capability(payload: dict[str, Any], kinds: Any) -> Any:
    try:
        return kinds(payload.get("capability", "blobs"))
    except ValueError:
        raise InvalidInput("A carry-over is of blobs or of secrets.") from None


def _reembed(cloud: Cloud, database: Database) -> Handler:
    def handler(run: JobRun, payload: dict[str, Any]) -> dict[str, Any]:
        from shared_backend.cloud.errors import CloudError
        from shared_backend.cloud.reembedding import Reembedded, reembed

        def told(done: Reembedded) -> None:
            run.progress(done.looked_at, unit="texts", words=f"{done.embedded:,} embedded in {done.space}")

        clouds, kind = cloud(), str(payload.get("kind", "user_profile"))
        texts = subjects(database, kind)
        try:
            space = clouds.embedding_space()
            done = reembed(
                clouds.vectors,
                kind,
                texts,
                space=space,
                embed=lambda some: clouds.embed(some, space=space).value,
                on_progress=told,
                keep_going=run.keep_going,
            )
        except CloudError as error:
            if error.may_fail_over:
                raise RetryLater(str(error)) from error
            raise
        run.check()
        return {"space": done.space, "embedded": done.embedded, "forgotten": done.forgotten}

    return handler


def _clean(cloud: Cloud) -> Handler:
    def handler(run: JobRun, _payload: dict[str, Any]) -> dict[str, Any]:
        cleaned = cloud().clean_leftovers()
        run.check()
        return {
            "parts": cleaned.parts,
            "copies": cleaned.copies,
            "earlier": cleaned.earlier,
            "unknown": cleaned.unknown,
            "problems": cleaned.problems,
        }

    return handler
