"""Text in pieces, from the first provider that begins: nothing fails over once a piece has been given."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import Capability, Message, Usage
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudCorrupted, CloudError, CloudTimeout, CloudUnavailable
from shared_backend.cloud.outcome import Outcome


class GenerationStream:
    """Iterate over it for the text in pieces; `close()` it, or use it as a context, when not all of it is wanted.

    `outcome` says who answers and what failed before. An error in the middle has in its message how much had come, and
    in `received` the number of characters.
    """

    def __init__(self, outcome: Outcome[Iterator[str]], first: str | None, caller: Caller, deadline: Deadline) -> None:
        self.outcome: Outcome[None] = outcome.with_value(None)
        self.received = 0
        self._pieces = outcome.value
        self._first = first
        self._caller = caller
        self._deadline = deadline

    def __iter__(self) -> Iterator[str]:
        try:
            piece = self._first
            while piece is not None:
                self.received += len(piece)
                yield piece
                piece = self._next()
        finally:
            self.close()

    def __enter__(self) -> GenerationStream:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        """Ends the answer where it is."""
        close = getattr(self._pieces, "close", None)
        if close is not None:
            with contextlib.suppress(CloudError):
                close()

    def _next(self) -> str | None:
        name = self.outcome.provider
        try:
            self._deadline.check(name)
            return next(self._pieces, None)
        except CloudError as error:
            self._caller.failed_in_the_middle(name, Capability.GENERATION, error)
            raise self._broken_off(error) from error

    def _broken_off(self, error: CloudError) -> CloudError:
        words = f"The answer of {self.outcome.provider} broke off after {self.received:,} characters: {error}"
        kinds = (CloudTimeout, CloudUnavailable, CloudCorrupted)
        kind = next((kind for kind in kinds if isinstance(error, kind)), type(error))
        made = kind(words, provider=self.outcome.provider, retry_after_s=error.retry_after_s)
        made.received = self.received  # type: ignore[attr-defined]
        return made


class _Patience(Deadline):
    """A deadline that is moved once the answer has begun."""

    def __init__(self, within: Deadline) -> None:
        super().__init__(within.left)

    def extend_to(self, whole: Deadline) -> None:
        self._end = self._clock() + whole.left
        self.seconds = whole.seconds


def begin(
    caller: Caller,
    pair: tuple[str, str | None],
    messages: Sequence[Message],
    *,
    max_tokens: int,
    temperature: float,
    deadline: Deadline,
    used: Callable[[str, str, Usage], None] = lambda _provider, _model, _usage: None,
) -> GenerationStream:
    """Begins an answer on the primary, or on the fallback where no first piece came. The deadline is that of the whole
    answer. `used` is told (provider, model, tokens) at the end. Raises CloudError before the first piece."""

    def open_it(generation: Any, within: Deadline) -> tuple[Iterator[str], str | None]:
        # The attempt has its share of the time until the first piece; what follows has all that is left.
        patience = _Patience(within)
        pieces = generation.stream(
            messages,
            max_tokens=max_tokens,
            temperature=temperature,
            deadline=patience,
            told=lambda model, usage: used(generation.provider, model, usage),
        )
        first = next(pieces, None)
        patience.extend_to(deadline)
        return pieces, first

    outcome = caller.either(*pair, Capability.GENERATION, open_it, deadline)
    pieces, first = outcome.value
    return GenerationStream(outcome.with_value(pieces), first, caller, deadline)
