"""Text in pieces: from the first that begins, and no second voice after the first word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from shared_backend.cloud.contract import Capability, Message
from shared_backend.cloud.errors import CloudDenied, CloudTimeout, CloudUnavailable
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.config.cloud_config import load_cloud_settings
from shared_backend.database.engine import Database
from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator
from tests.support.cloud_fakes import FakeGeneration, FakeProvider

ASKED = [Message("user", "Say something.")]


Make = Callable[[FakeGeneration, FakeGeneration], CloudServicesOrchestrator]


@pytest.fixture
def orchestrator(database: Database) -> Iterator[Make]:
    """Makes one over a primary and a fallback."""
    with ExitStack() as stack:

        def make(primary: FakeGeneration, fallback: FakeGeneration) -> CloudServicesOrchestrator:
            parts = {"azure": primary, "local": fallback}
            register = ProviderRegister(
                factories={n: (lambda n=n, p=part: FakeProvider(n, generation=p)) for n, part in parts.items()}  # type: ignore[misc]
            )
            made = CloudServicesOrchestrator({}, settings=load_cloud_settings(), database=database, providers=register)
            stack.callback(made.close)
            return made

        yield make


def test_pieces_come_as_they_are_said(orchestrator: Make) -> None:
    primary = FakeGeneration("azure", "One ", "two.")
    stream = orchestrator(primary, FakeGeneration("local")).generate_stream(ASKED)
    assert list(stream) == ["One ", "two."]
    assert (stream.outcome.provider, stream.received, primary.closed) == ("azure", 8, 1)


def test_before_the_first_piece_the_fallback_takes_over(orchestrator: Make) -> None:
    primary = FakeGeneration("azure", error=CloudUnavailable("away"))
    stream = orchestrator(primary, FakeGeneration("local", "Hello.")).generate_stream(ASKED)
    assert "".join(stream) == "Hello."
    assert stream.outcome.degraded and stream.outcome.notes == ("azure: away",)


def test_after_the_first_piece_nobody_does_and_the_error_says_how_much_came(orchestrator: Make) -> None:
    primary = FakeGeneration("azure", "One ", "two", error=CloudUnavailable("cut off"))
    fallback = FakeGeneration("local", "Something else.")
    cloud = orchestrator(primary, fallback)
    got: list[str] = []
    with pytest.raises(CloudUnavailable, match="broke off after 7 characters: cut off") as raised:
        got.extend(piece for piece in cloud.generate_stream(ASKED))
    assert fallback.begun == 0 and raised.value.received == 7  # type: ignore[attr-defined]
    assert cloud.caller.breaker("azure", Capability.GENERATION).info().failures == 1


def test_what_may_not_fail_over_does_not(orchestrator: Make) -> None:
    fallback = FakeGeneration("local", "Hello.")
    with pytest.raises(CloudDenied):
        orchestrator(FakeGeneration("azure", error=CloudDenied("no")), fallback).generate_stream(ASKED)
    assert fallback.begun == 0


def test_the_deadline_is_that_of_the_whole_answer(orchestrator: Make) -> None:
    primary = FakeGeneration("azure", *["x"] * 50, wait_s=0.05)
    got: list[str] = []
    with pytest.raises(CloudTimeout, match="broke off after"):
        got.extend(
            piece for piece in orchestrator(primary, FakeGeneration("local")).generate_stream(ASKED, deadline_s=0.5)
        )
    assert len(got) < 50, "it was let go on to its end"


def test_an_answer_may_take_longer_than_the_primarys_share_once_it_has_begun(orchestrator: Make) -> None:
    primary = FakeGeneration("azure", *["x"] * 9, wait_s=0.1)
    assert len(list(orchestrator(primary, FakeGeneration("local")).generate_stream(ASKED, deadline_s=1.2))) == 9


def test_a_primary_that_does_not_begin_leaves_time_for_the_fallback(orchestrator: Make) -> None:
    primary = FakeGeneration("azure", "late", wait_s=30.0)
    stream = orchestrator(primary, FakeGeneration("local", "Hello.")).generate_stream(ASKED, deadline_s=0.6)
    assert list(stream) == ["Hello."] and stream.outcome.provider == "local"


def test_an_answer_that_is_not_wanted_any_more_is_ended(orchestrator: Make) -> None:
    primary = FakeGeneration("azure", "One ", "two.")
    with orchestrator(primary, FakeGeneration("local")).generate_stream(ASKED) as stream:
        assert next(iter(stream)) == "One "
    assert primary.closed == 1


def test_an_answer_without_a_word_is_an_answer(orchestrator: Make) -> None:
    assert list(orchestrator(FakeGeneration("azure"), FakeGeneration("local")).generate_stream(ASKED)) == []
