"""One contract a capability, the same for every provider. Providers answer values or raise CloudError; the orchestrator
makes outcomes of them. Every call gets the deadline of the whole operation and returns, or raises, before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, BinaryIO, Literal, Protocol

from pydantic import SecretStr

from shared_backend.cloud.deadline import Deadline


class Capability(StrEnum):
    """What a provider may offer; each can have its own primary and fallback."""

    BLOBS = "blobs"
    SECRETS = "secrets"
    TEXT = "text"
    GENERATION = "generation"
    EMBEDDINGS = "embeddings"
    MONITORING = "monitoring"


@dataclass(frozen=True)
class BlobInfo:
    """A blob without its bytes. `etag` changes with every write; `sha256` is lower-case hex of the content."""

    path: str
    size: int
    sha256: str
    content_type: str
    metadata: Mapping[str, str]
    etag: str
    modified_at: datetime


@dataclass(frozen=True)
class BlobPage:
    """A page of a listing in the order of paths; `after` is the path to go on behind, None at the end."""

    items: list[BlobInfo]
    after: str | None


@dataclass(frozen=True)
class Condition:
    """What must hold for a write: nothing, that there is no blob (`absent`), or that it has this etag."""

    kind: Literal["any", "absent", "etag"] = "any"
    etag: str = ""


class BlobStore(Protocol):
    """Blobs by path. Paths and metadata have been checked by `names`."""

    provider: str

    def put(
        self,
        path: str,
        data: BinaryIO,
        *,
        size: int,
        sha256: str,
        content_type: str,
        metadata: Mapping[str, str],
        condition: Condition,
        deadline: Deadline,
    ) -> BlobInfo:
        """Stores `size` bytes, all or nothing, checked against `sha256` on the way. `data` is seekable, at its start.
        Raises CloudAlreadyExists, CloudPrecondition; `ambiguous` where the answer was lost."""

    def open(self, path: str, *, deadline: Deadline) -> AbstractContextManager[tuple[BlobInfo, Iterator[bytes]]]:
        """The blob and its bytes in chunks. Raises CloudCorrupted at the end when they are not those of the sha256."""

    def stat(self, path: str, *, deadline: Deadline) -> BlobInfo:
        """Raises CloudNotFound."""

    def list(self, prefix: str, *, after: str | None, limit: int, deadline: Deadline) -> BlobPage:
        """Blobs whose path begins with `prefix`."""

    def delete(self, path: str, *, condition: Condition, deadline: Deadline) -> None:
        """Raises CloudNotFound, CloudPrecondition."""

    def link(self, path: str, *, seconds: int, deadline: Deadline) -> str:
        """An address that downloads the blob without credentials for that long. Raises CloudNotFound."""

    def clean_leftovers(self, *, older_than: datetime, deadline: Deadline) -> int:
        """Removes uncommitted parts of uploads that were cut off; answers how many."""


@dataclass(frozen=True)
class SecretInfo:
    """A secret without its value. Versions are opaque texts; `created_at` orders them."""

    name: str
    version: str
    created_at: datetime


@dataclass(frozen=True)
class SecretVersion:
    """A secret's value. `stale`: a copy that could not be checked against its provider."""

    info: SecretInfo
    value: SecretStr = field(repr=False)
    stale: bool = False


class SecretStore(Protocol):
    """Secrets by name. Values are up to 20 KiB of text."""

    provider: str

    def get(self, name: str, *, version: str | None, deadline: Deadline) -> SecretVersion:
        """The newest version, or that one. Raises CloudNotFound."""

    def set(self, name: str, value: SecretStr, *, deadline: Deadline) -> SecretInfo:
        """Writes a new version."""

    def list(self, *, deadline: Deadline) -> Sequence[SecretInfo]:
        """The newest version of each, by name."""

    def versions(self, name: str, *, deadline: Deadline) -> Sequence[SecretInfo]:
        """All versions, newest first. Raises CloudNotFound."""

    def delete(self, name: str, *, deadline: Deadline) -> None:
        """Removes all versions; the name may be used again at once. Raises CloudNotFound."""


