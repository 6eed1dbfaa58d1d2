"""Signed links to this machine's files: only as signed, only for a while, and never a page of ours."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from shared_backend.api.cloud_files import install_cloud_files
from shared_backend.api.main import create_app
from shared_backend.api.problems import install_problems
from shared_backend.cloud.contract import Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudUnavailable
from shared_backend.cloud.local import links
from shared_backend.cloud.local.provider import LocalProvider
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.config.backend_config import Settings
from shared_backend.config.cloud_config import load_cloud_settings
from shared_backend.database.engine import Database
from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator
from shared_backend.utils.clock import utc_now
from tests.support.cloud_fakes import FakeProvider
from tests.support.cloud_memory import MemoryProvider


class Stage:
    """A gateway with this route alone, and the provider whose files it serves."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.provider = LocalProvider(settings, load_cloud_settings().local, database)
        self.now: datetime | None = None
        app = FastAPI()
        install_problems(app)
        install_cloud_files(app, settings, database, clock=lambda: self.now or utc_now())
        self.client = TestClient(app, base_url=settings.gateway_url)

    def put(self, path: str, content: bytes = b"bytes", content_type: str = "application/pdf") -> str:
        self.provider.blobs.put(
            path,
            io.BytesIO(content),
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            content_type=content_type,
            metadata={},
            condition=Condition(),
            deadline=Deadline(5),
        )
        return self.provider.blobs.link(path, seconds=60, deadline=Deadline(5))


@pytest.fixture
def stage(settings: Settings, database: Database) -> Iterator[Stage]:
    made = Stage(settings, database)
    with made.client:
        yield made


@pytest.mark.parametrize("path", ["cv/ada.pdf", "Lebenslauf Änne/ü & ö #1?.pdf", "100%/a%2fb.pdf", "日本/履歴書.pdf"])
def test_a_link_downloads_what_was_stored(stage: Stage, path: str) -> None:
    content = b"\x00\xff" * 500_000
    answer = stage.client.get(stage.put(path, content))
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, content, "application/pdf")
    assert answer.headers["content-length"] == str(len(content))
    assert f"filename*=UTF-8''{quote(path.rpartition('/')[2], safe='')}" in answer.headers["content-disposition"]


def test_the_gateway_has_the_route(settings: Settings, database: Database) -> None:
    link = Stage(settings, database).put("a.pdf")
    with TestClient(create_app(settings), base_url=settings.gateway_url) as client:
        assert client.get(link).content == b"bytes"
        assert client.get(link + "x").json()["code"] == "cloud_denied"


@pytest.mark.parametrize(
    "name", ['a";x="b.html', "a\\b.svg".replace("\\", "'"), "a%22.html", "<script>.html", "a;b.html"]
)
def test_what_could_be_a_page_is_a_file_and_runs_nothing(stage: Stage, name: str) -> None:
    answer = stage.client.get(stage.put(f"x/{name}", b"<script>alert(1)</script>", "text/html"))
    headers = answer.headers
    disposition = headers["content-disposition"]
    assert disposition.startswith('attachment; filename="') and disposition.count('"') == 2
    assert "\r" not in disposition and "\n" not in disposition
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "private, no-store" and headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("stored", ["text/html\r\nSet-Cookie: a=b", "nonsense", "", "a/b; charset=x"])
def test_a_type_that_is_none_is_just_bytes(stage: Stage, stored: str) -> None:
    answer = stage.client.get(stage.put("x", content_type=stored))
    assert answer.headers["content-type"] == "application/octet-stream" and "set-cookie" not in answer.headers


def test_a_link_ends(stage: Stage) -> None:
    link = stage.put("a")
    begun = utc_now()
    stage.now = begun.replace(year=begun.year + 1)
    answer = stage.client.get(link)
    assert answer.status_code == 403 and "has ended" in answer.json()["detail"]


def test_what_was_signed_can_not_be_changed(stage: Stage) -> None:
    link = stage.put("a/b.pdf")
    stage.put("a/c.pdf")
    path, _, query = link.partition("?")
    wrong = [
        link.replace("b.pdf", "c.pdf"),
        link.replace("expires=", "expires=9"),
        link[:-1] + ("0" if link[-1] != "0" else "1"),
        path,
        f"{path}?expires=&signature=",
        f"{path}?{query.replace('expires=', 'expires=-')}",
        f"{path}?expires=99999999999999&signature=aa",
        f"{path}?expires=²&signature=aa",
    ]
    for each in wrong:
        answer = stage.client.get(each)
        assert (answer.status_code, answer.json()["code"]) == (403, "cloud_denied"), each
    assert stage.client.get(link).status_code == 200


@pytest.mark.parametrize(
    "path", ["../secrets/cloud_key", "a/../../secrets", "/etc/passwd", "..%2f..%2fsecrets", "a//b", "."]
)
def test_no_path_leads_out_of_the_folder_not_even_a_signed_one(stage: Stage, path: str, tmp_path: Path) -> None:
    secret = stage.settings.secret_key.get_secret_value()
    stage.put("a")
    link = links.link_to(path, base=stage.settings.gateway_url, seconds=60, now=utc_now(), secret_key=secret)
    # Quoted whole, so that no client tidies the dots away.
    link = link.replace(quote(path), quote(path, safe="").replace(".", "%2e"))
    assert stage.client.get(link).status_code in (403, 404, 422)


def test_who_may_not_learns_nothing_of_what_is_there(stage: Stage) -> None:
    stage.put("there")
    answers = [
        stage.client.get(f"{links.ROUTE}{path}?expires=9999999999&signature=aa").json()["detail"]
        for path in ("there", "not-there", "..%2fout")
    ]
    assert len(set(answers)) == 1


def test_a_damaged_file_is_not_handed_over(stage: Stage) -> None:
    link = stage.put("a", b"x" * 100_000)
    (file,) = [each for each in (stage.provider.folder / "blobs/objects").rglob("*") if each.is_file()]
    content = bytearray(file.read_bytes())
    content[-10] ^= 1
    file.write_bytes(bytes(content))
    answer = stage.client.get(link)
    assert (answer.status_code, answer.json()["code"]) == (502, "cloud_corrupted")


def test_what_waits_for_its_provider_has_its_own_name(stage: Stage, database: Database) -> None:
    azure = MemoryProvider("azure")
    azure.away = CloudUnavailable("away")
    register = ProviderRegister(
        factories={"azure": lambda: FakeProvider("azure", blobs=azure), "local": lambda: stage.provider}
    )
    cloud = CloudServicesOrchestrator({}, settings=load_cloud_settings(), database=database, providers=register)
    cloud.put(b"waits", "cv/ada.pdf")
    answer = stage.client.get(cloud.link("cv/ada.pdf").value)
    assert answer.content == b"waits" and 'filename="ada.pdf"' in answer.headers["content-disposition"]
    cloud.close()
