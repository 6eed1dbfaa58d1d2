"""Running the clouds: who serves and why, probing, switching, rolling back, carrying over, reconciling, cleaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from shared_backend.cloud import journal, routes, serving, use
from shared_backend.cloud.breaker import BreakerInfo
from shared_backend.cloud.calls import Caller, Tally
from shared_backend.cloud.carry_over import Carried, CarryOver
from shared_backend.cloud.carry_secrets import SecretCarryOver
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.difference import Comparer, Difference
from shared_backend.cloud.errors import CloudError, CloudInvalid, CloudNotConfigured, CloudUnavailable
from shared_backend.cloud.leftovers import Cleaned, Leftovers
from shared_backend.cloud.local.monitoring import prune_monitoring
from shared_backend.cloud.prices import Prices, load_prices
from shared_backend.cloud.progress import Progress
from shared_backend.cloud.reconcile import Reconciler
from shared_backend.cloud.routes import Switch
from shared_backend.cloud.standing import Standing, Standings
from shared_backend.cloud.use import Use
from shared_backend.config.cloud_config import CloudSettings, Route
from shared_backend.database.engine import Database
from shared_backend.database.quick import Quick
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity import audit
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.utils.clock import Clock

# What is kept, and so must be carried; the other capabilities keep nothing.
KEEPING = (Capability.BLOBS, Capability.SECRETS)


@dataclass(frozen=True)
class Finding:
    """What a check of one provider's capability gave. `problem` is None when it works."""

    provider: str
    capability: str
    found: str
    problem: str | None
    elapsed_ms: float


