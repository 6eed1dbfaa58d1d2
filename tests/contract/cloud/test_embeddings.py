"""What everything that makes vectors of texts does."""

from __future__ import annotations

import math

import pytest

from shared_backend.cloud.contract import Capability, Embeddings
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudInvalid, CloudTimeout

CAPABILITY = Capability.EMBEDDINGS


def test_one_vector_a_text_in_order_all_of_one_space(offer: Embeddings, deadline: Deadline) -> None:
    texts = ["data engineer", "nurse", "Köchin in Zürich", "data engineer"]
    found = offer.embed(texts, deadline=deadline)
    assert len(found.vectors) == len(texts)
    assert {len(vector) for vector in found.vectors} == {found.dimension}
    assert all(type(number) is float and math.isfinite(number) for vector in found.vectors for number in vector)
    assert all(any(vector) for vector in found.vectors)
    assert found.vectors[0] == pytest.approx(found.vectors[3], abs=1e-6)
    assert found.vectors[0] != pytest.approx(found.vectors[1], abs=1e-6)


def test_alone_or_among_others_a_text_has_the_same_vector(offer: Embeddings, deadline: Deadline) -> None:
    alone = offer.embed(["nurse"], deadline=deadline).vectors[0]
    assert offer.embed(["data engineer", "nurse"], deadline=deadline).vectors[1] == pytest.approx(alone, abs=1e-6)


def test_the_space_is_known_without_a_call_and_names_provider_and_dimension(
    offer: Embeddings, deadline: Deadline
) -> None:
    found = offer.embed(["data engineer"], deadline=deadline)
    assert offer.space() == found.space
    provider, model, dimension = found.space.split("/", 2)[0], found.space.split("/")[1:-1], found.space.split("/")[-1]
    assert provider == offer.provider
    assert all(model)
    assert int(dimension) == found.dimension


def test_no_texts_no_vectors(offer: Embeddings, deadline: Deadline) -> None:
    found = offer.embed([], deadline=deadline)
    assert found.vectors == []
    assert found.space == offer.space()


@pytest.mark.parametrize("texts", [[""], ["data engineer", " "], ["x"] * 2_049])
def test_texts_that_somebody_would_not_take_are_refused(
    offer: Embeddings, deadline: Deadline, texts: list[str]
) -> None:
    with pytest.raises(CloudInvalid):
        offer.embed(texts, deadline=deadline)


def test_no_time_is_told_before_anything_happens(offer: Embeddings, passed: Deadline) -> None:
    with pytest.raises(CloudTimeout):
        offer.embed(["data engineer"], deadline=passed)
