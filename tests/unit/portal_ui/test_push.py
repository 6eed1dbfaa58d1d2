"""The hub over real Starlette sockets: who gets in, what is told, and that nothing falls between two stools."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.websockets import WebSocketDisconnect

from shared_backend.portal_ui.push import Hub, Limits
from shared_backend.portal_ui.push_socket import BAD_MESSAGE, REFUSED, SIGN_IN, TOO_LARGE, TOO_MANY
from shared_backend.utils.exception_handler import DatabaseUnavailable
from tests.browser.live_portal.store import AckChange, Store
from tests.support.asgi import TestClient, WebSocketTestSession

ORIGIN = "http://portal.test"
HEADERS = {"origin": ORIGIN, "cookie": "test_session=ada"}
LIVE = {**HEADERS, "x-intellicv-live": "1", "content-type": "application/json"}


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def serve(store: Store) -> Iterator[Callable[..., TestClient]]:
    clients: list[TestClient] = []

    def start(**limits: Any) -> TestClient:
        store.hub.limits = replace(Limits(), **limits)
        client = TestClient(Starlette(routes=store.hub.routes("/live")), base_url=ORIGIN)
        client.__enter__()  # one event loop for all sockets, as in a real server
        clients.append(client)
        return client

    yield start
    for client in clients:
        client.__exit__(None, None, None)


@contextmanager
def tab(
    client: TestClient, *topics: list[Any], epoch: str = "epoch-1", process: str = "", headers: dict[str, str] = HEADERS
) -> Iterator[WebSocketTestSession]:
    with client.websocket_connect("ws://portal.test/live", headers=headers) as socket:
        socket.send_json({"t": "hello", "topics": topics, "epoch": epoch, "process": process})
        assert socket.receive_json()["t"] == "hello"
        yield socket


def settle(socket: WebSocketTestSession) -> list[dict[str, Any]]:
    """All that was said until the answer to a beat: whatever was due has been said by then."""
    socket.send_json({"t": "beat"})
    heard = []
    while True:
        message = socket.receive_json()
        if message["t"] == "beat":
            return heard
        heard.append(message)


def settled(socket: WebSocketTestSession) -> list[dict[str, Any]]:
    """Replies go out before changes in one drain, so what came last is sure only after a second beat."""
    return settle(socket) + settle(socket)


def changed(messages: list[dict[str, Any]]) -> list[list[Any]]:
    return [topic for message in messages if message["t"] == "changed" for topic in message["topics"]]


def refusal(client: TestClient, headers: dict[str, str]) -> int:
    with (
        pytest.raises(WebSocketDisconnect) as stopped,
        client.websocket_connect("ws://portal.test/live", headers=headers) as socket,
    ):
        socket.receive_json()
    return stopped.value.code


def closing_code(socket: WebSocketTestSession) -> int:
    with pytest.raises(WebSocketDisconnect) as stopped:
        for _ in range(20):
            socket.receive_json()
    return stopped.value.code


class TestGettingIn:
    def test_a_page_of_the_portal_gets_in(self, serve: Callable[..., TestClient], store: Store) -> None:
        with tab(serve()):
            assert store.hub.open_sockets == 1

    @pytest.mark.parametrize("origin", [None, "http://evil.test", "null", "http://portal.test:81"])
    def test_other_origins_are_refused(self, serve: Callable[..., TestClient], origin: str | None) -> None:
        headers = {"cookie": "test_session=ada", **({"origin": origin} if origin else {})}
        assert refusal(serve(), headers) == REFUSED

    @pytest.mark.parametrize("cookie", ["", "test_session=nobody", "other=ada"])
    def test_without_a_session_one_is_told_to_sign_in(self, serve: Callable[..., TestClient], cookie: str) -> None:
        assert refusal(serve(), {"origin": ORIGIN, "cookie": cookie}) == SIGN_IN

    def test_one_account_has_only_so_many_sockets(self, serve: Callable[..., TestClient], store: Store) -> None:
        client = serve(sockets_per_account=2)
        with tab(client), tab(client):
            assert refusal(client, HEADERS) == TOO_MANY
            with tab(client, headers={"origin": ORIGIN, "cookie": "test_session=cleo"}):
                assert store.hub.open_sockets == 3
        with tab(client):
            pass

    @pytest.mark.parametrize(
        "text",
        [
            "not json",
            "[]",
            "{}",
            '{"t":"what"}',
            '{"t":"topics","topics":[["a"]]}',
            '{"t":"shown","items":[["a","b",0]]}',
            "[" * 5000,
        ],
    )
    def test_a_malformed_message_ends_the_socket(
        self, serve: Callable[..., TestClient], store: Store, text: str
    ) -> None:
        with serve().websocket_connect("ws://portal.test/live", headers=HEADERS) as socket:
            socket.send_text(text)
            assert closing_code(socket) == BAD_MESSAGE
        assert store.shown == []

    def test_bytes_end_the_socket(self, serve: Callable[..., TestClient]) -> None:
        with serve().websocket_connect("ws://portal.test/live", headers=HEADERS) as socket:
            socket.send_bytes(b"{}")
            assert closing_code(socket) == BAD_MESSAGE

    def test_an_oversize_message_ends_the_socket(self, serve: Callable[..., TestClient]) -> None:
        with serve(message_bytes=1000).websocket_connect("ws://portal.test/live", headers=HEADERS) as socket:
            socket.send_text(" " * 1001)
            assert closing_code(socket) == TOO_LARGE

    def test_a_flood_ends_the_socket(self, serve: Callable[..., TestClient]) -> None:
        with serve(messages_per_10_s=5).websocket_connect("ws://portal.test/live", headers=HEADERS) as socket:
            for _ in range(6):
                socket.send_json({"t": "beat"})
            assert closing_code(socket) == BAD_MESSAGE


class TestBeingTold:
    def test_a_change_of_the_entity_or_of_its_kind_is_told(
        self, serve: Callable[..., TestClient], store: Store
    ) -> None:
        seq = store.watcher.position.seq
        with tab(serve(), ["user_profile", "42", seq], ["announcement", None, seq]) as socket:
            store.watcher.happened(("user_profile", "42"))
            store.watcher.happened(("announcement", "9"))
            store.watcher.happened(("user_profile", "41"))
            assert sorted(changed(settled(socket))) == [
                ["announcement", None, seq + 2],
                ["user_profile", "42", seq + 1],
            ]

    def test_a_burst_is_one_message(self, serve: Callable[..., TestClient], store: Store) -> None:
        with tab(serve(), ["announcement", None, 2]) as socket:
            store.watcher.happened(*[("announcement", str(number)) for number in range(500)])
            messages = [each for each in settled(socket) if each["t"] == "changed"]
            assert [each["topics"] for each in messages] == [[["announcement", None, 502]]]

    def test_what_it_is_now_is_told_with_it(self, serve: Callable[..., TestClient], store: Store) -> None:
        seq = store.watcher.position.seq
        with tab(serve(), ["user_profile", "42", seq], ["announcement", None, seq]) as socket:
            store.put("user_profile", "42", {"place": "Rome"})
            told = [each["texts"] for each in settled(socket) if each["t"] == "changed"]
            assert told == [{"value_place": "Rome", "value_summary": "Numbers"}]
            store.put("announcement", "1", {"text": "Without texts"})
            assert [each["texts"] for each in settled(socket) if each["t"] == "changed"] == [{}]

    def test_a_text_that_cannot_be_read_holds_nothing_up(
        self, serve: Callable[..., TestClient], store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(_cookies: object, _topics: object) -> dict[str, str]:
            raise DatabaseUnavailable

        monkeypatch.setattr(store.hub, "read_texts", gone)
        seq = store.watcher.position.seq
        with tab(serve(), ["user_profile", "42", seq]) as socket:
            store.put("user_profile", "42", {"place": "Rome"})
            assert changed(settled(socket)) == [["user_profile", "42", seq + 1]]

    def test_what_changed_since_the_page_was_drawn_is_told_at_once(
        self, serve: Callable[..., TestClient], store: Store
    ) -> None:
        store.watcher.happened(("user_profile", "42"), ("user_profile", "7"))
        with tab(serve(), ["user_profile", "42", 2], ["user_profile", "7", 4]) as socket:
            assert changed(settled(socket)) == [["user_profile", "42", 3]]

    def test_a_change_between_subscribing_and_comparing_is_told(
        self, serve: Callable[..., TestClient], store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        subscribe = Hub.subscribe

        def and_then_it_changes(hub: Hub, socket: Any, topics: Any) -> None:
            subscribe(hub, socket, topics)
            store.watcher.happened(("user_profile", "42"))

        monkeypatch.setattr(Hub, "subscribe", and_then_it_changes)
        with tab(serve(), ["user_profile", "42", 2]) as socket:
            assert ["user_profile", "42", 3] in changed(settled(socket))

    def test_another_epoch_means_resync(self, serve: Callable[..., TestClient], store: Store) -> None:
        with tab(serve(), ["user_profile", "42", 99], epoch="epoch-0") as socket:
            assert [each["t"] for each in settled(socket)] == ["resync"]

    def test_a_resync_of_the_watcher_reaches_all(self, serve: Callable[..., TestClient], store: Store) -> None:
        with tab(serve(), ["user_profile", "42", 2]) as socket:
            store.watcher.happened(resync=True)
            assert [(each["t"], each.get("epoch")) for each in settled(socket)] == [("resync", "epoch-2")]

    def test_topics_follow_the_page(self, serve: Callable[..., TestClient], store: Store) -> None:
        with tab(serve(), ["user_profile", "42", 2]) as socket:
            store.watcher.happened(("announcement", "1"))
            socket.send_json({"t": "topics", "topics": [["announcement", "1", 2]], "epoch": "epoch-1"})
            store.watcher.happened(("user_profile", "42"))
            assert changed(settled(socket)) == [["announcement", "1", 3]]
            assert store.hub.topics == 1

    def test_nothing_is_left_behind_by_a_closed_tab(self, serve: Callable[..., TestClient], store: Store) -> None:
        client = serve()
        with tab(client, ["user_profile", "42", 2], ["announcement", None, 2]):
            assert store.hub.topics == 2
        with tab(client):
            assert (store.hub.open_sockets, store.hub.topics) == (1, 0)

    def test_the_server_speaks_up_by_itself(self, serve: Callable[..., TestClient]) -> None:
        with tab(serve(beat_s=0.01)) as socket:
            assert socket.receive_json() == {"t": "beat", "seq": 2}

    def test_what_one_may_not_see_is_not_told(self, serve: Callable[..., TestClient], store: Store) -> None:
        cleo = {"origin": ORIGIN, "cookie": "test_session=cleo"}
        with tab(serve(), ["setting", "theme", 0], ["ack", "setting:theme:1", 0], headers=cleo) as socket:
            store.watcher.happened(("setting", "theme"))
            store.watcher.acknowledged(AckChange("setting", "theme", 1))
            assert changed(settled(socket)) == []


class TestAcknowledgements:
    def test_a_status_line_hears_of_its_version_only(self, serve: Callable[..., TestClient], store: Store) -> None:
        process = store.hub.acks.process
        with tab(serve(), ["ack", "user_profile:42:3", 0], ["user_profile", "42", 2], process=process) as socket:
            store.watcher.acknowledged(AckChange("user_profile", "42", 2), AckChange("user_profile", "41", 3))
            assert changed(settled(socket)) == []
            store.watcher.acknowledged(AckChange("user_profile", "42", 3))
            assert changed(settled(socket)) == [["ack", "user_profile:42:3", 2]]

    def test_one_that_came_before_the_subscription_is_told(
        self, serve: Callable[..., TestClient], store: Store
    ) -> None:
        store.watcher.acknowledged(AckChange("user_profile", "42", 3))
        with tab(serve(), ["ack", "user_profile:42:3", 0], process=store.hub.acks.process) as socket:
            assert changed(settled(socket)) == [["ack", "user_profile:42:3", 1]]

    def test_a_page_drawn_by_another_process_is_told_to_look(
        self, serve: Callable[..., TestClient], store: Store
    ) -> None:
        with tab(serve(), ["ack", "user_profile:42:3", 50], process="before the restart") as socket:
            assert changed(settled(socket)) == [["ack", "user_profile:42:3", 51]]

    def test_shown_is_reported_in_the_readers_name(self, serve: Callable[..., TestClient], store: Store) -> None:
        client = serve()
        with tab(client, ["announcement", None, 2]) as socket, tab(client, ["announcement", "1", 2]) as other:
            socket.send_json({"t": "shown", "items": [["announcement", "1", 1]], "n": 7, "epoch": "epoch-1"})
            assert [each for each in settled(socket) if each["t"] == "got"] == [{"t": "got", "n": 7}]
            assert changed(settled(other)) == [], "a reader's acknowledgement wakes no other reader"
        assert [(each["id"], each["version"], each["stage"], each["who"]) for each in store.shown] == [
            ("1", 1, "shown", "ada")
        ]

    @pytest.mark.parametrize("epoch", ["epoch-0", "epoch-2", None, 1])
    def test_what_was_shown_before_a_restore_is_no_acknowledgement_of_what_has_its_number_now(
        self, serve: Callable[..., TestClient], store: Store, epoch: Any
    ) -> None:
        body = {"items": [["announcement", "1", 1]], "epoch": epoch}
        client = serve()
        with tab(client) as socket:
            socket.send_json({"t": "shown", "n": 7, **body})
            assert settled(socket) == [{"t": "got", "n": 7}], "the browser need not say it again"
        assert client.post("/live/shown", headers=LIVE, content=json.dumps(body)).status_code == 204
        assert store.shown == []

    def test_nobody_acknowledges_what_they_may_not_see(self, serve: Callable[..., TestClient], store: Store) -> None:
        cleo = {"origin": ORIGIN, "cookie": "test_session=cleo"}
        with tab(serve(), headers=cleo) as socket:
            socket.send_json({"t": "shown", "items": [["announcement", "1", 1], ["setting", "theme", 1]]})
            assert closing_code(socket) == REFUSED
        assert store.shown == []


class TestBeingLockedOut:
    def test_a_locked_account_is_told_and_closed(self, serve: Callable[..., TestClient], store: Store) -> None:
        with tab(serve(), ["account", "ada", 2]) as socket:
            store.sessions.pop("ada")
            store.watcher.happened(("account", "ada"))
            assert changed([socket.receive_json()]) == [["account", "ada", 3]]
            assert closing_code(socket) == SIGN_IN

    def test_a_lowered_role_loses_what_it_may_no_longer_hear(
        self, serve: Callable[..., TestClient], store: Store
    ) -> None:
        with tab(serve(), ["setting", "theme", 2], ["announcement", None, 2]) as socket:
            store.sessions["ada"] = ("ada", "candidate")
            store.watcher.happened(("account", "ada"))
            while store.hub.topics == 2:
                settled(socket)
            store.watcher.happened(("setting", "theme"), ("announcement", "1"))
            assert [topic[0] for topic in changed(settled(socket))] == ["announcement"]

    def test_another_persons_account_changes_nothing(self, serve: Callable[..., TestClient], store: Store) -> None:
        with tab(serve(), ["announcement", None, 2]) as socket:
            store.watcher.happened(("account", "cleo"))
            assert settled(socket) == []

    def test_a_session_that_ended_quietly_is_noticed(self, serve: Callable[..., TestClient], store: Store) -> None:
        with tab(serve(beat_s=0.01, recheck_s=0.0)) as socket:
            store.sessions.pop("ada")
            assert closing_code(socket) == SIGN_IN


class TestThePost:
    def test_a_page_without_a_socket_reports_by_post(self, serve: Callable[..., TestClient], store: Store) -> None:
        body = {"items": [["announcement", "1", 1]], "epoch": "epoch-1"}
        answer = serve().post("/live/shown", headers=LIVE, content=json.dumps(body))
        assert answer.status_code == 204
        assert [(each["id"], each["who"]) for each in store.shown] == [("1", "ada")]

    @pytest.mark.parametrize(
        ("change", "body", "status"),
        [
            ({"origin": "http://evil.test"}, "{}", 403),
            ({"origin": ""}, "{}", 403),
            ({"x-intellicv-live": ""}, "{}", 403),
            ({"content-type": "text/plain"}, "{}", 422),
            ({"cookie": "test_session=nobody"}, "{}", 401),
            ({}, "not json", 422),
            ({}, "[]", 422),
            ({}, '{"items":[["announcement","1",0]]}', 422),
            ({"cookie": "test_session=cleo"}, '{"items":[["setting","theme",1]]}', 403),
            ({}, " " * 70_000, 413),
        ],
    )
    def test_what_is_refused(
        self, serve: Callable[..., TestClient], store: Store, change: dict[str, str], body: str, status: int
    ) -> None:
        answer = serve().post("/live/shown", headers={**LIVE, **change}, content=body)
        assert answer.status_code == status
        assert answer.json()["error"]
        assert store.shown == []
