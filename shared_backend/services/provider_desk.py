"""Providers as the operators' page works with them: who serves, how they do, probes, switches, and the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from shared_backend.cloud import journal
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.difference import Difference
from shared_backend.cloud.errors import CloudInvalid
from shared_backend.cloud.journal import Entry
from shared_backend.cloud.routes import Switch
from shared_backend.config.cloud_config import Route
from shared_backend.database.tables import AccountRow
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.jobs.job import Job
from shared_backend.jobs.reads import JobFilter
from shared_backend.services.breaker_reports import ProcessBreaker, breakers
from shared_backend.services.cloud_jobs import CARRY_OVER
from shared_backend.services.cloud_operations import Explanation, Finding
from shared_backend.services.cloud_record import PROVIDERS, CloudRecord
from shared_backend.services.errand import Errand
from shared_backend.services.job_kinds import RECONCILE
from shared_backend.services.process_reports import reports

if TYPE_CHECKING:
    from shared_backend.services.backend import Backend

_ACCOUNT = AccountRow.__table__  # type: ignore[attr-defined]
WAITING: Final = ("pending", "intent")
CONFLICTS: Final = ("conflict",)
DONE: Final = ("done",)
_AT_ONCE: Final = 4
# That of the job that recurs: there is one at a time, whoever asked for it.
_JOB_KEY: Final = "recurring"

Found = Mapping[tuple[str, str], Finding]


@dataclass(frozen=True)
class Use:
    """What was asked of one provider's capability. None: there is nothing to say it by. `unpriced` are the models whose
    tokens are counted, and the operations whose units are, and whose price is not known: `cost` is without them."""

    calls: int = 0
    failures: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None
    tokens: int | None = None
    units: int | None = None
    cost: float | None = None
    currency: str = ""
    unpriced: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """One thing that a switch would change: who is `primary` or `fallback`."""

    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class JournalPage:
    """Some entries, newest first, and how many there are in each state."""

    entries: tuple[Entry, ...]
    counts: Mapping[str, int]


class ProviderDesk:
    """The routes and the journal. Reading takes READ_ALL, everything else OPERATE: PermissionDenied otherwise."""

    def __init__(self, backend: Backend) -> None:
        self._cloud = backend.cloud
        self._database = backend.database
        self._jobs = backend.jobs
        self._reports = backend.reports
        self._clock = backend.clock
        self._record = CloudRecord(backend.database, backend.bus, clock=backend.clock)

    def overview(self, *, actor: Actor) -> Sequence[Explanation]:
        """Each capability as it stands, without a call to any provider."""
        _may_read(actor)
        return self._cloud.explain(check=False)

    def breakers(self, *, actor: Actor) -> Mapping[tuple[str, str], Sequence[ProcessBreaker]]:
        """By (provider, capability): how each process's breaker stands, as of its last report; of this one, now."""
        _may_read(actor)
        with self._database.read() as connection:
            found = reports(connection)
        mine = self._reports.now()
        others = [each for each in found if (each.portal, each.instance) != (mine.portal, mine.instance)]
        return breakers([mine, *others], self._clock())

    def use(self, *, actor: Actor) -> Mapping[tuple[str, str], Use]:
        """By (provider, capability): what all processes asked of each within a day."""
        _may_read(actor)
        found: dict[tuple[str, str], Use] = {}
        for row in self._cloud.used():
            key = (row.provider, row.capability)
            held = found.get(key, Use())
            if not row.model:
                told = replace(held, calls=row.calls, failures=row.failures, p50_ms=row.p50_ms, p95_ms=row.p95_ms)
            else:
                if row.units:
                    told = replace(held, units=(held.units or 0) + row.units)
                else:
                    told = replace(held, tokens=(held.tokens or 0) + row.input_tokens + row.output_tokens)
                if row.cost is None:
                    told = replace(told, unpriced=(*held.unpriced, row.model))
                else:
                    told = replace(told, cost=(held.cost or 0.0) + row.cost, currency=row.currency)
            found[key] = told
        return found

    def route(self, capability: Capability, *, actor: Actor) -> Route:
        """Who serves it now."""
        _may_read(actor)
        return self._cloud.route(capability)

    def route_before(self, capability: Capability, *, actor: Actor) -> Route | None:
        """Who would serve it after a roll back; None: as it is configured. Raises CloudInvalid where nothing was
        switched."""
        _may_read(actor)
        found = self._cloud.switches(capability)
        if not found:
            raise CloudInvalid("Nothing was switched: it is as it is configured.")
        return found[1].route if len(found) > 1 else None

    def difference(
        self, capability: Capability, primary: str, fallback: str | None, *, actor: Actor
    ) -> Sequence[Change]:
        """What a switch would change; nothing where it would change nothing."""
        now = self.route(capability, actor=actor)
        wanted = Route(primary, None if fallback == primary else fallback)
        changes = []
        if wanted.primary != now.primary:
            changes.append(Change("primary", now.primary, wanted.primary))
        if wanted.fallback != now.fallback:
            changes.append(Change("fallback", now.fallback, wanted.fallback))
        return changes

    def compare(
        self, capability: Capability, *, target: str | None = None, actor: Actor
    ) -> Errand[Sequence[Difference]]:
        """Begins to look for what others hold and `target` (without: who serves now) lacks. Both are listed whole."""
        actor.require(Permission.OPERATE, "compare providers")
        return Errand("compare", lambda _errand: self._cloud.difference(capability, target=target))

    def carry_over(self, capability: Capability, *, actor: Actor, source: str) -> Job:
        """Asks the workers to copy to who serves now what it lacks. What is there is passed over, and one that is under
        way is not asked for twice."""
        actor.require(Permission.OPERATE, "carry data over between providers")
        payload = {"capability": str(capability)}
        job = self._jobs.enqueue(CARRY_OVER, payload, actor=actor, source=source, key=str(capability))
        self._record.done("carry_over", str(capability), topic=PROVIDERS, actor=actor, source=source)
        return job

    def people(self, switches: Sequence[Switch]) -> Mapping[str, str]:
        """The names of those who switched, by account."""
        ids = {each.by for each in switches}
        with self._database.read() as connection:
            rows = connection.execute(select(_ACCOUNT.c.id, _ACCOUNT.c.name).where(_ACCOUNT.c.id.in_(ids)))
            return {row.id: row.name for row in rows}

    def names(self) -> Sequence[str]:
        """The providers that there are."""
        return self._cloud.caller.providers.names()

    def probe(self, *, actor: Actor) -> Errand[Found]:
        """Begins to try each provider of each route, some at once; each has five seconds."""
        actor.require(Permission.OPERATE, "probe providers")
        pairs = [
            (name, capability)
            for capability in Capability
            for name in filter(None, (self._cloud.route(capability).primary, self._cloud.route(capability).fallback))
        ]

        def one(errand: Errand[Found], name: str, capability: Capability) -> Finding | None:
            finding = self._cloud.probe(name, capability) if errand.wanted else None
            errand.step()
            return finding

        def work(errand: Errand[Found]) -> Found:
            with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="probe") as pool:
                asked = [pool.submit(one, errand, name, capability) for name, capability in pairs]
            found = [each.result() for each in asked]
            return {(each.provider, each.capability): each for each in found if each is not None}

        return Errand("probe", work, total=len(pairs))

    def journal(self, states: tuple[str, ...], *, limit: int = 25, offset: int = 0, actor: Actor) -> JournalPage:
        """Entries in these states."""
        _may_read(actor)
        with self._database.read() as connection:
            return JournalPage(
                tuple(journal.entries(connection, states=states, limit=limit, offset=offset)),
                journal.counts(connection),
            )

    def counts(self, *, actor: Actor) -> Mapping[str, int]:
        """How many journal entries there are in each state."""
        _may_read(actor)
        return self._cloud.pending()

    def reconcile(self, *, actor: Actor, source: str) -> Job:
        """Asks the workers to carry what waits to its primary, now. It is done as a job, on whichever worker comes
        first; one that waits already is not asked for twice."""
        actor.require(Permission.OPERATE, "reconcile the clouds")
        job = self._jobs.enqueue(RECONCILE, {}, actor=actor, source=source, key=_JOB_KEY)
        if job.state == "waiting":
            job = self._jobs.retry(job.id, actor=actor, source=source)
        self._record.done("reconcile", "blobs", topic=PROVIDERS, actor=actor, source=source)
        return job

    def reconciling(self, *, actor: Actor) -> Job | None:
        """The job that carries what waits, running or newest; None when there never was one."""
        found = self._jobs.find(JobFilter(kinds=(RECONCILE,)), actor=actor, limit=1)
        return found.items[0] if found.items else None

    def switch(
        self, capability: Capability, primary: str, fallback: str | None, *, reason: str, actor: Actor, source: str
    ) -> Finding:
        """Changes a route for all processes. The new primary is tried first; CloudUnavailable, and nothing changed,
        when it does not work."""
        finding = self._cloud.switch(capability, primary, fallback, actor=actor, source=source, reason=reason.strip())
        self._record.done("switch", str(capability), topic=PROVIDERS, actor=actor, source=source, audited=False)
        return finding

    def roll_back(self, capability: Capability, *, actor: Actor, source: str) -> None:
        """Takes the last switch back."""
        actor.require(Permission.OPERATE, "switch clouds")
        self._cloud.roll_back(capability, actor=actor, source=source)
        self._record.done("roll_back", str(capability), topic=PROVIDERS, actor=actor, source=source, audited=False)

    def history(self, *, actor: Actor) -> Sequence[Switch]:
        """What was switched, newest first, over all capabilities."""
        _may_read(actor)
        found = [switch for capability in Capability for switch in self._cloud.switches(capability)]
        return sorted(found, key=lambda switch: switch.at, reverse=True)


def _may_read(actor: Actor) -> None:
    actor.require(Permission.READ_ALL, "see the providers")
