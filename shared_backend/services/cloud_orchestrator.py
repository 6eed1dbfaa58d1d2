"""The cloud orchestrator: Azure, AWS and this machine behind one face, with failover, and no acknowledged byte lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

import structlog
from pydantic import SecretStr

from shared_backend.cloud import streaming
from shared_backend.cloud.blob_service import BlobService
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import (
    BlobInfo,
    BlobPage,
    Capability,
    Condition,
    DetectedLanguage,
    Generated,
    Message,
    Monitoring,
    SecretInfo,
    SecretVersion,
    Sentiment,
    Vectors,
)
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudError, CloudInvalid, CloudUnavailable
from shared_backend.cloud.listeners import Listeners
from shared_backend.cloud.outcome import Outcome
from shared_backend.cloud.reconcile import Reconciler
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.cloud.secret_copies import SecretCopies
from shared_backend.cloud.secret_service import SecretService
from shared_backend.cloud.streaming import GenerationStream
from shared_backend.cloud.use import UseRecorder
from shared_backend.cloud.vector_store import Near, VectorStore
from shared_backend.config.backend_config import Settings
from shared_backend.config.cloud_config import CloudSettings, load_cloud_settings
from shared_backend.database.engine import Database
from shared_backend.services.cloud_operations import CloudOperations, Explanation, Finding
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.exception_handler import DatabaseUnavailable

if TYPE_CHECKING:
    from shared_backend.services.backend import Backend

__all__ = ["CloudServicesOrchestrator", "Explanation", "Finding"]


class CloudServicesOrchestrator(CloudOperations):
    """Every cloud capability, by routes that configuration names and an operator may switch while running.

    `config`: `primary` (default azure), `fallback` (default local), and for one capability alone `blobs_primary`, … .
    What else it works with is this process's own, unless it is given: `product` are the product's settings, which say
    where this machine's files are. Raises ConfigurationError for unusable settings.
    """

    def __init__(
        self,
        config: Mapping[str, Any] | None = None,
        *,
        settings: CloudSettings | None = None,
        database: Database | None = None,
        providers: ProviderRegister | None = None,
        copies: SecretCopies | None = None,
        product: Settings | None = None,
        clock: Clock = utc_now,
        listeners: Listeners = Listeners(),  # noqa: B008  (frozen)
    ) -> None:
        self._given = dict(config or {})
        self._settings = settings or load_cloud_settings()
        self._database = database or _backend().database
        self._clock = clock
        self._log = structlog.get_logger(__name__)
        if providers is None:
            product = product or _backend().settings
            providers = ProviderRegister((self._settings, product, self._database))
            copies = copies or _copies(self._settings, product, clock)
        self.recorder = UseRecorder(self._database, clock=clock)
        self.caller = Caller(providers, recorder=self.recorder)
        self.blobs = BlobService(self.caller, self._database, clock=clock, listeners=listeners)
        self.secrets = SecretService(self.caller, self._database, copies=copies, clock=clock)
        self.vectors = VectorStore(self._database, clock=clock)
        self.reconciler = Reconciler(self.caller, self._database, clock=clock, listeners=listeners)

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
        before = self.blobs.before_writing(path)
        return self.blobs.put(
            self.standings.of(Capability.BLOBS, before.switched or self._configured(Capability.BLOBS)).pair,
            path,
            data,
            content_type=content_type,
            metadata=metadata,
            condition=condition or Condition(),
            deadline=self._deadline(Capability.BLOBS, deadline_s),
            before=before,
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
        """A secret. It is never taken from the fallback, where an older value would pass for the newest; while its
        provider is away, a copy on this machine may be answered, which says that it is `stale`."""
        primary, deadline = self._secrets_by()
        return self.secrets.get(primary, name, version=version, deadline=deadline)

    def set_secret(self, name: str, value: SecretStr) -> Outcome[SecretInfo]:
        """Writes a new version, on the primary or not at all."""
        primary, deadline = self._secrets_by()
        return self.secrets.set(primary, name, value, deadline=deadline)

    def list_secrets(self) -> Outcome[Sequence[SecretInfo]]:
        """The newest version of each, without values."""
        primary, deadline = self._secrets_by()
        return self.secrets.list(primary, deadline=deadline)

    def secret_versions(self, name: str) -> Outcome[Sequence[SecretInfo]]:
        """All versions of a secret, newest first."""
        primary, deadline = self._secrets_by()
        return self.secrets.versions(primary, name, deadline=deadline)

    def delete_secret(self, name: str) -> Outcome[None]:
        """Removes all versions of a secret, also those that earlier providers still have."""
        primary, deadline = self._secrets_by()
        return self.secrets.delete(primary, name, deadline=deadline)

    def sentiment(self, text: str, *, language: str | None = None) -> Outcome[Sentiment]:
        """The tone of a text."""
        outcome = self._either(Capability.TEXT, lambda t, d: t.sentiment(text, language=language, deadline=d))
        return self._billed(outcome, text, "sentiment", *([] if language else ["language"]))

    def key_phrases(self, text: str, *, language: str | None = None) -> Outcome[Sequence[str]]:
        """What a text is about."""
        outcome = self._either(Capability.TEXT, lambda t, d: t.key_phrases(text, language=language, deadline=d))
        return self._billed(outcome, text, "key_phrases", *([] if language else ["language"]))

    def language(self, text: str) -> Outcome[DetectedLanguage]:
        """The language of a text."""
        outcome = self._either(Capability.TEXT, lambda t, d: t.language(text, deadline=d))
        return self._billed(outcome, text, "language")

    def generate(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int = 1_000,
        temperature: float = 0.0,
        schema: Mapping[str, Any] | None = None,
    ) -> Outcome[Generated]:
        """Text from messages; whole, so that it may fail over."""
        outcome: Outcome[Generated] = self._either(
            Capability.GENERATION,
            lambda g, d: g.generate(
                messages, max_tokens=max_tokens, temperature=temperature, schema=schema, deadline=d
            ),
        )
        self.recorder.tokens(outcome.provider, Capability.GENERATION, outcome.value.model, outcome.value.usage)
        return outcome

    def generate_stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int = 1_000,
        temperature: float = 0.0,
        deadline_s: float | None = None,
    ) -> GenerationStream:
        """Text from messages in pieces. Fails over until the first piece has come, never after: what breaks off then
        says how much had come. The deadline is that of the whole answer."""
        return streaming.begin(
            self.caller,
            self._pair(Capability.GENERATION),
            messages,
            max_tokens=max_tokens,
            temperature=temperature,
            deadline=self._deadline(Capability.GENERATION, deadline_s),
            used=lambda provider, model, usage: self.recorder.tokens(provider, Capability.GENERATION, model, usage),
        )

    def embed(self, texts: Sequence[str], *, space: str | None = None) -> Outcome[Vectors]:
        """Vectors. With `space`, only from a provider whose vectors are in it: CloudUnavailable otherwise, as vectors
        of two spaces must never be mixed."""

        standing = self.serving(Capability.EMBEDDINGS)
        pair = standing.pair if space is None else self._in_space(standing.pair, space)
        deadline = self._deadline(Capability.EMBEDDINGS)
        outcome = self.caller.either(*pair, Capability.EMBEDDINGS, lambda e, d: e.embed(texts, deadline=d), deadline)
        found: Vectors = outcome.value
        if space is not None and found.space != space:
            raise _other_space(outcome.provider, found.space, space)
        self.recorder.tokens(outcome.provider, Capability.EMBEDDINGS, found.space, found.usage)
        return outcome

    def _in_space(self, pair: tuple[str, str | None], space: str) -> tuple[str, str | None]:
        """Those of the two whose vectors are in a space. That another's are not is no failure of its own."""
        spaces = {name: self.caller.providers.get(name).offer(Capability.EMBEDDINGS).space() for name in pair if name}
        fit = [name for name, own in spaces.items() if own == space]
        if not fit:
            raise _other_space(pair[0], spaces[pair[0]], space)
        return fit[0], fit[1] if len(fit) > 1 else None

    def embedding_space(self) -> str:
        """The space of who serves embeddings now, without a call."""
        space: str = (
            self.caller.providers.get(self.serving(Capability.EMBEDDINGS).primary).offer(Capability.EMBEDDINGS).space()
        )
        return space

    def nearest(self, kind: str, text: str, *, limit: int = 10) -> Outcome[Sequence[Near]]:
        """The subjects of a kind that are nearest to a text, of those with a vector in the very space that the text's
        is in."""
        outcome = self.embed([text])
        found = outcome.value
        return outcome.with_value(self.vectors.nearest(kind, found.space, found.vectors[0], limit=limit))

    def metric(self, name: str, value: float, *, unit: str = "", attributes: Mapping[str, str] | None = None) -> None:
        """One measurement. Never raises and never waits."""
        self._monitor(lambda monitoring: monitoring.metric(name, value, unit=unit, attributes=attributes or {}))

    def event(self, name: str, attributes: Mapping[str, str] | None = None) -> None:
        """Something happened. Never raises and never waits."""
        self._monitor(lambda monitoring: monitoring.event(name, attributes or {}))

    @contextmanager
    def trace(self, name: str, attributes: Mapping[str, str] | None = None) -> Iterator[None]:
        """How long something took; what is raised inside goes on."""
        monitoring = self._monitoring()
        with monitoring.trace(name, attributes or {}) if monitoring is not None else nullcontext():
            yield

    def flush_monitoring(self, *, deadline_s: float | None = None) -> bool:
        """Whether all that was given has left, within the deadline."""
        monitoring = self._monitoring()
        return monitoring is None or monitoring.flush(deadline=self._deadline(Capability.MONITORING, deadline_s))

    def _monitor(self, call: Callable[[Monitoring], None]) -> None:
        monitoring = self._monitoring()
        if monitoring is not None:
            call(monitoring)

    def _monitoring(self) -> Monitoring | None:
        """The first of the route whose part can be made: monitoring is never why something fails."""
        try:
            for name in filter(None, self._pair(Capability.MONITORING)):
                try:
                    found: Monitoring = self.caller.providers.get(name).offer(Capability.MONITORING)
                    return found
                except CloudError as error:
                    self._log.info("cloud.not_monitored", provider=name, reason=error.code)
        except DatabaseUnavailable:
            self._log.info("cloud.not_monitored", reason="no database")
        return None

    def get_ai_service(self, service_type: str) -> Any:
        """The primary's implementation of an AI capability: text, generation or embeddings. Raises CloudInvalid for
        others, CloudNotConfigured that names the setting or package."""
        wanted = (Capability.TEXT, Capability.GENERATION, Capability.EMBEDDINGS)
        names = {str(capability): capability for capability in wanted}
        if service_type not in names:
            raise CloudInvalid(f"{service_type!r} is not an AI service. There is {', '.join(names)}.")
        capability = names[service_type]
        return self.caller.providers.get(self.serving(capability).primary).offer(capability)

    def close(self) -> None:
        """Writes what was counted, and closes the providers' connections; the next call opens them again."""
        self.recorder.close()
        self.caller.providers.close()

    def _either(self, capability: Capability, call: Any) -> Outcome[Any]:
        standing = self.serving(capability)
        outcome = self.caller.either(*standing.pair, capability, call, self._deadline(capability))
        return replace(outcome, notes=(*standing.notes, *outcome.notes)) if standing.passed_over else outcome

    def _billed(self, outcome: Outcome[Any], text: str, *operations: str) -> Outcome[Any]:
        """Counts what whoever answered bills for these calls. A language that was not given was asked for, too."""
        billed = self.caller.providers.get(outcome.provider).offer(Capability.TEXT).units(text)
        for operation in operations:
            self.recorder.units(outcome.provider, Capability.TEXT, operation, billed)
        return outcome

    def _secrets_by(self) -> tuple[str, Deadline]:
        return self.serving(Capability.SECRETS).primary, self._deadline(Capability.SECRETS)

    def _pair(self, capability: Capability) -> tuple[str, str | None]:
        return self.serving(capability).pair

    def _deadline(self, capability: Capability, seconds: float | None = None) -> Deadline:
        return Deadline(seconds or self._settings.deadline_s(str(capability)))


def _other_space(provider: str, found: str, wanted: str) -> CloudUnavailable:
    return CloudUnavailable(f"{provider} gives vectors of {found}, not of {wanted}.", provider=provider)


def _copies(settings: CloudSettings, product: Settings, clock: Clock) -> SecretCopies:
    return SecretCopies(
        settings.local.root(product) / "secret-copies",
        product.secret_key.get_secret_value(),
        lifetime=timedelta(hours=settings.secret_copy_hours),
        clock=clock,
    )


def _backend() -> Backend:
    from shared_backend.services.backend import get_backend

    return get_backend()
