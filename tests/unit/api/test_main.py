from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import text

from shared_backend.api.main import create_app
from shared_backend.config.backend_config import Settings
from shared_backend.database.engine import Database
from shared_backend.utils.exception_handler import NotFound


def test_lives_and_is_ready(settings: Settings) -> None:
    with TestClient(create_app(settings)) as client:
        assert client.get("/livez").json() == {"status": "ok"}
        ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["database"] in ("sqlite", "postgresql")


def test_not_ready_without_a_schema(settings: Settings, empty_database_url: str) -> None:
    with TestClient(create_app(settings.model_copy(update={"database_url": empty_database_url}))) as client:
        answer = client.get("/readyz")
        assert client.get("/livez").status_code == 200
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "schema_mismatch"
    assert answer.headers["retry-after"] == "1"


def test_not_ready_with_the_schema_of_a_newer_release(settings: Settings, database: Database) -> None:
    with database.write() as uow:
        uow.connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    with TestClient(create_app(settings)) as client:
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "9999_later" in answer.json()["detail"]


def test_not_ready_when_the_database_is_away(settings: Settings) -> None:
    url = "postgresql+psycopg://cv:geheim@127.0.0.1:1/cv"
    with TestClient(create_app(settings.model_copy(update={"database_url": url}))) as client:
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "geheim" not in answer.text


class Body(BaseModel):
    size: int


def test_every_error_is_a_problem_with_the_id_of_its_call(sqlite_url: str, settings: Settings) -> None:
    app = create_app(settings)

    @app.get("/gone")
    def gone() -> None:
        raise NotFound("There is no such candidate.")

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("the inside: password=geheim")

    @app.post("/typed")
    def typed(body: Body) -> None: ...

    with TestClient(app) as client:
        answers = {
            404: client.get("/gone", headers={"X-Correlation-ID": "mine-1"}),
            500: client.get("/broken"),
            422: client.post("/typed", json={"size": "geheim"}),
            405: client.delete("/livez"),
        }
        unknown = client.get("/nowhere")
    for status, answer in {**answers, 404: unknown}.items():
        body = answer.json()
        assert answer.status_code == body["status"] == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-correlation-id"] == body["correlation_id"]
        assert "geheim" not in answer.text
    assert answers[404].json()["detail"] == "There is no such candidate."
    assert answers[404].headers["x-correlation-id"] == "mine-1"
    assert answers[422].json()["errors"][0]["where"] == "body/size"


@pytest.mark.parametrize("odd", ["a b", "x" * 65, "<script>"])
def test_an_odd_id_is_not_taken_over(settings: Settings, odd: str) -> None:
    with TestClient(create_app(settings)) as client:
        assert client.get("/livez", headers={"X-Correlation-ID": odd}).headers["x-correlation-id"] != odd
