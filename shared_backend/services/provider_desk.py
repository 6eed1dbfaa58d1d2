"""Providers as the operators' page works with them: who serves, how they do, probes, switches, and the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared_backend.cloud import journal
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.journal import Entry
from shared_backend.cloud.reconcile import Progress
from shared_backend.cloud.routes import Switch
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.services.cloud_orchestrator import Explanation, Finding
from shared_backend.services.cloud_record import PROVIDERS, CloudRecord
from shared_backend.services.errand import Errand

if TYPE_CHECKING:
    from shared_backend.services.backend import Backend

WAITING: Final = ("pending", "intent")
CONFLICTS: Final = ("conflict",)
_AT_ONCE: Final = 4

Found = Mapping[tuple[str, str], Finding]


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
        self._record = CloudRecord(backend.database, backend.bus, clock=backend.clock)

    def overview(self, *, actor: Actor) -> Sequence[Explanation]:
        """Each capability as it stands, without a call to any provider."""
        _may_read(actor)
        return self._cloud.explain(check=False)

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

    def reconcile(self, *, actor: Actor, source: str) -> Errand[Progress]:
        """Begins to carry what waits to its primary, entry by entry; can be stopped after any."""
        actor.require(Permission.OPERATE, "reconcile the clouds")

        def work(errand: Errand[Progress]) -> Progress:
            def on_progress(progress: Progress) -> None:
                errand.done = progress.done + progress.failed

            progress = self._cloud.reconciler.run(on_progress=on_progress, keep_going=lambda: errand.wanted)
            told = {
                "carried": progress.synced,
                "conflicts": progress.conflicts,
                "superseded": progress.superseded,
                "failed": progress.failed,
            }
            self._record.done("reconcile", "blobs", topic=PROVIDERS, after=told, actor=actor, source=source)
            return progress

        counts = self._cloud.pending()
        return Errand("reconcile", work, total=sum(counts.get(state, 0) for state in WAITING))

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
