"""A cloud that goes away and comes back: what is uploaded meanwhile is read at once, and arrives when it is back."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from admin_portal.cloud_words import row_key
from tests.browser.journeys.product import Product, running_product, until
from tests.browser.journeys.screenshots import shoot
from tests.browser.journeys.visitors import ADMIN, Visitors, button, key
from tests.support.cloud.azurite import free_port, running_azurite

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CONTAINER = "intellicv"
NAME = "Zürich – CV (final) [1].pdf"
CONTENT = random.Random(3).randbytes(300_000)


class Cloud:
    """Azurite on one port with one folder, stopped and started as a machine is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._running: Any = None

    def start(self) -> None:
        self._running = running_azurite(port=self.port, folder=self.folder)
        self._running.__enter__()

    def stop(self) -> None:
        if self._running is not None:
            running, self._running = self._running, None
            running.__exit__(None, None, None)

    def connection_string(self) -> str:
        from tests.support.cloud.azurite import Azurite

        return Azurite(self.port, self.folder).connection_string()

    def read(self, path: str) -> bytes:
        """By Azure's own SDK, past the product."""
        from azure.storage.blob import BlobServiceClient

        with BlobServiceClient.from_connection_string(self.connection_string()) as client:
            content: bytes = client.get_blob_client(CONTAINER, path).download_blob().readall()
        return content


@contextmanager
def _cloud(folder: Path) -> Iterator[Cloud]:
    cloud = Cloud(folder)
    cloud.start()
    try:
        yield cloud
    finally:
        cloud.stop()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with _cloud(tmp_path_factory.mktemp("azurite")) as running:
        yield running


@pytest.fixture(scope="module")
def product(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """In the place of the one without clouds."""
    environment = {
        "INTELLICV_CLOUD_PRIMARY": "azure",
        "INTELLICV_CLOUD_FALLBACK": "local",
        "INTELLICV_AZURE_STORAGE_CONNECTION_STRING": cloud.connection_string(),
    }
    with running_product(tmp_path_factory.mktemp("product"), environment=environment) as running:
        yield running


def upload(page: Page, name: str, content: bytes) -> None:
    """Stores one file at the top, and waits for what became of it."""
    button(page, "upload_files").click()
    picker = key(page, "upload_files_1").locator("input[type=file]")
    picker.set_input_files({"name": name, "mimeType": "application/pdf", "buffer": content})
    button(page, "start_upload").click()


def download(page: Page, path: str) -> bytes:
    """Has the file made and saves it, while the list is redrawn or not."""
    button(page, f"download_file_{row_key(path)}").click()
    with page.expect_download() as waiting:
        button(page, f"ready_download_file_{row_key(path)}").click()
    assert waiting.value.suggested_filename == path
    return Path(waiting.value.path()).read_bytes()


def test_an_upload_while_the_cloud_is_away_arrives_when_it_is_back(
    product: Product, visitors: Visitors, cloud: Cloud
) -> None:
    ada = product.person("admin")
    files = visitors.visit(ada, ADMIN, "/cloud_storage")
    upload(files, "before.pdf", b"before")
    expect(files.get_by_text("is stored on Azure")).to_be_visible()
    button(files, "close_upload").click()
    expect(key(files, f"file_{row_key('before.pdf')}")).to_contain_text("Azure")
    assert cloud.read("before.pdf") == b"before"

    cloud.stop()
    upload(files, NAME, CONTENT)
    expect(files.get_by_text("is kept on this machine until its provider is back")).to_be_visible()
    shoot(files, "cloud-kept")
    button(files, "close_upload").click()
    row = key(files, f"file_{row_key(NAME)}")
    expect(row).to_contain_text("This machine")
    expect(row).to_contain_text("Waits for Azure")
    expect(key(files, "pending_strip")).to_contain_text("1 write waits for Azure")
    assert download(files, NAME) == CONTENT
    shoot(files, "cloud-away")

    providers = visitors.visit(ada, ADMIN, "/providers")
    expect(key(providers, "journal_state")).to_contain_text("1 write waits")
    shoot(providers, "cloud-journal")

    cloud.start()
    button(providers, "reconcile_now").click()
    expect(key(providers, "journal_state")).to_contain_text("Nothing waits", timeout=240_000)
    shoot(providers, "cloud-drained")
    stored = cloud.read(NAME)
    assert hashlib.sha256(stored).hexdigest() == hashlib.sha256(CONTENT).hexdigest()

    # The page that was open all the while has followed.
    until(lambda: "Waits" not in row.inner_text(), "the open list still says that it waits", page=files)
    expect(row).to_contain_text("Azure")
    assert download(files, NAME) == CONTENT
    shoot(files, "cloud-back")


def test_dialogs_of_live_lists_open_and_close(product: Product, visitors: Visitors) -> None:
    """A press inside a live region runs that region alone; the dialog is the page's."""
    ada = product.person("admin")
    files = visitors.visit(ada, ADMIN, "/cloud_storage")
    upload(files, "doomed.pdf", b"x")
    expect(files.get_by_text("is stored on")).to_be_visible()
    button(files, "close_upload").click()
    row = key(files, f"file_{row_key('doomed.pdf')}")
    button(files, f"delete_file_{row_key('doomed.pdf')}").click()
    expect(button(files, "confirm_delete_file")).to_contain_text("doomed.pdf")
    button(files, "cancel_delete_file").click()
    expect(button(files, "confirm_delete_file")).to_have_count(0)
    expect(row).to_be_visible()
    button(files, f"delete_file_{row_key('doomed.pdf')}").click()
    button(files, "confirm_delete_file").click()
    expect(row).to_have_count(0)

    secrets = visitors.visit(ada, ADMIN, "/secrets")
    button(secrets, "add_secret").click()
    key(secrets, "secret_name").locator("input").fill("a-key")
    key(secrets, "secret_value_1").locator("input").fill("correct horse")
    button(secrets, "save_secret").click()
    button(secrets, "rotate_a-key").click()
    value = key(secrets, "secret_value_1").locator("input")
    expect(value).to_have_value("")
    expect(value).to_have_attribute("type", "password")
    value.fill("battery staple")
    button(secrets, "save_secret").click()
    expect(value).to_have_count(0)
    button(secrets, "versions_a-key").click()
    expect(secrets.get_by_text("2 on this machine, newest first")).to_be_visible()
    for page in (files, secrets):
        assert "correct horse" not in page.content()

    providers = visitors.visit(ada, ADMIN, "/providers")
    button(providers, "switch_text").click()
    expect(button(providers, "confirm_switch")).to_be_disabled()
    shoot(providers, "cloud-switch")
    button(providers, "cancel_switch").click()
    expect(button(providers, "confirm_switch")).to_have_count(0)
    button(providers, "probe_all").click()
    expect(key(providers, "provider_blobs")).to_contain_text("Working")
