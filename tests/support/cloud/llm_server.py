"""A server that speaks OpenAI's protocol as Ollama, llama.cpp and vLLM do, with faults on demand."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "small-model"


@dataclass
class LLMServer:
    """What it answers next, and what it was asked. `fault`: a status, or drip, cut, silent, garbage, redirect."""

    fault: int | str = ""
    text: str = "A data engineer builds pipelines for data."
    structured: str = json.dumps({"title": "Data engineer", "years": 5})
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    ending: threading.Event = field(default_factory=threading.Event)


@contextmanager
def llm_server() -> Iterator[LLMServer]:
    """The server, running on the loopback."""
    state = LLMServer()

    class Handler(_Handler):
        llm = state

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield state
    finally:
        state.ending.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    llm: LLMServer

    def log_message(self, *_args: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        if not self._failed():
            self._json({"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.llm.asked.append(body)
        if self._failed():
            return
        if body.get("stream"):
            self._stream(with_usage=bool((body.get("stream_options") or {}).get("include_usage")))
            return
        text = self.llm.structured if "response_format" in body else self.llm.text
        cut = len(text.split()) > body["max_tokens"]
        text = " ".join(text.split()[: body["max_tokens"]]) if cut else text
        self._json(
            {
                "id": "1",
                "object": "chat.completion",
                "created": 1,
                "model": body["model"],
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": text},
                        "finish_reason": "length" if cut else "stop",
                    }
                ],
                "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
            }
        )

    def _failed(self) -> bool:
        fault = self.llm.fault
        if fault == "silent":
            self.llm.ending.wait(20)
            self.close_connection = True
        elif fault == "garbage":
            self._send(200, b"<html>not what you think</html>", "application/json")
        elif fault == "redirect":
            self.llm.headers = {"Location": "http://192.0.2.1/v1"}
            self._send(302, b"", "text/plain")
        elif fault == "drip":
            self._drip()
        elif isinstance(fault, int):
            self._send(fault, b'{"error": {"message": "no", "type": "x"}}', "application/json")
        return bool(fault) and fault != "cut"

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.close_connection = True
        try:
            while not self.llm.ending.wait(0.1):
                self.wfile.write(b" ")
                self.wfile.flush()
        except OSError:
            return

    def _stream(self, *, with_usage: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        words = self.llm.text.split(" ")
        for place, word in enumerate(words):
            if self.llm.fault == "cut" and place == 2:
                return
            self._piece({"content": word if place == 0 else f" {word}"}, None)
            time.sleep(0.001)
        self._piece({}, "stop")
        if with_usage:
            self._piece(None, None, usage={"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18})
        self.wfile.write(b"data: [DONE]\n\n")

    def _piece(self, delta: dict[str, str] | None, reason: str | None, usage: dict[str, int] | None = None) -> None:
        piece = {
            "id": "1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": MODEL,
            "choices": [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": reason}],
            "usage": usage,
        }
        try:
            self.wfile.write(f"data: {json.dumps(piece)}\n\n".encode())
            self.wfile.flush()
        except OSError:
            # The client has heard enough.
            self.close_connection = True

    def _json(self, body: dict[str, Any]) -> None:
        self._send(200, json.dumps(body).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in self.llm.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
