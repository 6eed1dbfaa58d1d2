"""The composition root: one backend a process, with everything that the portals, the gateway, the worker and scripts
share."""

from __future__ import annotations

import atexit
import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from shared_backend.config.backend_config import Settings, load_settings
from shared_backend.data_management import unified_data_connector
from shared_backend.data_management.ai_data_manager import AIDataManager
from shared_backend.database.engine import Database
from shared_backend.database.migrate import migrate
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity.accounts import Account
from shared_backend.identity.actor import Actor
from shared_backend.identity.pruning import prune_sessions
from shared_backend.jobs.job import Job
from shared_backend.jobs.kinds import JobRegister
from shared_backend.lockstep import acknowledgements as acknowledgement_store
from shared_backend.lockstep import entities, presence
from shared_backend.lockstep.acknowledgements import Acknowledgements
from shared_backend.lockstep.consumers import trim_log
from shared_backend.lockstep.event_bus import EventBus
from shared_backend.lockstep.event_types import EventRegister
from shared_backend.lockstep.health import Health, send_canary
from shared_backend.lockstep.kinds import KindRegister
from shared_backend.lockstep.presence import Presence
from shared_backend.lockstep.requests import SaveRequest
from shared_backend.lockstep.shared_state import SharedStateManager
from shared_backend.lockstep.watcher import Watcher
from shared_backend.services import breaker_reports, title_aliases
from shared_backend.services.cloud_jobs import add_cloud_jobs, journal_listeners
from shared_backend.services.documents import Parser, add_document_jobs, default_reader, open_documents
from shared_backend.services.erasure import add_erasure_job
from shared_backend.services.housekeeping import Task, tasks
from shared_backend.services.intake_job import add_intake_job
from shared_backend.services.job_kinds import job_register
from shared_backend.services.jobs import Jobs
from shared_backend.services.knowledge_jobs import add_knowledge_jobs
from shared_backend.services.people import People
from shared_backend.services.portal_bridge import PortalBridge
from shared_backend.services.process_reports import ProcessReports
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.exception_handler import StateConflict
from shared_backend.utils.logging_config import configure_logging, correlation_id, new_correlation_id

if TYPE_CHECKING:
    from shared_backend.data_management.intellicv_data_manager import IntelliCVDataManager
    from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator
    from shared_backend.services.enhanced_job_title_engine import EnhancedJobTitleEngine
    from shared_backend.services.industries import IndustryDesk
    from shared_backend.services.skills import Skills

# Processes that face people: in them, a call without a signed-in person has no rights at all.
FACING_PEOPLE = ("admin_portal", "user_portal", "gateway")


