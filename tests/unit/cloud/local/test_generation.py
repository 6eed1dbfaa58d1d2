from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from shared_backend.cloud.contract import Message
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudCorrupted,
    CloudDenied,
    CloudError,
    CloudInvalid,
    CloudNotConfigured,
    CloudThrottled,
    CloudTimeout,
    CloudUnavailable,
)
from shared_backend.cloud.local import packages
from shared_backend.cloud.local.generation import LocalLLM
from shared_backend.cloud.local.llm_client import is_this_machine
from shared_backend.cloud.local.templates import EXTRACT_NOTE, FACTS_NOTE, TemplateGeneration
from tests.support.cloud.llm_server import MODEL, LLMServer, llm_server
from tests.support.cloud.local import local_settings

ASKED = [Message("user", "What does a data engineer do?")]
SCHEMA = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}


@pytest.fixture
def server() -> Iterator[LLMServer]:
    with llm_server() as running:
        yield running


@pytest.fixture
def llm(server: LLMServer) -> Iterator[LocalLLM]:
    made = LocalLLM(local_settings(llm_url=server.url))
    yield made
    made.close()


def generate(llm: Any, deadline: Deadline | None = None, **other: Any) -> Any:
    given: dict[str, Any] = {"max_tokens": 50, "temperature": 0.3, "schema": None}
    return llm.generate(ASKED, **{**given, **other}, deadline=deadline or Deadline(10))


def test_the_servers_first_model_is_asked_and_counts_are_kept(llm: LocalLLM, server: LLMServer) -> None:
    found = generate(llm)
    assert (found.text, found.model, found.finish_reason) == (server.text, MODEL, "stop")
    assert (found.usage.input_tokens, found.usage.output_tokens) == (11, 7)
    (asked,) = server.asked
    assert asked["messages"] == [{"role": "user", "content": ASKED[0].content}]
    assert (asked["model"], asked["max_tokens"], asked["temperature"]) == (MODEL, 50, 0.3)
    assert llm.check(deadline=Deadline(10)) == f"{MODEL} at {server.url}"


def test_a_model_that_the_server_does_not_have_is_named(server: LLMServer) -> None:
    llm = LocalLLM(local_settings(llm_url=server.url, llm_model="large-model"))
    with pytest.raises(CloudNotConfigured, match=rf"large-model. It has {MODEL}"):
        llm.check(deadline=Deadline(10))
    llm.close()


@pytest.mark.parametrize("fence", ["", "```json\n"])
def test_an_answer_in_the_shape_that_was_asked_for(llm: LocalLLM, server: LLMServer, fence: str) -> None:
    server.structured = fence + json.dumps({"title": "Cook"}) + ("\n```" if fence else "")
    assert generate(llm, schema=SCHEMA).parsed == {"title": "Cook"}
    assert server.asked[-1]["response_format"]["json_schema"]["schema"] == SCHEMA


@pytest.mark.parametrize("text", ['{"title": 5}', "{}", "Sure! Here it is", '{"title": "Cook"'])
def test_an_answer_in_another_shape_is_none(llm: LocalLLM, server: LLMServer, text: str) -> None:
    server.structured = text
    with pytest.raises(CloudInvalid):
        generate(llm, schema=SCHEMA)


def test_half_an_answer_is_not_taken_for_one(llm: LocalLLM, server: LLMServer) -> None:
    server.structured = '{"title": "Cook of the house"}'
    with pytest.raises(CloudInvalid, match="longer"):
        generate(llm, schema=SCHEMA, max_tokens=3)
    assert generate(llm, max_tokens=3).finish_reason == "length"


def test_what_is_no_schema_is_not_sent(llm: LocalLLM, server: LLMServer) -> None:
    with pytest.raises(CloudInvalid, match="not a JSON schema"):
        generate(llm, schema={"type": "objekt"})
    assert server.asked == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (401, CloudDenied),
        (403, CloudDenied),
        (404, CloudNotConfigured),
        (400, CloudInvalid),
        (422, CloudInvalid),
        (429, CloudThrottled),
        (500, CloudUnavailable),
        (503, CloudUnavailable),
        ("garbage", CloudCorrupted),
        ("redirect", CloudInvalid),
    ],
)
def test_every_failure_has_its_meaning(
    llm: LocalLLM, server: LLMServer, fault: int | str, error: type[CloudError]
) -> None:
    llm.model(deadline=Deadline(10))
    server.fault = fault
    server.headers = {"Retry-After": "3600"} if fault == 429 else {}
    with pytest.raises(error) as caught:
        generate(llm)
    assert type(caught.value) is error
    assert caught.value.provider == "local"
    assert caught.value.retry_after_s == (3600 if fault == 429 else None)
    assert len(server.asked) == 1


