"""Text from messages by Amazon Bedrock's Converse."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from shared_backend.cloud.aws.clients import AwsClients, needed
from shared_backend.cloud.aws.failures import PROVIDER, calling
from shared_backend.cloud.contract import Generated, Message, ToldUsage, Usage
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudCorrupted, CloudInvalid, CloudUnavailable
from shared_backend.cloud.inputs import check_messages
from shared_backend.cloud.structured import check_schema, parse_answer
from shared_backend.config.cloud_aws import AwsSettings

SERVICE = "Amazon Bedrock"
# The tool that a model is made to call when its answer is to fit a schema.
_TOOL = "answer"
_FINISHED: Mapping[str, str] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
}
_FILTERED = frozenset({"content_filtered", "guardrail_intervened", "refusal"})


class BedrockGeneration:
    """`contract.Generation` by one model."""

    provider = PROVIDER

    def __init__(self, settings: AwsSettings, clients: AwsClients) -> None:
        needed(settings, "region", "bedrock_model")
        self._model = settings.bedrock_model or ""
        self._client = clients.get("bedrock-runtime")
        # Some models refuse a temperature; found out once and kept.
        self._takes_temperature = True

    def generate(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float,
        schema: Mapping[str, Any] | None,
        deadline: Deadline,
    ) -> Generated:
        """As in the contract. With a schema the model is made to call a tool that takes it."""
        check_messages(messages, max_tokens)
        options = {} if schema is None else _tool(schema)
        with calling(SERVICE, deadline):
            answer = self._ask("converse", messages, max_tokens, temperature, deadline, **options)
            blocks = answer["output"]["message"]["content"]
            text = "".join(block.get("text", "") for block in blocks)
            called = [block["toolUse"]["input"] for block in blocks if "toolUse" in block]
            reason = str(answer["stopReason"])
            usage = _usage(answer)
        finish = _finish(reason)
        if schema is None:
            if not text and not blocks:
                raise CloudCorrupted(f"{SERVICE} gave no answer.", provider=PROVIDER)
            return Generated(text, self._model, finish, usage)
        if finish == "length":
            raise CloudInvalid("The answer is longer than the tokens that it was given.", provider=PROVIDER)
        if called:
            text = json.dumps(called[0], ensure_ascii=False)
        return Generated(text, self._model, finish, usage, parse_answer(text, schema, provider=PROVIDER))

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float,
        deadline: Deadline,
        told: ToldUsage | None = None,
    ) -> Iterator[str]:
        """As in the contract."""
        check_messages(messages, max_tokens)
        with calling(SERVICE, deadline):
            answer = self._ask("converse_stream", messages, max_tokens, temperature, deadline)
        events, finished, used = answer["stream"], False, Usage()
        try:
            pieces = iter(events)
            while True:
                with calling(SERVICE, deadline):
                    piece = next(pieces, None)
                    if piece is None:
                        break
                    text = piece.get("contentBlockDelta", {}).get("delta", {}).get("text", "")
                    reason = piece.get("messageStop", {}).get("stopReason")
                    if "metadata" in piece:
                        used = _usage(piece["metadata"])
                if text:
                    yield text
                if reason:
                    _finish(reason)
                    finished = True
        finally:
            events.close()
        if not finished:
            raise CloudUnavailable(f"The connection to {SERVICE} broke off in the middle.", provider=PROVIDER)
        if told is not None:
            told(self._model, used)

    def _ask(
        self,
        operation: str,
        messages: Sequence[Message],
        max_tokens: int,
        temperature: float,
        deadline: Deadline,
        **options: Any,
    ) -> Any:
        call = getattr(self._client, operation)
        given: dict[str, Any] = {"modelId": self._model, "messages": _turns(messages), **options}
        system = [{"text": message.content} for message in messages if message.role == "system"]
        if system:
            given["system"] = system
        limits = {"maxTokens": max_tokens}
        if self._takes_temperature:
            try:
                # Converse counts from 0 to 1 where others count to 2.
                return call(**given, inferenceConfig={**limits, "temperature": min(max(temperature, 0.0), 1.0)})
            except ClientError as error:
                said = error.response.get("Error", {})
                if said.get("Code") != "ValidationException" or "temperature" not in said.get("Message", ""):
                    raise
                self._takes_temperature = False
                deadline.check(PROVIDER)
        return call(**given, inferenceConfig=limits)

    def check(self, *, deadline: Deadline) -> str:
        """The shortest of answers. Answers what was found, in words."""
        self.generate([Message("user", "Say yes.")], max_tokens=16, temperature=0, schema=None, deadline=deadline)
        return f"the model {self._model} answers"


def _turns(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """The conversation as Converse takes it: user and assistant by turns, beginning with the user."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "system" or not message.content.strip():
            continue
        if turns and turns[-1]["role"] == message.role:
            turns[-1]["content"].append({"text": message.content})
        else:
            turns.append({"role": message.role, "content": [{"text": message.content}]})
    if turns[0]["role"] != "user":
        raise CloudInvalid(f"{SERVICE} wants the user to speak first.", provider=PROVIDER)
    return turns


def _tool(schema: Mapping[str, Any]) -> dict[str, Any]:
    check_schema(schema, provider=PROVIDER)
    if schema.get("type") != "object":
        raise CloudInvalid(f"{SERVICE} keeps to schemas of objects only.", provider=PROVIDER)
    spec = {"name": _TOOL, "description": "Gives the answer.", "inputSchema": {"json": dict(schema)}}
    return {"toolConfig": {"tools": [{"toolSpec": spec}], "toolChoice": {"tool": {"name": _TOOL}}}}


def _usage(answer: Mapping[str, Any]) -> Usage:
    counts = answer.get("usage", {})
    return Usage(counts.get("inputTokens"), counts.get("outputTokens"))


def _finish(reason: str) -> str:
    if reason in _FILTERED:
        raise CloudInvalid("Bedrock's filter stopped the answer.", provider=PROVIDER)
    return _FINISHED.get(reason, reason)
