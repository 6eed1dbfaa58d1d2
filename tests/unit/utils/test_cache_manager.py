from __future__ import annotations

import threading

import pytest

from shared_backend.utils.cache_manager import CacheManager


def test_an_answer_is_worked_out_once() -> None:
    cache = CacheManager()
    made: list[int] = []
    answers = [cache.get(("nurse",), ("v1",), lambda: made.append(1) or len(made)) for _ in range(3)]
    assert answers == [1, 1, 1]
    figures = cache.figures()
    assert (figures.entries, figures.hits, figures.misses, figures.hit_rate) == (1, 2, 1, pytest.approx(2 / 3))


def test_before_the_first_question_there_is_no_rate() -> None:
    assert CacheManager().figures().hit_rate is None


def test_other_versions_have_other_answers_and_drop_the_earlier_ones() -> None:
    cache = CacheManager()
    assert cache.get(("nurse",), ("v1",), lambda: "old") == "old"
    assert cache.get(("nurse",), ("v2",), lambda: "new") == "new"
    assert (cache.figures().entries, cache.figures().dropped) == (1, 1)
    assert cache.get(("nurse",), ("v1",), lambda: "again") == "again", "switched back: worked out anew"


def test_who_began_before_a_switch_keeps_nothing_after_it() -> None:
    cache = CacheManager()

    def slow() -> str:
        cache.get(("other",), ("v2",), lambda: "new")
        return "old"

    assert cache.get(("nurse",), ("v1",), slow) == "old"
    assert cache.get(("nurse",), ("v2",), lambda: "new") == "new"
    assert cache.figures().entries == 2


def test_it_is_bounded_and_what_was_used_last_stays() -> None:
    cache = CacheManager(capacity=2)
    for name in ("a", "b", "a", "c"):
        cache.get((name,), ("v",), lambda name=name: name)
    made: list[str] = []
    for name in ("a", "c"):
        cache.get((name,), ("v",), lambda name=name: made.append(name) or name)
    assert made == [] and cache.figures().entries == 2
    with pytest.raises(ValueError):
        CacheManager(0)


def test_an_error_is_raised_and_not_kept() -> None:
    cache = CacheManager()

    def fail() -> str:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        cache.get(("a",), (), fail)
    assert cache.get(("a",), (), lambda: "yes") == "yes"


def test_threads_that_ask_the_same_at_once_work_it_out_once() -> None:
    cache = CacheManager()
    made: list[int] = []
    gate, inside = threading.Event(), threading.Event()

    def make() -> str:
        made.append(1)
        inside.set()
        gate.wait(10)
        return "answer"

    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(cache.get(("a",), (), make))) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert inside.wait(10)
    gate.set()
    for thread in threads:
        thread.join(10)
    assert (answers, len(made)) == (["answer"] * 8, 1)
