"""Text from messages by a language model on this machine: any server that speaks OpenAI's protocol (Ollama, llama.cpp,
vLLM)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from shared_backend.cloud.contract import Generated, Message, ToldUsage, Usage
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudCorrupted, CloudInvalid, CloudNotConfigured, CloudUnavailable
from shared_backend.cloud.inputs import check_messages
from shared_backend.cloud.local.disk import PROVIDER
from shared_backend.cloud.local.llm_client import asking, llm_client
from shared_backend.cloud.openai_usage import usage_of, with_usage
from shared_backend.cloud.structured import check_schema, is_closed, parse_answer
from shared_backend.config.cloud_local import LocalSettings


class LocalLLM:
    """A `Generation` by the server that `llm_url` names."""

    provider = PROVIDER

    def __init__(self, settings: LocalSettings) -> None:
        self._settings = settings
        self._url = settings.llm_url
        self._making = threading.Lock()
        self._model = settings.llm_model

    @cached_property
    def client(self) -> Any:
        """The OpenAI SDK's client. Raises CloudNotConfigured for an address of another machine."""
        with self._making:
            return llm_client(self._settings)

    def generate(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float,
        schema: Mapping[str, Any] | None,
        deadline: Deadline,
    ) -> Generated:
        """See Generation. The answer is held against the schema here too: not every server keeps to it."""
        check_messages(messages, max_tokens)
        options: dict[str, Any] = {}
        if schema is not None:
            check_schema(schema, provider=PROVIDER)
            asked = {"name": "answer", "schema": dict(schema), "strict": is_closed(schema)}
            options["response_format"] = {"type": "json_schema", "json_schema": asked}
        model = self.model(deadline=deadline)
        with asking(self._url, deadline):
            answer = self._create(model, messages, max_tokens, temperature, **options)
            if not answer.choices:
                raise CloudCorrupted(f"{self._url} gave no answer.", provider=PROVIDER)
            choice = answer.choices[0]
            text, finish = choice.message.content or "", choice.finish_reason or "stop"
            usage = usage_of(answer)
        parsed = None
        if schema is not None:
            if finish == "length":
                raise CloudInvalid("The answer is longer than the tokens that it was given.", provider=PROVIDER)
            parsed = parse_answer(text, schema, provider=PROVIDER)
        return Generated(text, answer.model or model, finish, usage, parsed)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float,
        deadline: Deadline,
        told: ToldUsage | None = None,
    ) -> Iterator[str]:
        """See Generation. Raises CloudUnavailable when the server stops without having said that it is done."""
        check_messages(messages, max_tokens)
        model = self.model(deadline=deadline)
        with asking(self._url, deadline):
            answer = self._create(model, messages, max_tokens, temperature, stream=True, **with_usage())
        finished = False
        used = Usage()
        try:
            pieces = iter(answer)
            while True:
                with asking(self._url, deadline):
                    piece = next(pieces, None)
                    choice = piece.choices[0] if piece is not None and piece.choices else None
                    text = (choice.delta.content if choice and choice.delta else "") or ""
                if piece is None:
                    break
                used = usage_of(piece, used)
                finished = finished or bool(choice and choice.finish_reason)
                if text:
                    yield text
        finally:
            answer.close()
        if not finished:
            raise CloudUnavailable(f"The connection to {self._url} broke off in the middle.", provider=PROVIDER)
        if told is not None:
            told(model, used)

    def model(self, *, deadline: Deadline) -> str:
        """The model that is asked: the one of the settings, or the first that the server lists."""
        if not self._model:
            with asking(self._url, deadline):
                listed = [model.id for model in self.client.models.list().data]
            if not listed:
                raise CloudNotConfigured(f"{self._url} has no model yet. Load one into it.", provider=PROVIDER)
            self._model = listed[0]
        return self._model

    def check(self, *, deadline: Deadline) -> str:
        """Asks for the list of models; answers what was found, in words."""
        with asking(self._url, deadline):
            listed = [model.id for model in self.client.models.list().data]
        model = self.model(deadline=deadline)
        if listed and model not in listed:
            raise CloudNotConfigured(
                f"{self._url} does not have the model {model}. It has {', '.join(listed[:10])}: set "
                "INTELLICV_LOCAL_LLM_MODEL to one of them.",
                provider=PROVIDER,
            )
        return f"{model} at {self._url}"

    def close(self) -> None:
        """Closes the connections."""
        if "client" in self.__dict__:
            self.client.close()

    def _create(
        self, model: str, messages: Sequence[Message], max_tokens: int, temperature: float, **options: Any
    ) -> Any:
        return self.client.chat.completions.create(
            model=model,
            messages=[{"role": message.role, "content": message.content} for message in messages],
            # The newer max_completion_tokens is not known to all servers.
            max_tokens=max_tokens,
            temperature=temperature,
            **options,
        )