@dataclass
class Backend:
    """What one process works with. `portal` says which it is: admin_portal, user_portal, gateway, worker or script."""

    settings: Settings
    portal: str
    database: Database
    kinds: KindRegister
    watcher: Watcher
    bus: EventBus
    state: SharedStateManager
    acknowledgements: Acknowledgements
    presence: Presence
    reports: ProcessReports
    health: Health
    bridge: PortalBridge
    people: People
    jobs: Jobs
    knowledge: AIDataManager
    clock: Clock = utc_now
    _who: list[Callable[[], Actor | None]] = field(default_factory=list)
    _started: bool = False
    parser: Parser = field(default_factory=lambda: Parser(default_reader))
    _cloud: CloudServicesOrchestrator | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def open(cls, settings: Settings, *, portal: str = "script", clock: Clock = utc_now) -> Backend:
        """Puts the parts together and brings the database to this release's schema. Starts no thread.

        Raises DatabaseUnavailable, and SchemaMismatch for a database of a newer release.
        """
        database = Database(settings.database_url)
        try:
            migrate(database)
        except BaseException:
            database.dispose()
            raise
        kinds = KindRegister()
        register = EventRegister(kind.events for kind in kinds)
        watcher = Watcher(database, tick_s=settings.watcher_tick_ms / 1000)
        bus = EventBus(database, watcher, register, clock=clock)
        state = SharedStateManager(
            database, kinds, clock=clock, max_payload_bytes=settings.max_payload_bytes, on_commit=watcher.hint
        )
        health = Health(database, watcher, clock=clock)
        who: list[Callable[[], Actor | None]] = []
        made: list[Backend] = []
        knowledge = AIDataManager(database, publish=functools.partial(_publish_dataset, bus, portal), clock=clock)
        rules = {title_aliases.KIND: title_aliases.alias_rule(knowledge)}
        backend = cls(
            settings=settings,
            portal=portal,
            database=database,
            kinds=kinds,
            watcher=watcher,
            bus=bus,
            state=state,
            acknowledgements=Acknowledgements(database, portal, clock=clock),
            presence=Presence(database, watcher, portal, clock=clock),
            reports=ProcessReports(database, portal, clock=clock, more=lambda: breaker_reports.told(made[0]._cloud)),
            health=health,
            bridge=PortalBridge(state, bus, health, functools.partial(_default_actor, portal, who), rules),
            people=People(
                database,
                settings,
                publish=functools.partial(_publish_account, bus),
                ensure_profile=functools.partial(_ensure_profile, state),
                clock=clock,
                correlation=_current_correlation,
            ),
            jobs=Jobs(
                database,
                # The clouds are asked for when a job needs them, and not when a portal starts.
                _job_kinds(lambda: made[0], database, clock),
                functools.partial(_publish_job, bus, portal),
                keep=settings.job_history,
                threads=settings.job_threads,
                clock=clock,
            ),
            knowledge=knowledge,
            clock=clock,
            _who=who,
        )
        made.append(backend)
        unified_data_connector.connect(backend.knowledge)
        return backend

    def start(self) -> None:
        """Starts watching, reporting and acknowledging. Idempotent."""
        if self._started:
            return
        self.watcher.start()
        if self.portal != "script":
            self.presence.start()
            self.reports.start()
        if self.portal in ("admin_portal", "user_portal"):
            self.watcher.add_listener(self.acknowledgements.on_batch)
            self.acknowledgements.start()
        self._started = True

    def close(self) -> None:
        """Stops everything and lets go of the database."""
        self.bus.close()
        unified_data_connector.disconnect(self.knowledge)
        if self._started:
            if self.portal in ("admin_portal", "user_portal"):
                self.acknowledgements.stop()
            self.watcher.stop()
            if self.portal != "script":
                self.reports.stop()
                self.presence.stop()
        else:
            self.watcher.stop()
        self._started = False
        with self._lock:
            cloud, self._cloud = self._cloud, None
        if cloud is not None:
            cloud.close()
        self.parser.close()
        self.database.dispose()

    @property
    def cloud(self) -> CloudServicesOrchestrator:
        """The clouds, by routes; one a process, made on first use, so that who asks for none waits for no SDK.

        Raises ConfigurationError for settings of the clouds that can't be used.
        """
        made = self._cloud
        if made is None:
            with self._lock:
                made = self._cloud = self._cloud or _clouds(self)
        return made

    @functools.cached_property
    def titles(self) -> EnhancedJobTitleEngine:
        """What titles mean; made on first use, as it loads a numeric library."""
        from shared_backend.services.enhanced_job_title_engine import EnhancedJobTitleEngine

        return EnhancedJobTitleEngine(self.knowledge)

    @functools.cached_property
    def skills(self) -> Skills:
        """Skills, who needs them and who has them; made on first use."""
        from shared_backend.services.skills import Skills

        return Skills(self.knowledge, self.database)

    @functools.cached_property
    def documents(self) -> IntelliCVDataManager:
        """The documents of candidates; made on first use."""
        return open_documents(self)

    @functools.cached_property
    def industries(self) -> IndustryDesk:
        """Industries, with what was counted of them; made on first use."""
        from shared_backend.services.industries import IndustryDesk

        return IndustryDesk(self.database, self.knowledge)

    def acts_for(self, provider: Callable[[], Actor | None]) -> None:
        """Tells who is signed in where a caller names no actor: the portals give the person of the current page."""
        self._who[:] = [provider]

    def housekeeping(self) -> list[Task]:
        """What the worker does now and then, as (name, seconds between runs, action)."""
        return tasks(
            {
                "canary": lambda: send_canary(self.bus),
                "trim_log": lambda: self.database.run(
                    lambda uow: trim_log(
                        uow, keep=self.settings.event_retention, hold_cap=self.settings.consumer_hold_cap
                    )
                ),
                "prune_acknowledgements": lambda: self.database.run(
                    lambda uow: acknowledgement_store.prune(uow, self.clock() - timedelta(hours=1))
                ),
                "forget_processes": lambda: self.database.run(
                    lambda uow: presence.forget_stale(uow, self.clock() - timedelta(hours=1))
                ),
                "prune_sessions": lambda: self.database.run(
                    lambda uow: prune_sessions(uow, self.clock() - timedelta(days=7))
                ),
                "prune_idempotency": self.state.forget_keys,
                "prune_jobs": self.jobs.prune,
                "prune_clouds": lambda: self.cloud.prune(),
                "checkpoint": self.database.checkpoint,
            }
        )


