"""Azure OpenAI, as its wire protocol has it: chat, streaming, structured output, embeddings."""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any

from tests.support.cloud.doubles_key_vault import answer
from tests.support.cloud.proxy import Request, Response

KEY = "the-openai-key"
CHAT, EMBEDDING = "chat-deployment", "embedding-deployment"
MODEL = "gpt-4o-mini-2024-07-18"


def error(status: int, code: str, message: str, param: str | None = None) -> Response:
    return answer(status, {"error": {"code": code, "message": message, "param": param, "type": None}})


class OpenAiDouble:
    """One resource with a deployment that answers what it was asked, and one that embeds by words.

    `reasoning`: the chat deployment refuses a temperature, as reasoning models do. `tells_tokens`: it tells those of a
    stream, and does not refuse to be asked for them, as older ones do.
    """

    def __init__(self, *, reasoning: bool = False, tells_tokens: bool = True) -> None:
        self.reasoning = reasoning
        self.tells_tokens = tells_tokens

    def __call__(self, request: Request) -> Response:
        if request.headers.get("api-key") != KEY:
            return error(401, "401", "Access denied due to invalid subscription key.")
        found = re.fullmatch(r"/openai/deployments/([^/]+)/(chat/completions|embeddings)", request.path)
        if not found or "api-version" not in request.query or found[1] not in (CHAT, EMBEDDING):
            return error(404, "DeploymentNotFound", "The API deployment for this resource does not exist.")
        asked = json.loads(request.body)
        if found[2] == "embeddings":
            return self._embeddings(asked)
        if "max_tokens" in asked:
            return error(400, "unsupported_parameter", "Use 'max_completion_tokens' instead.", "max_tokens")
        if self.reasoning and "temperature" in asked:
            return error(400, "unsupported_value", "Only the default (1) value is supported.", "temperature")
        if not self.tells_tokens and "stream_options" in asked:
            return error(400, "unknown_parameter", "Unknown parameter: 'stream_options'.", "stream_options")
        return self._stream(asked) if asked.get("stream") else self._chat(asked)

    @staticmethod
    def _text(asked: dict[str, Any]) -> tuple[list[str], str]:
        wanted = asked.get("response_format", {})
        if wanted.get("type") == "json_schema":
            return [json.dumps(sample(wanted["json_schema"]["schema"]), ensure_ascii=False)], "stop"
        last = next(message["content"] for message in reversed(asked["messages"]) if message["role"] == "user")
        words = re.findall(r"\s*\S+", f"You said: {last}")
        limit = asked.get("max_completion_tokens") or 1000
        return words[:limit], "length" if len(words) > limit else "stop"

    def _chat(self, asked: dict[str, Any]) -> Response:
        words, finish = self._text(asked)
        message = {"role": "assistant", "content": "".join(words), "refusal": None}
        read = sum(len(message["content"].split()) for message in asked["messages"])
        usage = {"prompt_tokens": read, "completion_tokens": len(words), "total_tokens": read + len(words)}
        choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
        head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": MODEL}
        return answer(200, {**head, "choices": [choice], "usage": usage})

    def _stream(self, asked: dict[str, Any]) -> Response:
        words, finish = self._text(asked)
        head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": MODEL}
        # Azure's first piece has no choices, only what its filter found in the question.
        pieces: list[dict[str, Any]] = [{**head, "choices": [], "prompt_filter_results": []}]
        for word in words:
            pieces.append({**head, "choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]})
        pieces.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        if (asked.get("stream_options") or {}).get("include_usage"):
            # The last piece has no choices, and the tokens of all.
            read = sum(len(message["content"].split()) for message in asked["messages"])
            usage = {"prompt_tokens": read, "completion_tokens": len(words), "total_tokens": read + len(words)}
            pieces.append({**head, "choices": [], "usage": usage})
        lines = [f"data: {json.dumps(piece)}\n\n" for piece in pieces]
        return Response(200, "".join([*lines, "data: [DONE]\n\n"]).encode(), {"Content-Type": "text/event-stream"})

    @staticmethod
    def _embeddings(asked: dict[str, Any]) -> Response:
        texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
        vectors = [embedded(text, asked.get("dimensions") or 1536) for text in texts]
        data = [{"object": "embedding", "index": i, "embedding": vector} for i, vector in enumerate(vectors)]
        used = sum(len(text.split()) for text in texts)
        usage = {"prompt_tokens": used, "total_tokens": used}
        return answer(200, {"object": "list", "model": "text-embedding-3-small", "data": data, "usage": usage})


def embedded(text: str, dimension: int) -> list[float]:
    """A vector of length 1 by the text's words: the more words two texts share, the nearer they are."""
    vector = [0.0] * dimension
    for word in re.findall(r"\w+", text.casefold()) or [text]:
        digest = hashlib.sha256(word.encode()).digest()
        for start in range(0, 16, 4):
            place = int.from_bytes(digest[start : start + 4], "big")
            vector[place % dimension] += 1.0 if digest[16 + start] & 1 else -1.0
    length = math.sqrt(sum(number * number for number in vector)) or 1.0
    return [number / length for number in vector]


def sample(schema: dict[str, Any]) -> Any:
    """The plainest value that fits the schema."""
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {name: sample(each) for name, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [sample(schema.get("items", {"type": "string"})) for _ in range(max(1, schema.get("minItems", 1)))]
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    return {"string": "text", "boolean": True, "null": None}[kind]