@dataclass(frozen=True)
class Explanation:
    """Who serves a capability, why, and how its providers stand. `serves` answers now: the route's primary, or its
    fallback where the primary is not configured; None where nobody is. `passed_over`: what who lacks, in words.
    `formers` served before and may hold what has yet to be carried over. `warnings`: what an operator should see to at
    providers that serve all the same."""

    capability: str
    route: Route
    why: str
    findings: tuple[Finding, ...]
    breakers: Mapping[str, BreakerInfo]
    tallies: Mapping[str, Tally]
    serves: str | None = None
    passed_over: Mapping[str, str] = field(default_factory=dict)
    formers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class CloudOperations:
    """What operators do with the clouds. The orchestrator's other half."""

    _given: Mapping[str, Any]
    _settings: CloudSettings
    _database: Database
    _clock: Clock
    caller: Caller
    reconciler: Reconciler

    @cached_property
    def _quick(self) -> Quick:
        return Quick(self._database)

    @cached_property
    def standings(self) -> Standings:
        """Who serves, as configuration has it."""
        return Standings(self.caller.providers)

    def route(self, capability: Capability) -> Route:
        """Who is to serve a capability: the newest switch, or the configuration. See `serving` for who does."""
        return routes.newest(self._quick, capability) or self._configured(capability)

    def _configured(self, capability: Capability) -> Route:
        return routes.configured(self._settings, self._given, capability)

    def serving(self, capability: Capability) -> Standing:
        """Who serves a capability now: the route, less the providers that nothing was configured for."""
        return self.standings.of(capability, self.route(capability))

    def explain(self, *, check: bool = True) -> Sequence[Explanation]:
        """For each capability: who serves, why, and which check failed."""
        return [self._explain(capability, check) for capability in Capability]

    def probe(self, name: str, capability: Capability) -> Finding:
        """Tries one provider's capability now, whatever its breaker says."""
        deadline = Deadline(min(5.0, self._settings.deadline_s(str(capability))))
        try:
            found = self.caller.providers.get(name).check(capability, deadline=deadline)
        except CloudError as error:
            return Finding(name, str(capability), "", str(error), deadline.elapsed_ms)
        self.caller.breaker(name, capability).reset()
        return Finding(name, str(capability), found, None, deadline.elapsed_ms)

    def switch(
        self,
        capability: Capability,
        primary: str,
        fallback: str | None,
        *,
        actor: Actor,
        source: str,
        reason: str = "",
        correlation_id: str = "",
    ) -> Finding:
        """Changes the route from now on, in all processes. The new primary is tried first: CloudUnavailable, and
        nothing is changed, when it does not work. What the former one holds stays readable; see `carry_over`."""
        actor.require(Permission.OPERATE, "switch clouds")
        self._known(*filter(None, (primary, fallback)))
        finding = self.probe(primary, capability)
        if finding.problem:
            raise CloudUnavailable(
                f"Nothing was switched: {primary} does not work. {finding.problem}", provider=primary
            )
        after = Route(primary, None if fallback == primary else fallback)
        self._record_switch(capability, after, actor=actor, source=source, reason=reason, correlation=correlation_id)
        return finding

    def roll_back(self, capability: Capability, *, actor: Actor, source: str) -> Route:
        """Takes the last switch back: to the route before it, or to the configuration."""
        actor.require(Permission.OPERATE, "switch clouds")
        with self._database.read() as connection:
            found = routes.switches(connection, capability, limit=2)
        if not found:
            raise CloudInvalid(f"{capability} was never switched; it is as it is configured.")
        before = found[1].route if len(found) > 1 else routes.configured(self._settings, self._given, capability)
        # Who serves by that route is tried: its primary may be one that was never configured.
        served = self.standings.of(capability, before).primary
        finding = self.probe(served, capability)
        if finding.problem:
            raise CloudUnavailable(f"Nothing was switched: {served} does not work. {finding.problem}", provider=served)
        self._record_switch(capability, before, actor=actor, source=source, reason="rolled back", correlation="")
        return before

    def switches(self, capability: Capability) -> Sequence[Switch]:
        """What was switched, newest first."""
        with self._database.read() as connection:
            return routes.switches(connection, capability)

    def pending(self) -> Mapping[str, int]:
        """How many journal entries there are in each state."""
        with self._database.read() as connection:
            return journal.counts(connection)

    def reconcile(
        self,
        *,
        on_progress: Callable[[Progress], None] = lambda _progress: None,
        keep_going: Callable[[], bool] = lambda: True,
    ) -> Progress:
        """Carries to their primary what fallbacks hold for it, and compares. `busy` when somebody else is at it."""
        return self.reconciler.run(on_progress=on_progress, keep_going=keep_going)

    def formers(self, capability: Capability) -> tuple[str, ...]:
        """Who served before and may hold what the present primary does not, newest first."""
        primary = self.serving(capability).primary
        with self._database.read() as connection:
            return tuple(name for name in serving.history(connection, capability).formers if name != primary)

    def difference(
        self, capability: Capability, *, source: str | None = None, target: str | None = None
    ) -> Sequence[Difference]:
        """What other providers have and `target` lacks, one entry a source. Without `target` it is who serves now;
        with another, what a switch to it would leave behind. Blobs and secrets only: nothing else is kept."""
        sources, into = self._sources(capability, source, target)
        found = []
        for name in sources:
            try:
                found.append(self._carrier_summary(capability, name, into))
            except CloudError as error:
                found.append(Difference(str(capability), name, into, problem=str(error)))
        return found

    def carry_over(
        self,
        capability: Capability,
        *,
        source: str | None = None,
        target: str | None = None,
        on_progress: Callable[[Carried], None] = lambda _carried: None,
        keep_going: Callable[[], bool] = lambda: True,
    ) -> Mapping[str, Carried]:
        """Copies what `target` lacks, checked by sha256; answers how far it came, by source. May be stopped, and run
        again, at any time, and while both are in use. A source that can't be listed has its problem in `last_error`."""
        sources, into = self._sources(capability, source, target)
        done: dict[str, Carried] = {}
        blobs = CarryOver(self.caller, self._database, clock=self._clock)
        if capability is Capability.BLOBS and into == self.serving(capability).primary:
            waiting = Carried()
            blobs.waiting(into, waiting, keep_going)
            if waiting.copied or waiting.failed:
                done["journal"] = waiting
        carrier = blobs if capability is Capability.BLOBS else self._secret_carrier()
        for name in sources:
            if not keep_going():
                break
            try:
                done[name] = carrier.run(name, into, on_progress=on_progress, keep_going=keep_going)
            except CloudError as error:
                done[name] = Carried(failed=1, last_error=str(error))
        return done

    def clean_leftovers(self, *, older_than: timedelta = timedelta(days=1)) -> Cleaned:
        """Removes parts of uploads that were cut off, copies held for writes that are settled, and earlier states of
        objects that have a newer one elsewhere, on every provider that serves or has served blobs."""
        standing = self.serving(Capability.BLOBS)
        names = dict.fromkeys([*filter(None, standing.pair), *self.formers(Capability.BLOBS)])
        configured = [name for name in names if self.standings.lacking(name, Capability.BLOBS) is None]
        return Leftovers(self.caller, self._database, clock=self._clock).clean(configured, older_than=older_than)

    def prune(self) -> int:
        """Removes what was measured longer ago than it is kept; answers how many rows."""
        before = self._clock() - timedelta(days=self._settings.local.monitoring_days)
        return self._database.run(
            lambda uow: use.prune(uow.connection, before=before) + prune_monitoring(uow.connection, before=before)
        )

    def used(self, *, since: datetime | None = None) -> Sequence[Use]:
        """What all processes asked of the clouds since then (default: within a day): calls, failures, latencies; and by
        model the tokens, with what they cost where INTELLICV_CLOUD_PRICES has a price."""
        since = since or self._clock() - timedelta(days=1)
        with self._database.read() as connection:
            return use.used(connection, since=since, prices=self._prices)

    @cached_property
    def _prices(self) -> Prices:
        return load_prices(self._settings.prices)

    def adopt_folder(self, *, actor: Actor, source: str, correlation_id: str = "") -> str:
        """Makes this machine's folder the one that the database knows; answers it. What only the other one holds is
        given up: it is not found from then on. Other processes that have written go by the other one until they are
        started anew."""
        actor.require(Permission.OPERATE, "choose the folder of files")
        from shared_backend.cloud.local.provider import LocalProvider

        local = self.caller.providers.get("local")
        if not isinstance(local, LocalProvider):
            raise CloudNotConfigured("No folder of this machine is in use.", provider="local")
        local.home.adopt()
        folder = str(local.folder)
        self._database.run(
            lambda uow: audit.record(
                uow.connection,
                actor=actor,
                source=source,
                action="cloud.adopt_folder",
                subject=("cloud", "local"),
                before=None,
                after={"folder": folder},
                at=self._clock(),
                correlation_id=correlation_id,
            )
        )
        return folder

    def _explain(self, capability: Capability, check: bool) -> Explanation:
        standing = self.serving(capability)
        route = standing.route
        switched = self.switches(capability)
        names = [name for name in (route.primary, route.fallback) if name]
        why = f"switched by {switched[0].by}: {switched[0].reason}" if switched else "by configuration"
        nobody = len(standing.passed_over) == len(names)
        if standing.passed_over:
            serves = "nobody serves" if nobody else f"{standing.primary} serves"
            why = ". ".join([why, *(note.rstrip(".") for note in standing.notes), serves])
        formers = self.formers(capability) if capability in KEEPING else ()
        return Explanation(
            str(capability),
            route,
            why,
            tuple(self.probe(name, capability) for name in names) if check else (),
            {name: self.caller.breaker(name, capability).info() for name in names},
            {name: self.caller.tally(name, capability) for name in names},
            None if nobody else standing.primary,
            standing.passed_over,
            formers,
            self._warnings(capability, (*names, *formers)),
        )

    def _warnings(self, capability: Capability, names: Sequence[str]) -> tuple[str, ...]:
        found = []
        for name in dict.fromkeys(names):
            try:
                warning = getattr(self.caller.providers.get(name), "warning", None)
            except CloudError:
                # It says so itself when it is tried.
                continue
            if warning is not None and (words := warning(capability)):
                found.append(words)
        return tuple(found)

    def _record_switch(
        self, capability: Capability, after: Route, *, actor: Actor, source: str, reason: str, correlation: str
    ) -> None:
        now = self._clock()
        standing = self.serving(capability)
        before = standing.route

        def work(uow: UnitOfWork) -> None:
            if capability in KEEPING and standing.primary not in standing.passed_over:
                # It may hold what was there before us: it is one to look at from now on.
                serving.begin(uow.connection, capability, standing.primary, at=now)
            routes.record(uow.connection, capability, after, by=actor.id, reason=reason, at=now)
            audit.record(
                uow.connection,
                actor=actor,
                source=source,
                action="cloud.switch",
                subject=("cloud", str(capability)),
                before={"primary": before.primary, "fallback": before.fallback},
                after={"primary": after.primary, "fallback": after.fallback},
                at=now,
                correlation_id=correlation,
            )

        self._database.run(work)

    def _sources(self, capability: Capability, source: str | None, target: str | None) -> tuple[tuple[str, ...], str]:
        if capability not in KEEPING:
            raise CloudInvalid(f"Nothing is kept for {capability}: there is nothing to carry over.")
        self._known(*filter(None, (source, target)))
        serves = self.serving(capability).primary
        into = target or serves
        names = [source] if source else [serves, *self.formers(capability)]
        return tuple(name for name in dict.fromkeys(names) if name != into), into

    def _carrier_summary(self, capability: Capability, source: str, target: str) -> Difference:
        if capability is Capability.BLOBS:
            return Comparer(self.caller, self._database).summary(source, target)
        return self._secret_carrier().summary(source, target)

    def _secret_carrier(self) -> SecretCarryOver:
        return SecretCarryOver(self.caller, self._database, clock=self._clock)

    def _known(self, *names: str) -> None:
        known = self.caller.providers.names()
        for name in names:
            if name not in known:
                raise CloudInvalid(f"{name!r} is not a provider. There is {', '.join(known)}.")
