"""Amazon Bedrock's runtime, as its wire protocol has it: Converse, its event stream, and two embedding models."""

from __future__ import annotations

import binascii
import itertools
import json
import re
import struct
from typing import Any
from urllib.parse import unquote

from tests.support.cloud.doubles_comprehend import is_signed, refuse, unsigned
from tests.support.cloud.doubles_key_vault import answer
from tests.support.cloud.doubles_openai import embedded, sample
from tests.support.cloud.proxy import Request, Response

CHAT = "eu.anthropic.claude-test-v1:0"
TITAN, COHERE = "amazon.titan-embed-text-v2:0", "cohere.embed-multilingual-v3"
COHERE_DIMENSION = 1024


class BedrockDouble:
    """One account with three models. `untempered`: the chat model refuses a temperature. `stops`: why it ends."""

    def __init__(self, *, untempered: bool = False, stops: str | None = None) -> None:
        self.untempered = untempered
        self.stops = stops

    def __call__(self, request: Request) -> Response:
        if not is_signed(request):
            return unsigned()
        found = re.fullmatch(r"/model/([^/]+)/(converse|converse-stream|invoke)", request.target)
        model = unquote(found[1]) if found else ""
        if not found or model not in (CHAT, TITAN, COHERE):
            return refuse(400, "ValidationException", "The provided model identifier is invalid.")
        asked = json.loads(request.body)
        if found[2] == "invoke":
            return self._embeddings(model, asked)
        if self.untempered and "temperature" in asked.get("inferenceConfig", {}):
            return refuse(400, "ValidationException", "`temperature` is deprecated for this model.")
        roles = [message["role"] for message in asked["messages"]]
        if roles[0] != "user" or any(one == other for one, other in itertools.pairwise(roles)):
            return refuse(400, "ValidationException", "roles must alternate and begin with user")
        return self._stream(asked) if found[2] == "converse-stream" else self._chat(asked)

    def _words(self, asked: dict[str, Any]) -> tuple[list[str], str]:
        words = re.findall(r"\s*\S+", f"You said: {asked['messages'][-1]['content'][-1]['text']}")
        limit = asked["inferenceConfig"]["maxTokens"]
        return words[:limit], self.stops or ("max_tokens" if len(words) > limit else "end_turn")

    def _chat(self, asked: dict[str, Any]) -> Response:
        words, stop = self._words(asked)
        content: list[dict[str, Any]] = [{"text": "".join(words)}]
        if "toolConfig" in asked:
            spec = asked["toolConfig"]["tools"][0]["toolSpec"]
            stop = self.stops or "tool_use"
            called = {"toolUseId": "t1", "name": spec["name"], "input": sample(spec["inputSchema"]["json"])}
            content = [{"toolUse": called}]
        usage = {"inputTokens": 12, "outputTokens": len(words), "totalTokens": 12 + len(words)}
        output = {"message": {"role": "assistant", "content": content}}
        return answer(200, {"output": output, "stopReason": stop, "usage": usage, "metrics": {"latencyMs": 1}})

    def _stream(self, asked: dict[str, Any]) -> Response:
        words, stop = self._words(asked)
        events = [_event("messageStart", {"role": "assistant"})]
        for word in words:
            events.append(_event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": word}}))
        events += [_event("contentBlockStop", {"contentBlockIndex": 0}), _event("messageStop", {"stopReason": stop})]
        usage = {"inputTokens": 12, "outputTokens": len(words), "totalTokens": 12 + len(words)}
        events.append(_event("metadata", {"usage": usage, "metrics": {"latencyMs": 1}}))
        return Response(200, b"".join(events), {"Content-Type": "application/vnd.amazon.eventstream"})

    @staticmethod
    def _embeddings(model: str, asked: dict[str, Any]) -> Response:
        if model == COHERE:
            vectors = [embedded(text, COHERE_DIMENSION) for text in asked["texts"]]
            count = sum(len(text.split()) for text in asked["texts"])
            return answer(200, {"embeddings": vectors}, **{"x-amzn-bedrock-input-token-count": str(count)})
        vector = embedded(asked["inputText"], asked["dimensions"])
        return answer(200, {"embedding": vector, "inputTextTokenCount": len(asked["inputText"].split())})


def _event(kind: str, value: dict[str, Any], message: str = "event") -> bytes:
    """One message of Amazon's event stream."""
    given = {":event-type": kind, ":content-type": "application/json", ":message-type": message}
    headers = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(text)) + text.encode()
        for name, text in given.items()
    )
    payload = json.dumps(value).encode()
    prelude = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    whole = prelude + struct.pack("!I", binascii.crc32(prelude)) + headers + payload
    return whole + struct.pack("!I", binascii.crc32(whole))
