"""The cloud orchestrator: Azure, AWS and this machine behind one face, with failover, and no acknowledged byte lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from pydantic import SecretStr

from shared_backend.cloud import journal, routes
from shared_backend.cloud.blob_service import BlobService
from shared_backend.cloud.breaker import BreakerInfo
from shared_backend.cloud.calls import Caller, Tally
from shared_backend.cloud.contract import (
    BlobInfo,
    BlobPage,
    Capability,
    Condition,
    DetectedLanguage,
    Generated,
    Message,
    SecretInfo,
    SecretVersion,
    Sentiment,
    Vectors,
)
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudError, CloudInvalid, CloudUnavailable
from shared_backend.cloud.names import check_secret_name
from shared_backend.cloud.outcome import Outcome
from shared_backend.cloud.reconcile import Reconciler
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.cloud.routes import Switch
from shared_backend.config.cloud_config import CloudSettings, Route, load_cloud_settings
from shared_backend.database.engine import Database
from shared_backend.identity import audit
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.utils.clock import Clock, utc_now

if TYPE_CHECKING:
    from shared_backend.services.backend import Backend


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
    """Who serves a capability, why, and how its providers stand."""

    capability: str
    route: Route
    why: str
    findings: tuple[Finding, ...]
    breakers: Mapping[str, BreakerInfo]
    tallies: Mapping[str, Tally]


class CloudServicesOrchestrator:
    """Every cloud capability, by routes that configuration names and an operator may switch while running.

    `config`: `primary` (default azure), `fallback` (default local), and for one capability alone `blobs_primary`, … .
    What else it works with is this process's own, unless it is given. Raises ConfigurationError for unusable settings.
    """

    def __init__(
        self,
        config: Mapping[str, Any] | None = None,
        *,
        settings: CloudSettings | None = None,
        database: Database | None = None,
        providers: ProviderRegister | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._given = dict(config or {})
        self._settings = settings or load_cloud_settings()
        self._database = database or _backend().database
        self._clock = clock
        self.caller = Caller(providers or ProviderRegister((self._settings, _backend().settings, self._database)))
        self.blobs = BlobService(self.caller, self._database, clock=clock)
        self.reconciler = Reconciler(self.caller, self._database, clock=clock)

    def upload(self, data: bytes, path: str) -> str:
        """Stores bytes; answers `provider:path`. Durable when it returns. See `put` for the whole outcome."""
        outcome = self.put(data, path)
        return f"{outcome.provider}:{path}"

    def download(self, path: str) -> bytes:
        """The bytes, wherever they are; also with the `provider:` that `upload` answered before it."""
        name, colon, rest = path.partition(":")
        known = colon and name in self.caller.providers.names()
        return self.get(rest if known else path).value

    def put(
        self,
        data: bytes | BinaryIO | Iterable[bytes],
        path: str,
        *,
        content_type: str = "application/octet-stream",
        metadata: Mapping[str, str] | None = None,
        condition: Condition | None = None,
        deadline_s: float | None = None,
    ) -> Outcome[BlobInfo]:
        """Stores a blob, with where it is durable and whether it has yet to be carried to the primary."""
        return self.blobs.put(
            self._pair(Capability.BLOBS),
            path,
            data,
            content_type=content_type,
            metadata=metadata,
            condition=condition or Condition(),
            deadline=self._deadline(Capability.BLOBS, deadline_s),
        )

    def get(self, path: str, *, deadline_s: float | None = None) -> Outcome[bytes]:
        """A blob's bytes."""
        return self.blobs.get(self._pair(Capability.BLOBS), path, deadline=self._deadline(Capability.BLOBS, deadline_s))

    def stat(self, path: str) -> Outcome[BlobInfo]:
        """A blob without its bytes."""
        return self.blobs.stat(self._pair(Capability.BLOBS), path, deadline=self._deadline(Capability.BLOBS))

    def list(self, prefix: str = "", *, after: str | None = None, limit: int = 100) -> Outcome[BlobPage]:
        """A page of blobs in path order."""
        route = self._pair(Capability.BLOBS)
        return self.blobs.list(route, prefix, after=after, limit=limit, deadline=self._deadline(Capability.BLOBS))

    def delete(self, path: str, *, condition: Condition | None = None) -> Outcome[None]:
        """Deletes a blob."""
        return self.blobs.delete(
            self._pair(Capability.BLOBS),
            path,
            condition=condition or Condition(),
            deadline=self._deadline(Capability.BLOBS),
        )

    def link(self, path: str, *, seconds: int = 300) -> Outcome[str]:
        """An address that downloads the blob without credentials for that long."""
        route = self._pair(Capability.BLOBS)
        return self.blobs.link(route, path, seconds=seconds, deadline=self._deadline(Capability.BLOBS))

    def get_secret(self, name: str, *, version: str | None = None) -> Outcome[SecretVersion]:
        """A secret. It is never taken from the fallback: an older value would pass for the newest."""
        check_secret_name(name)
        return self._on_primary(Capability.SECRETS, lambda s, d: s.get(name, version=version, deadline=d))

    def set_secret(self, name: str, value: SecretStr) -> Outcome[SecretInfo]:
        """Writes a new version, on the primary or not at all."""
        check_secret_name(name)
        return self._on_primary(Capability.SECRETS, lambda s, d: s.set(name, value, deadline=d), retry=False)

    def list_secrets(self) -> Outcome[Sequence[SecretInfo]]:
        """The newest version of each, without values."""
        return self._on_primary(Capability.SECRETS, lambda s, d: s.list(deadline=d))

    def secret_versions(self, name: str) -> Outcome[Sequence[SecretInfo]]:
        """All versions of a secret, newest first."""
        check_secret_name(name)
        return self._on_primary(Capability.SECRETS, lambda s, d: s.versions(name, deadline=d))

    def delete_secret(self, name: str) -> Outcome[None]:
        """Removes all versions of a secret."""
        check_secret_name(name)
        return self._on_primary(Capability.SECRETS, lambda s, d: s.delete(name, deadline=d), retry=False)

    def sentiment(self, text: str, *, language: str | None = None) -> Outcome[Sentiment]:
        """The tone of a text."""
        return self._either(Capability.TEXT, lambda t, d: t.sentiment(text, language=language, deadline=d))

    def key_phrases(self, text: str, *, language: str | None = None) -> Outcome[Sequence[str]]:
        """What a text is about."""
        return self._either(Capability.TEXT, lambda t, d: t.key_phrases(text, language=language, deadline=d))

    def language(self, text: str) -> Outcome[DetectedLanguage]:
        """The language of a text."""
        return self._either(Capability.TEXT, lambda t, d: t.language(text, deadline=d))

    def generate(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int = 1_000,
        temperature: float = 0.0,
        schema: Mapping[str, Any] | None = None,
    ) -> Outcome[Generated]:
        """Text from messages; whole, so that it may fail over."""
        return self._either(
            Capability.GENERATION,
            lambda g, d: g.generate(
                messages, max_tokens=max_tokens, temperature=temperature, schema=schema, deadline=d
            ),
        )

    def embed(self, texts: Sequence[str], *, space: str | None = None) -> Outcome[Vectors]:
        """Vectors. With `space`, only from a provider whose vectors are in it: CloudUnavailable otherwise, as vectors
        of two spaces must never be mixed."""

        def embed(embeddings: Any, deadline: Deadline) -> Vectors:
            if space is not None and embeddings.space() != space:
                raise CloudUnavailable(f"{embeddings.provider} gives vectors of {embeddings.space()}, not of {space}.")
            vectors: Vectors = embeddings.embed(texts, deadline=deadline)
            return vectors

        return self._either(Capability.EMBEDDINGS, embed)

    def get_ai_service(self, service_type: str) -> Any:
        """The primary's implementation of an AI capability: text, generation or embeddings. Raises CloudInvalid for
        others, CloudNotConfigured that names the setting or package."""
        wanted = (Capability.TEXT, Capability.GENERATION, Capability.EMBEDDINGS)
        names = {str(capability): capability for capability in wanted}
        if service_type not in names:
            raise CloudInvalid(f"{service_type!r} is not an AI service. There is {', '.join(names)}.")
        capability = names[service_type]
        route = self.route(capability)
        for name in filter(None, (route.primary, route.fallback)):
            try:
                return self.caller.providers.get(name).offer(capability)
            except CloudError as error:
                if name == (route.fallback or route.primary) or not error.may_fail_over:
                    raise
        raise AssertionError("a route has a primary")

    def route(self, capability: Capability) -> Route:
        """Who serves a capability now: the newest switch, or the configuration."""
        with self._database.read() as connection:
            found = routes.switches(connection, capability, limit=1)
        return found[0].route if found else routes.configured(self._settings, self._given, capability)

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
        nothing is changed, when it does not work."""
        actor.require(Permission.OPERATE, "switch clouds")
        known = self.caller.providers.names()
        for name in filter(None, (primary, fallback)):
            if name not in known:
                raise CloudInvalid(f"{name!r} is not a provider. There is {', '.join(known)}.")
        finding = self.probe(primary, capability)
        if finding.problem:
            raise CloudUnavailable(
                f"Nothing was switched: {primary} does not work. {finding.problem}", provider=primary
            )
        before, after = self.route(capability), Route(primary, None if fallback == primary else fallback)
        now = self._clock()

        def work(uow: Any) -> None:
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
                correlation_id=correlation_id,
            )

        self._database.run(work)
        return finding

    def roll_back(self, capability: Capability, *, actor: Actor, source: str) -> Route:
        """Takes the last switch back: to the route before it, or to the configuration."""
        with self._database.read() as connection:
            found = routes.switches(connection, capability, limit=2)
        if not found:
            raise CloudInvalid(f"{capability} was never switched; it is as it is configured.")
        before = found[1].route if len(found) > 1 else routes.configured(self._settings, self._given, capability)
        self.switch(capability, before.primary, before.fallback, actor=actor, source=source, reason="rolled back")
        return before

    def switches(self, capability: Capability) -> Sequence[Switch]:
        """What was switched, newest first."""
        with self._database.read() as connection:
            return routes.switches(connection, capability)

    def pending(self) -> Mapping[str, int]:
        """How many journal entries there are in each state."""
        with self._database.read() as connection:
            return journal.counts(connection)

    def close(self) -> None:
        """Closes the providers' connections; the next call opens them again."""
        self.caller.providers.close()

    def _explain(self, capability: Capability, check: bool) -> Explanation:
        route = self.route(capability)
        switched = self.switches(capability)
        names = [name for name in (route.primary, route.fallback) if name]
        why = f"switched by {switched[0].by}: {switched[0].reason}" if switched else "by configuration"
        return Explanation(
            str(capability),
            route,
            why,
            tuple(self.probe(name, capability) for name in names) if check else (),
            {name: self.caller.breaker(name, capability).info() for name in names},
            {name: self.caller.tally(name, capability) for name in names},
        )

    def _either(self, capability: Capability, call: Any) -> Outcome[Any]:
        primary, fallback = self._pair(capability)
        return self.caller.either(primary, fallback, capability, call, self._deadline(capability))

    def _on_primary(self, capability: Capability, call: Any, *, retry: bool = True) -> Outcome[Any]:
        primary, _ = self._pair(capability)
        deadline = self._deadline(capability)
        value, attempts = self.caller.on_one(primary, capability, call, deadline, retry=retry)
        return Outcome(value, primary, durable_at=(primary,), attempts=attempts, elapsed_ms=deadline.elapsed_ms)

    def _pair(self, capability: Capability) -> tuple[str, str | None]:
        route = self.route(capability)
        return route.primary, route.fallback

    def _deadline(self, capability: Capability, seconds: float | None = None) -> Deadline:
        return Deadline(seconds or self._settings.deadline_s(str(capability)))


def _backend() -> Backend:
    from shared_backend.services.backend import get_backend

    return get_backend()
