"""Parts of a provider that need no service: secrets in a dictionary, answers from a list, vectors from letters."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from shared_backend.cloud.contract import (
    Capability,
    Generated,
    Message,
    SecretInfo,
    SecretVersion,
    ToldUsage,
    Usage,
    Vectors,
)
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudError, CloudNotConfigured, CloudNotFound


class FakeProvider:
    """Offers the parts that it is given; of all others it says which setting is missing."""

    def __init__(self, name: str, **parts: Any) -> None:
        self.name = name
        self.parts = parts
        self.closed = False

    def capabilities(self) -> frozenset[Capability]:
        return frozenset(Capability(name) for name in self.parts)

    def offer(self, capability: Capability) -> Any:
        if str(capability) not in self.parts:
            raise CloudNotConfigured(f"{self.name} lacks INTELLICV_{self.name.upper()}_{capability.name}.")
        return self.parts[str(capability)]

    def check(self, capability: Capability, *, deadline: Deadline) -> str:
        part = self.offer(capability)
        away = getattr(part, "away", None)
        if away is not None:
            raise away
        return "here"

    def close(self) -> None:
        self.closed = True


class MemorySecrets:
    """A `SecretStore`. `away` fails everything; `lose_answer` fails after the write."""

    def __init__(self, provider: str) -> None:
        self.provider = provider
        self.kept: dict[str, list[tuple[SecretInfo, str]]] = {}
        self.away: CloudError | None = None
        self.lose_answer: list[CloudError] = []
        self.before_set: Callable[[], None] = lambda: None
        self._numbers = itertools.count(1)

    def get(self, name: str, *, version: str | None, deadline: Deadline) -> SecretVersion:
        found = [(i, v) for i, v in self._of(name) if version in (None, i.version)]
        if not found:
            raise CloudNotFound()
        return SecretVersion(found[-1][0], SecretStr(found[-1][1]))

    def set(self, name: str, value: SecretStr, *, deadline: Deadline) -> SecretInfo:
        self._maybe_away()
        hook, self.before_set = self.before_set, lambda: None
        hook()
        info = SecretInfo(name, f"{self.provider}{next(self._numbers)}", datetime.now(UTC))
        self.kept.setdefault(name, []).append((info, value.get_secret_value()))
        if self.lose_answer:
            raise self.lose_answer.pop()
        return info

    def list(self, *, deadline: Deadline) -> Sequence[SecretInfo]:
        self._maybe_away()
        return [versions[-1][0] for _, versions in sorted(self.kept.items())]

    def versions(self, name: str, *, deadline: Deadline) -> Sequence[SecretInfo]:
        return [info for info, _ in reversed(self._of(name))]

    def delete(self, name: str, *, deadline: Deadline) -> None:
        self._of(name)
        del self.kept[name]

    def _of(self, name: str):  # type: ignore[no-untyped-def]
        self._maybe_away()
        if name not in self.kept:
            raise CloudNotFound()
        return self.kept[name]

    def _maybe_away(self) -> None:
        if self.away is not None:
            raise self.away


class FakeGeneration:
    """A `Generation` that gives `pieces` and then raises `error`, if there is one; `wait_s` before each."""

    def __init__(self, provider: str, *pieces: str, error: CloudError | None = None, wait_s: float = 0.0) -> None:
        self.provider = provider
        self.pieces = pieces
        self.error = error
        self.wait_s = wait_s
        self.begun = 0
        self.closed = 0

    def generate(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float,
        schema: Mapping[str, Any] | None,
        deadline: Deadline,
    ) -> Generated:
        if self.error is not None:
            raise self.error
        return Generated("".join(self.pieces), f"{self.provider}-model", usage=Usage(100, 20))

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float,
        deadline: Deadline,
        told: ToldUsage | None = None,
    ) -> Iterator[str]:
        self.begun += 1
        try:
            for piece in self.pieces:
                time.sleep(min(self.wait_s, deadline.left))
                deadline.check(self.provider)
                yield piece
            if self.error is not None:
                raise self.error
            if told is not None:
                told(f"{self.provider}-model", Usage(100, 20))
        finally:
            self.closed += 1


class LetterEmbeddings:
    """An `Embeddings` that counts letters, in a space of the given name."""

    def __init__(self, provider: str, space: str, letters: str = "abcdefgh") -> None:
        self.provider = provider
        self.name = space
        self.letters = letters
        self.away: CloudError | None = None
        self.embedded = 0

    def space(self) -> str:
        return self.name

    def embed(self, texts: Sequence[str], *, deadline: Deadline) -> Vectors:
        if self.away is not None:
            raise self.away
        self.embedded += len(texts)
        vectors = [[float(text.count(letter)) for letter in self.letters] for text in texts]
        return Vectors(self.name, len(self.letters), vectors, Usage(10 * len(texts)))