class _Process:
    """Holds the one backend of this process."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.backend: Backend | None = None


@functools.cache
def _process() -> _Process:
    return _Process()


def get_backend(portal: str | None = None) -> Backend:
    """This process's backend, made on first use from the settings of the environment, and closed at exit.

    `portal` is given by the entry point of a process, first; all others leave it out. Raises StateConflict when the
    process is something else already.
    """
    process = _process()
    with process.lock:
        if process.backend is None:
            settings = load_settings()
            chosen = portal or settings.process
            if not structlog.is_configured():
                quiet = settings.model_copy(update={"log_level": "WARNING"})
                configure_logging(quiet if chosen == "script" else settings)
            process.backend = Backend.open(settings, portal=chosen)
            atexit.register(close_backend)
        elif portal is not None and process.backend.portal != portal:
            raise StateConflict(f"This process is {process.backend.portal} already; it can't be {portal} too.")
        return process.backend


def close_backend() -> None:
    """Closes this process's backend; the next `get_backend` makes a new one."""
    process = _process()
    with process.lock:
        backend, process.backend = process.backend, None
    if backend is not None:
        backend.close()


def _job_kinds(backend: Callable[[], Backend], database: Database, clock: Clock) -> JobRegister:
    register = job_register(lambda: backend().cloud.reconciler, clock=clock)
    add_cloud_jobs(register, lambda: backend().cloud, database)
    add_document_jobs(register, lambda: backend().documents)
    add_intake_job(register, backend)
    add_erasure_job(register, database)
    add_knowledge_jobs(register, backend)
    return register


def _clouds(backend: Backend) -> CloudServicesOrchestrator:
    from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator

    return CloudServicesOrchestrator(
        database=backend.database,
        product=backend.settings,
        clock=backend.clock,
        listeners=journal_listeners(backend.bus, backend.jobs, backend.portal),
    )


def _default_actor(portal: str, who: list[Callable[[], Actor | None]]) -> Actor | None:
    if who:
        return who[0]()
    return None if portal in FACING_PEOPLE else Actor.system(portal)


def _current_correlation() -> str:
    return correlation_id() or new_correlation_id()


def _publish_account(
    bus: EventBus,
    uow: UnitOfWork,
    type: str,
    *,
    kind: str,
    entity_id: str,
    data: dict[str, Any],
    actor: Actor,
    source: str,
) -> None:
    bus.publish_in(
        uow,
        type,
        data,
        source=source,
        actor=actor,
        kind=kind,
        entity_id=entity_id,
        correlation_id=_current_correlation(),
    )


def _publish_job(bus: EventBus, portal: str, uow: UnitOfWork, job: Job, actor: Actor) -> None:
    bus.publish_in(
        uow,
        "job_update",
        {"job": job.kind, "state": job.state, "wish": job.wish or ""},
        source=portal,
        actor=actor,
        kind="job",
        entity_id=job.id,
        correlation_id=job.correlation_id,
    )


def _publish_dataset(
    bus: EventBus, portal: str, uow: UnitOfWork, source: str, version: str, action: str, actor: Actor
) -> None:
    bus.publish_in(
        uow,
        "dataset_update",
        {"action": action, "version": version},
        source=portal,
        actor=actor,
        kind="dataset",
        entity_id=source,
        correlation_id=_current_correlation(),
    )


def _ensure_profile(state: SharedStateManager, uow: UnitOfWork, account: Account) -> None:
    """A candidate has a profile from the moment they have an account: their name and address, and nothing else. The
    name that they give when they accept the invitation takes the place of the one they were invited by."""
    head = entities.head(uow.connection, "user_profile", account.id)
    if head is not None and (head.version > 1 or head.deleted or head.label == account.name):
        return
    basics = {"name": account.name, "email": account.email} if account.name else {"email": account.email}
    request = SaveRequest(
        "user_profile",
        account.id,
        {"basics": basics},
        "admin_portal",
        Actor.system("people"),
        correlation_id=_current_correlation(),
    )
    state.save_in(uow, request)
