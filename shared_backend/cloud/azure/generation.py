"""Text from messages by Azure OpenAI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import openai

from shared_backend.cloud.azure.credentials import needed
from shared_backend.cloud.azure.failures import PROVIDER
from shared_backend.cloud.azure.openai_client import SERVICE, asking
from shared_backend.cloud.contract import Generated, Message, ToldUsage, Usage
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudCorrupted, CloudInvalid, CloudUnavailable
from shared_backend.cloud.inputs import check_messages
from shared_backend.cloud.openai_usage import usage_of, with_usage
from shared_backend.cloud.structured import is_closed, parse_answer
from shared_backend.config.cloud_azure import AzureSettings

_CAN_DO_WITHOUT = ("temperature", "stream_options")


class AzureGeneration:
    """`contract.Generation` by one deployment."""

    provider = PROVIDER

    def __init__(self, settings: AzureSettings, client: openai.AzureOpenAI) -> None:
        needed(settings, "openai_deployment")
        self._deployment = settings.openai_deployment or ""
        self._client = client
        # Reasoning models refuse a temperature, older deployments the tokens of a stream; found out once and kept.
        self._refused: frozenset[str] = frozenset()

    def generate(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float,
        schema: Mapping[str, Any] | None,
        deadline: Deadline,
    ) -> Generated:
        """As in the contract."""
        check_messages(messages, max_tokens)
        options: dict[str, Any] = {}
        if schema is not None:
            options["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": dict(schema), "strict": is_closed(schema)},
            }
        with asking(deadline):
            answer = self._create(messages, max_tokens, temperature, deadline, **options)
            if not answer.choices:
                raise CloudCorrupted(f"{SERVICE} gave no answer.", provider=PROVIDER)
            choice = answer.choices[0]
            text, refusal = choice.message.content or "", getattr(choice.message, "refusal", None)
            finish, model = choice.finish_reason or "stop", answer.model or self._deployment
            usage = usage_of(answer)
        _answered(refusal, finish)
        parsed = None
        if schema is not None:
            if finish == "length":
                raise CloudInvalid("The answer is longer than the tokens that it was given.", provider=PROVIDER)
            parsed = parse_answer(text, schema, provider=PROVIDER)
        return Generated(text, model, finish, usage, parsed)

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
        with asking(deadline):
            answer = self._create(messages, max_tokens, temperature, deadline, stream=True, **with_usage())
        finished = False
        used, model = Usage(), self._deployment
        try:
            pieces = iter(answer)
            while True:
                with asking(deadline):
                    piece = next(pieces, None)
                    if piece is None:
                        break
                    used, model = usage_of(piece, used), piece.model or model
                    # The first and the last piece on Azure may have no choices: filter results and usage.
                    choice = piece.choices[0] if piece.choices else None
                    text = (choice.delta.content if choice and choice.delta else "") or ""
                    reason = choice.finish_reason if choice else None
                if text:
                    yield text
                if reason:
                    _answered(None, reason)
                    finished = True
        finally:
            answer.close()
        if not finished:
            raise CloudUnavailable(f"The connection to {SERVICE} broke off in the middle.", provider=PROVIDER)
        if told is not None:
            told(model, used)

    def _create(
        self,
        messages: Sequence[Message],
        max_tokens: int,
        temperature: float,
        deadline: Deadline,
        **options: Any,
    ) -> Any:
        given: dict[str, Any] = {
            "model": self._deployment,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "max_completion_tokens": max_tokens,
            "temperature": temperature,
            **options,
        }
        while True:
            taken = {name: value for name, value in given.items() if name not in self._refused}
            try:
                return self._client.chat.completions.create(**taken)
            except openai.BadRequestError as error:
                name = next((each for each in _CAN_DO_WITHOUT if (error.param or "").startswith(each)), None)
                if name is None or name not in taken:
                    raise
                self._refused |= {name}
                deadline.check(PROVIDER)

    def check(self, *, deadline: Deadline) -> str:
        """The shortest of answers. Answers what was found, in words."""
        answer = self.generate(
            [Message("user", "Say yes.")], max_tokens=16, temperature=0, schema=None, deadline=deadline
        )
        return f"the deployment {self._deployment} answers ({answer.model})"


def _answered(refusal: str | None, finish: str) -> None:
    if refusal:
        raise CloudInvalid("The model refused to answer that.", provider=PROVIDER)
    if finish == "content_filter":
        raise CloudInvalid("Azure's content filter stopped the answer.", provider=PROVIDER)
