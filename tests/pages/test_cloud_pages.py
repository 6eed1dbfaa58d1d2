"""Cloud storage: what it shows, what it does, and to whom."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from admin_portal.cloud_words import row_key
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.errors import CloudDenied, CloudUnavailable
from shared_backend.services.cloud_desk import CloudDesk
from tests.pages.conftest import Company, words
from tests.support.cloud_desks import TwoProvider
from tests.support.cloud_office import HOSTILE, Office, keys, press, upload


def test_files_are_uploaded_found_and_deleted(office: Office) -> None:
    running, azure, _local = office
    app = upload(
        running.open("cloud_storage", "admin"),
        ("a.txt", b"one", "text/plain"),
        ("b.pdf", b"two", "application/pdf"),
    )
    assert not app.exception
    said = words(app).replace("\\", "")
    assert "is stored on Azure" in said
    assert set(azure.objects) == {"a.txt", "b.pdf"}
    assert azure.objects["b.pdf"][0].content_type == "application/pdf"
    app = press(app, "close_upload")
    press(app, f"delete_file_{row_key('a.txt')}")
    assert "a.txt" in words(app).replace("\\", "")
    press(app, "confirm_delete_file")
    assert set(azure.objects) == {"b.pdf"}
    assert f"delete_file_{row_key('a.txt')}" not in keys(app)


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ("replace_file", {"a.txt": b"new"}),
        ("keep_both", {"a.txt": b"old", "a (2).txt": b"new"}),
        ("skip_file", {"a.txt": b"old"}),
    ],
)
def test_a_name_that_is_taken_is_asked_about(office: Office, answer: str, left: dict[str, bytes]) -> None:
    running, azure, _local = office
    azure.hold("a.txt", b"old")
    app = upload(running.open("cloud_storage", "admin"), ("a.txt", b"new", "text/plain"))
    assert "is there already" in words(app)
    assert azure.objects["a.txt"][1] == b"old"
    press(app, f"{answer}_{row_key('a.txt')}")
    assert not app.exception
    assert {path: content for path, (_info, content) in azure.objects.items()} == left


def test_a_name_that_no_cloud_takes_is_refused_and_the_others_are_stored(office: Office) -> None:
    running, azure, _local = office
    app = upload(
        running.open("cloud_storage", "admin"),
        ("con.txt", b"x", ""),
        ("dot.", b"x", ""),
        ("good.txt", b"x", "text/html; charset=<script>"),
    )
    assert len(app.error) == 2
    assert "device" in words(app)
    assert set(azure.objects) == {"good.txt"}
    assert azure.objects["good.txt"][0].content_type == "application/octet-stream"


def test_hostile_names_are_only_text(office: Office) -> None:
    running, azure, _local = office
    for name in HOSTILE:
        azure.hold(f"{name}", b"x")
        azure.hold(f"folder {name}/inside {name}", b"x")
    app = running.open("cloud_storage", "analyst")
    assert not app.exception
    said = [str(each.value) for each in app.markdown]
    assert not any("<script>" in each for each in said)
    assert not any("](javascript" in each for each in said)
    assert not any("\u202e" in each for each in said), "a name that is turned around would hide its ending"
    folder = f"folder {HOSTILE[0]}/"
    press(app, f"open_folder_{row_key(folder)}")
    assert app.query_params["folder"] in (folder, [folder])
    assert "inside" in words(app)
    press(app, "crumb_0")
    assert "folder" not in app.query_params


@pytest.mark.parametrize("folder", ["../../etc", "a\\b", "a//b", "x" * 2_000, "\x00"])
def test_an_address_that_is_no_folder_is_the_top(office: Office, folder: str) -> None:
    running, azure, _local = office
    azure.hold("top.txt", b"x")
    app = running.open("cloud_storage", "analyst", folder=folder)
    assert not app.exception
    assert "top" in words(app)


def test_ten_thousand_files_are_shown_by_the_page(office: Office) -> None:
    running, azure, _local = office
    for number in range(10_000):
        azure.hold(f"all/{number:05}.txt", b"")
    app = running.open("cloud_storage", "analyst", folder="all/")
    assert sum(key.startswith("download_file_") for key in keys(app)) == 25
    press(app, "next_files")
    assert "00025" in words(app)
    assert "00049" in words(app)
    press(app, "previous_files")
    assert "00000" in words(app)
    app.text_input(key="file_starts").set_value("0999").run()
    assert sum(key.startswith("download_file_") for key in keys(app)) == 10


def test_no_file_is_read_by_looking(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    running, azure, _local = office
    azure.hold("a.txt", b"x" * 1_000)
    monkeypatch.setattr(TwoProvider, "open", lambda *_given, **_how: pytest.fail("it was read"))
    app = running.open("cloud_storage", "analyst")
    assert f"download_file_{row_key('a.txt')}" in keys(app)


def test_while_the_provider_is_away_what_waits_is_shown(office: Office) -> None:
    running, azure, _local = office
    azure.hold("before.txt", b"x")
    azure.away = CloudUnavailable("The wire is cut.")
    app = upload(running.open("cloud_storage", "admin"), ("waits.txt", b"x", "text/plain"))
    said = words(app).replace("\\", "")
    assert "is kept on this machine until its provider is back" in said
    app = running.open("cloud_storage", "analyst")
    said = words(app).replace("\\", "")
    assert "1 write waits for Azure" in said
    assert "can't be reached" in said
    assert f"download_file_{row_key('waits.txt')}" in keys(app)
    assert f"download_file_{row_key('before.txt')}" not in keys(app)
    azure.away = None
    running.backend.cloud.caller.breaker("azure", Capability.BLOBS).reset()
    running.backend.cloud.reconciler.run()
    assert f"download_file_{row_key('before.txt')}" in keys(app.run())
    assert "waits for Azure" not in words(app)


def test_a_provider_that_refuses_us_is_said_in_its_place(office: Office) -> None:
    running, azure, _local = office
    azure.away = CloudDenied("The key is not the account's.")
    app = running.open("cloud_storage", "analyst")
    assert "The key is not the account's." in words(app)
    assert app.title[0].value == "Cloud storage"


def test_an_analyst_reads_and_no_more(office: Office) -> None:
    running, azure, _local = office
    azure.hold("a.txt", b"x")
    found = keys(running.open("cloud_storage", "analyst"))
    assert f"download_file_{row_key('a.txt')}" in found
    assert not {key for key in found if key.startswith(("upload", "delete"))}


def test_a_file_that_changed_under_the_dialog_is_not_deleted(office: Office) -> None:
    running, azure, _local = office
    azure.hold("a.txt", b"old")
    app = running.open("cloud_storage", "admin")
    press(app, f"delete_file_{row_key('a.txt')}")
    azure.hold("a.txt", b"new")
    press(app, "confirm_delete_file")
    assert "Nothing was deleted" in words(app)
    assert azure.objects["a.txt"][1] == b"new"


def test_a_download_asks_who_it_is_for(office: Office) -> None:
    running, azure, _local = office
    azure.hold("a.txt", b"content")
    assert CloudDesk(running.backend).read("a.txt", actor=running.actor("analyst")) == b"content"


def test_a_new_installation_needs_no_cloud(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    app = upload(running.open("cloud_storage", "owner"), ("a.txt", b"x", "text/plain"))
    assert "is stored on this machine" in words(app).replace("\\", "")
    said = words(running.open("providers", "owner")).replace("\\", "")
    assert "**This machine** serves, as Azure is not set up" in said
    assert "INTELLICV_AZURE_STORAGE_CONNECTION_STRING" in said
