"""Vectors by space: kept apart, made anew after a switch, and found again only among their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared_backend.cloud.contract import Capability, Vectors
from shared_backend.cloud.errors import CloudInvalid, CloudUnavailable
from shared_backend.cloud.reembedding import reembed
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.cloud.vector_store import VectorStore
from shared_backend.config.cloud_config import load_cloud_settings
from shared_backend.database.engine import Database
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator
from tests.support.cloud_fakes import FakeProvider, LetterEmbeddings

OPERATOR = Actor("ada", Role.ADMIN, "Ada")
TEXTS = {"ann": "aaa b", "bob": "bbb", "cem": "ccc a"}


class World:
    """Two models whose spaces have the same dimension and nothing else in common."""

    def __init__(self, database: Database) -> None:
        self.first = LetterEmbeddings("azure", "azure/first/8", "abcdefgh")
        self.second = LetterEmbeddings("local", "local/second/8", "hgfedcba")
        providers = {"azure": self.first, "local": self.second}
        register = ProviderRegister(
            factories={name: (lambda n=name, p=part: FakeProvider(n, embeddings=p)) for name, part in providers.items()}  # type: ignore[misc]
        )
        self.cloud = CloudServicesOrchestrator(
            {}, settings=load_cloud_settings(), database=database, providers=register
        )
        self.store = self.cloud.vectors

    def reembed(self, texts: dict[str, str], **options):  # type: ignore[no-untyped-def]
        space = self.cloud.embedding_space()
        return reembed(
            self.store,
            "person",
            iter(texts.items()),
            space=space,
            embed=lambda some: self.cloud.embed(some, space=space).value,
            **options,
        )

    def nearest(self, text: str) -> list[str]:
        return [near.subject for near in self.cloud.nearest("person", text).value]


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    made = World(database)
    yield made
    made.cloud.close()


def test_nearest_first(world: World) -> None:
    world.reembed(TEXTS)
    assert world.nearest("aa") == ["ann", "cem", "bob"]
    best = world.cloud.nearest("person", "bbbb").value[0]
    assert (best.subject, round(best.score, 6)) == ("bob", 1.0)
    assert len(world.cloud.nearest("person", "a", limit=2).value) == 2
    assert world.cloud.nearest("another kind", "a").value == []


def test_two_spaces_are_never_mixed(world: World) -> None:
    world.reembed(TEXTS)
    world.cloud.switch(Capability.EMBEDDINGS, "local", None, actor=OPERATOR, source="script")
    assert world.nearest("aa") == [], "found among vectors of another model"
    with pytest.raises(CloudUnavailable, match="local/second/8, not of azure/first/8"):
        world.cloud.embed(["a"], space="azure/first/8")
    world.reembed({"ann": "aaa b"})
    assert world.nearest("aa") == ["ann"]
    assert world.store.spaces("person") == {"azure/first/8": 3, "local/second/8": 1}
    world.cloud.roll_back(Capability.EMBEDDINGS, actor=OPERATOR, source="script")
    assert world.nearest("aa") == ["ann", "cem", "bob"], "going back needs nothing"


def test_a_failover_in_the_middle_of_embedding_anew_mixes_nothing(world: World) -> None:
    world.first.away = CloudUnavailable("away")
    with pytest.raises(CloudUnavailable):
        world.reembed(TEXTS)
    assert world.store.spaces("person") == {}


def test_a_model_that_changes_meanwhile_is_noticed(world: World) -> None:
    with pytest.raises(CloudUnavailable, match="Begin again"):
        reembed(
            world.store,
            "person",
            iter(TEXTS.items()),
            space="azure/first/8",
            embed=lambda some: Vectors("azure/renewed/8", 8, [[1.0] * 8] * len(some)),
        )
    assert world.store.spaces("person") == {}


def test_embedding_anew_goes_on_where_it_was_and_does_what_has_changed(world: World) -> None:
    left = iter([True])
    assert not world.reembed(TEXTS, batch=1, keep_going=lambda: next(left, False)).complete
    told: list[int] = []
    done = world.reembed(TEXTS, batch=1, on_progress=lambda d: told.append(d.looked_at))
    assert (done.embedded, done.up_to_date, done.complete, told) == (2, 1, True, [1, 2, 3, 3])
    assert world.first.embedded == 3
    done = world.reembed({"ann": "ddd", "bob": "bbb"})
    assert (done.embedded, done.up_to_date, done.forgotten) == (1, 1, 1)
    assert world.nearest("d")[0] == "ann" and world.store.subjects("person", "azure/first/8") == {"ann", "bob"}


def test_vectors_that_are_not_of_their_space_are_refused(database: Database) -> None:
    store = VectorStore(database)
    with pytest.raises(CloudInvalid):
        store.put("person", {"a": "a"}, Vectors("s", 3, [[1.0, 2.0]]))
    with pytest.raises(CloudInvalid):
        store.put("person", {"a": "a", "b": "b"}, Vectors("s", 2, [[1.0, 2.0]]))
    store.put("person", {"a": "a"}, Vectors("s", 2, [[1.0, 2.0]]))
    with pytest.raises(CloudInvalid, match="have 2 numbers, this one 3"):
        store.nearest("person", "s", [1.0, 2.0, 3.0])
    assert store.nearest("person", "s", [0.0, 0.0]) == []


def test_a_person_who_leaves_takes_all_vectors_along(world: World) -> None:
    world.reembed(TEXTS)
    world.cloud.switch(Capability.EMBEDDINGS, "local", None, actor=OPERATOR, source="script")
    world.reembed(TEXTS)
    assert world.store.forget("person", ["ann"]) == 2
    assert world.store.forget_space("person", "azure/first/8") == 2
    assert world.store.spaces("person") == {"local/second/8": 2}
