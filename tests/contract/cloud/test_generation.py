"""What everything that generates text does. What it says is its own affair."""

from __future__ import annotations

from typing import Any

import pytest

from shared_backend.cloud.contract import Capability, Generation, Message, Usage
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudInvalid, CloudTimeout

CAPABILITY = Capability.GENERATION

ASKED = (
    Message("system", "You answer in one sentence."),
    Message("user", "What does a data engineer do? A data engineer builds pipelines."),
)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "years": {"type": "integer"}},
    "required": ["title", "years"],
    "additionalProperties": False,
}


def test_an_answer_names_its_model(offer: Generation, deadline: Deadline) -> None:
    found = offer.generate(ASKED, max_tokens=200, temperature=0.0, schema=None, deadline=deadline)
    assert found.text.strip()
    assert found.model
    assert found.finish_reason in ("stop", "length")
    assert found.parsed is None
    assert isinstance(found.usage, Usage)
    for tokens in (found.usage.input_tokens, found.usage.output_tokens):
        assert tokens is None or tokens > 0


def test_a_conversation_may_have_many_turns(offer: Generation, deadline: Deadline) -> None:
    turns = [Message("user", "Hello."), Message("assistant", "Hello!"), Message("user", "Who are you? I am Ada.")]
    assert offer.generate(turns, max_tokens=50, temperature=0.5, schema=None, deadline=deadline).text.strip()


def test_an_answer_comes_in_pieces(offer: Generation, deadline: Deadline) -> None:
    told: list[tuple[str, Usage]] = []
    pieces = list(
        offer.stream(
            ASKED,
            max_tokens=200,
            temperature=0.0,
            deadline=deadline,
            told=lambda model, usage: told.append((model, usage)),
        )
    )
    assert len(pieces) > 1
    # Where a whole answer has its tokens counted, one in pieces has, too.
    whole = offer.generate(ASKED, max_tokens=200, temperature=0.0, schema=None, deadline=deadline)
    if whole.usage != Usage():
        ((model, usage),) = told
        assert model and usage.input_tokens and usage.output_tokens
    assert all(isinstance(piece, str) and piece for piece in pieces)
    assert "".join(pieces).strip()


def test_a_listener_may_go_before_the_end(offer: Generation, deadline: Deadline) -> None:
    pieces = iter(offer.stream(ASKED, max_tokens=200, temperature=0.0, deadline=deadline))
    assert next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert offer.generate(ASKED, max_tokens=50, temperature=0.0, schema=None, deadline=deadline).text


def test_an_answer_fits_the_schema_or_there_is_none(offer: Generation, deadline: Deadline) -> None:
    try:
        found = offer.generate(ASKED, max_tokens=200, temperature=0.0, schema=SCHEMA, deadline=deadline)
    except CloudInvalid as error:
        assert error.provider == offer.provider
    else:
        assert set(found.parsed) == {"title", "years"}
        assert isinstance(found.parsed["title"], str)
        assert isinstance(found.parsed["years"], int)


@pytest.mark.parametrize("messages", [(), (Message("user", " "),), (Message("system", "Be kind."),)])
def test_nothing_said_is_nothing_answered(offer: Generation, deadline: Deadline, messages: tuple[Message, ...]) -> None:
    with pytest.raises(CloudInvalid):
        offer.generate(messages, max_tokens=50, temperature=0.0, schema=None, deadline=deadline)
    with pytest.raises(CloudInvalid):
        list(offer.stream(messages, max_tokens=50, temperature=0.0, deadline=deadline))


def test_no_time_is_told_before_anything_happens(offer: Generation, passed: Deadline) -> None:
    with pytest.raises(CloudTimeout):
        offer.generate(ASKED, max_tokens=50, temperature=0.0, schema=None, deadline=passed)
    with pytest.raises(CloudTimeout):
        list(offer.stream(ASKED, max_tokens=50, temperature=0.0, deadline=passed))