@dataclass(frozen=True)
class Sentiment:
    """`label` is unsupported where the provider does not know the language: never a false neutral. Scores add to 1."""

    label: Literal["positive", "neutral", "negative", "mixed", "unsupported"]
    positive: float = 0.0
    neutral: float = 0.0
    negative: float = 0.0
    language: str = ""


@dataclass(frozen=True)
class DetectedLanguage:
    """ISO 639-1 code (`und` where it can't be told), English name, confidence 0 to 1."""

    code: str
    name: str
    confidence: float


class TextAnalysis(Protocol):
    """What a text says of itself. Texts have up to 5,000 characters; longer ones are CloudInvalid."""

    provider: str

    def sentiment(self, text: str, *, language: str | None, deadline: Deadline) -> Sentiment:
        """The tone of a text."""

    def key_phrases(self, text: str, *, language: str | None, deadline: Deadline) -> list[str]:
        """What it is about, most important first; each occurs in the text."""

    def language(self, text: str, *, deadline: Deadline) -> DetectedLanguage:
        """The language it is written in."""

    def units(self, text: str) -> int:
        """As how much one of these calls is billed for a text, in the provider's own units; 0 where it is not."""


@dataclass(frozen=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Usage:
    """Tokens, as the provider counted them; None where it does not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True)
class Generated:
    """What was generated. `model` names it (`template:…` for templates). `parsed`: where a schema was asked for."""

    text: str
    model: str
    finish_reason: str = "stop"
    usage: Usage = Usage()
    parsed: Any = None


# Is told the model and the tokens of an answer.
ToldUsage = Callable[[str, Usage], None]


class Generation(Protocol):
    """Text from messages."""

    provider: str

    def generate(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float,
        schema: Mapping[str, Any] | None,
        deadline: Deadline,
    ) -> Generated:
        """`schema` is a JSON schema that `parsed` fits; CloudInvalid where the provider can't keep to it."""

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float,
        deadline: Deadline,
        told: ToldUsage | None = None,
    ) -> Iterator[str]:
        """The text in pieces. Raises before the first piece, or in the middle when the connection is lost. `told` is
        called at the end, where the provider counts tokens; not for an answer that was not heard to its end."""


@dataclass(frozen=True)
class Vectors:
    """Embeddings. `space` names model and dimension (`provider/model/dimension`): spaces are never mixed."""

    space: str
    dimension: int
    vectors: list[list[float]]
    usage: Usage = Usage()


class Embeddings(Protocol):
    """Vectors from texts."""

    provider: str

    def space(self) -> str:
        """The space its vectors are in, without a call."""

    def embed(self, texts: Sequence[str], *, deadline: Deadline) -> Vectors:
        """One vector a text, in order."""


class Monitoring(Protocol):
    """Metrics, events and traces, off the caller's thread: these never raise and never wait."""

    provider: str

    def metric(self, name: str, value: float, *, unit: str, attributes: Mapping[str, str]) -> None:
        """One measurement."""

    def event(self, name: str, attributes: Mapping[str, str]) -> None:
        """Something happened."""

    def trace(self, name: str, attributes: Mapping[str, str]) -> AbstractContextManager[None]:
        """How long something took."""

    def flush(self, *, deadline: Deadline) -> bool:
        """Whether all that was given has left, within the deadline."""


class Provider(Protocol):
    """A cloud, or this machine."""

    name: str

    def capabilities(self) -> frozenset[Capability]:
        """What it offers with the settings that it has."""

    def offer(self, capability: Capability) -> Any:
        """The contract's implementation. Raises CloudNotConfigured that names the setting or package."""

    def check(self, capability: Capability, *, deadline: Deadline) -> str:
        """A cheap call that shows that it works; answers what was found, in words."""