@pytest.mark.parametrize("fault", ["drip", "silent"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_server_that_takes_its_time_does_not_hold_us(
    llm: LocalLLM, server: LLMServer, fault: str, stream: bool
) -> None:
    llm.model(deadline=Deadline(10))
    server.fault = fault
    with pytest.raises((CloudTimeout, CloudUnavailable)):
        if stream:
            list(llm.stream(ASKED, max_tokens=50, temperature=0.0, deadline=Deadline(0.5)))
        else:
            generate(llm, Deadline(0.5))


def test_a_stream_that_is_cut_is_not_taken_for_a_whole_one(llm: LocalLLM, server: LLMServer) -> None:
    server.fault = "cut"
    heard = []
    with pytest.raises(CloudUnavailable):
        for piece in llm.stream(ASKED, max_tokens=50, temperature=0.0, deadline=Deadline(10)):
            heard.append(piece)
    assert heard == ["A", " data"]


def test_a_server_that_is_not_there_is_unavailable() -> None:
    llm = LocalLLM(local_settings(llm_url="http://127.0.0.1:9", llm_model="m"))
    with pytest.raises(CloudUnavailable, match="Is it running"):
        generate(llm)
    llm.close()


@pytest.mark.parametrize("url", ["http://192.0.2.1/v1", "http://llm.example.org/v1", "http://127.0.0.1.example.org"])
def test_another_machine_is_asked_only_when_that_is_meant(url: str) -> None:
    with pytest.raises(CloudNotConfigured, match="INTELLICV_LOCAL_LLM_ELSEWHERE"):
        generate(LocalLLM(local_settings(llm_url=url, llm_model="m")))
    allowed = LocalLLM(local_settings(llm_url=url, llm_model="m", llm_elsewhere=True))
    assert allowed.client
    allowed.close()


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://127.8.8.8", True),
        ("http://[::1]:8080/v1", True),
        ("http://LOCALHOST:8080", True),
        ("http://0.0.0.0:8080", False),
        ("http://10.0.0.1", False),
        ("http://localhost.example.org", False),
        ("http://user@127.0.0.1@192.0.2.1/", False),
    ],
)
def test_what_this_machine_is(url: str, here: bool) -> None:
    assert is_this_machine(url) is here


def test_a_proxy_of_the_environment_is_not_asked(llm: LocalLLM, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://192.0.2.1:3128")
    assert generate(llm).text


def test_a_missing_package_is_named() -> None:
    with pytest.raises(CloudNotConfigured, match="pip install some-package"):
        packages.needed("no_such_module_anywhere", install="some-package", why="This")


def templated(content: str, max_tokens: int = 200) -> Any:
    return TemplateGeneration().generate(
        [Message("user", content)], max_tokens=max_tokens, temperature=0.0, schema=None, deadline=Deadline(10)
    )


def test_facts_are_put_into_words_and_nothing_else_is_said() -> None:
    facts = {"job_title": "Cook", "years": 5.0, "certified": True, "skills": ["a", "b"], "empty": [], "pay": {"min": 1}}
    found = templated(json.dumps(facts))
    assert found.model == "template:facts"
    lines = found.text.splitlines()
    assert lines[:5] == ["Job title: Cook.", "Years: 5.", "Certified: yes.", "Skills: a, b.", "Pay: min 1."]
    assert lines[-1] == FACTS_NOTE


def test_other_texts_give_their_own_sentences_and_say_so() -> None:
    found = templated("First one. Second one! Third? Fourth.")
    assert found.model == "template:extract"
    assert found.text == f"{EXTRACT_NOTE} First one. Second one! Third?"
    assert found.usage.input_tokens is None


def test_a_template_keeps_to_its_length_and_fills_no_schema() -> None:
    assert templated("word " * 500, max_tokens=10).finish_reason == "length"
    assert len(templated("word " * 500, max_tokens=10).text) <= 40
    with pytest.raises(CloudInvalid, match="INTELLICV_LOCAL_LLM_URL"):
        generate(TemplateGeneration(), schema=SCHEMA)
