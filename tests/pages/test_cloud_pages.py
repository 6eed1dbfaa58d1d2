"""Cloud storage and secrets: what they show, what they do, and to whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from admin_portal.cloud_words import row_key
from shared_backend.cloud.contract import Capability, Usage
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudDenied, CloudUnavailable
from shared_backend.cloud.prices import Prices
from shared_backend.cloud.secret_copies import SecretCopies
from shared_backend.services.cloud_desk import CloudDesk
from shared_backend.services.process_reports import ProcessReports
from shared_backend.utils.clock import utc_now
from shared_backend.utils.performance_monitor import PerformanceMonitor
from tests.pages.conftest import Company, words
from tests.support.cloud_desks import TwoProvider, cloud_of_two

HOSTILE = (
    "<script>alert(1)<script>.txt",
    "**bold** [link](javascript:alert(1)).md",
    ":material/lock: $x$ `code`.txt",
    "=HYPERLINK(1).csv",
    "мой файл 🙂 \u202egnp.exe",
)
SECRET = "correct horse battery staple"


@pytest.fixture
def office(company: Callable[[str], Company]) -> tuple[Company, TwoProvider, TwoProvider]:
    """The admin portal with two clouds in memory: azure first, this machine behind it."""
    running = company("admin_portal")
    azure, local = cloud_of_two(running.backend)
    return running, azure, local


Office = tuple[Company, TwoProvider, TwoProvider]


def keys(app: AppTest) -> set[str]:
    return {str(each.key) for each in (*app.button, *app.get("download_button"))}


def press(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


def upload(app: AppTest, *files: tuple[str, bytes, str]) -> AppTest:
    press(app, "upload_files")
    app.file_uploader[0].set_value(list(files)).run()
    return press(app, "start_upload")


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


def held(app: AppTest) -> str:
    """All that the session keeps."""
    state = app.session_state._state._state
    return repr((state._old_state, state._new_session_state, dict(state._new_widget_state.states)))


def add(app: AppTest, name: str, value: str) -> AppTest:
    press(app, "add_secret")
    app.text_input(key="secret_name").set_value(name).run()
    app.text_input(key="secret_value_1").set_value(value)
    return press(app, "save_secret")


def test_a_secret_is_added_rotated_and_deleted(office: Office) -> None:
    running, azure, _local = office
    app = add(running.open("secrets", "admin"), "smtp-password", SECRET)
    assert not app.exception
    assert azure.secrets.held["smtp-password"][0].value.get_secret_value() == SECRET
    assert SECRET not in held(app) + words(app)
    press(app, "rotate_smtp-password")
    assert SECRET not in str(app.text_input(key="secret_value_1").value)
    app.text_input(key="secret_value_1").set_value("another value")
    press(app, "save_secret")
    assert len(azure.secrets.held["smtp-password"]) == 2
    press(app, "versions_smtp-password")
    assert "2 on Azure" in words(app)
    press(app, "delete_secret_smtp-password")
    press(app, "confirm_delete_secret")
    assert not azure.secrets.held
    assert "No secrets yet" in words(app)


def test_a_key_of_several_lines_comes_from_a_file_and_is_kept_nowhere(office: Office) -> None:
    running, azure, _local = office
    pem = "-----BEGIN PRIVATE KEY-----\nMIIBVQIBADAN\n-----END PRIVATE KEY-----\n"
    app = press(running.open("secrets", "admin"), "add_secret")
    app.text_input(key="secret_name").set_value("tls-key")
    app.text_input(key="secret_value_1").set_value(SECRET)
    app.file_uploader(key="secret_file_1").set_value([("key.pem", pem.encode(), "application/x-pem-file")]).run()
    press(app, "save_secret")
    assert "Give one of them" in words(app) and not azure.secrets.held
    app.file_uploader(key="secret_file_2").set_value([("key.der", b"\xff\x00", "application/octet-stream")]).run()
    press(app, "save_secret")
    assert "not text" in words(app) and not azure.secrets.held
    app.file_uploader(key="secret_file_3").set_value([("key.pem", pem.encode(), "application/x-pem-file")]).run()
    press(app, "save_secret")
    assert not app.exception
    assert azure.secrets.held["tls-key"][0].value.get_secret_value() == pem
    assert "MIIBVQIBADAN" not in held(app) + words(app)


def test_copies_that_stand_in_are_shown_and_what_is_newer_makes_them_stale(office: Office, tmp_path: Path) -> None:
    running, azure, _local = office
    cloud = running.backend.cloud
    cloud.secrets._copies = SecretCopies(tmp_path / "copies", "k" * 48, lifetime=timedelta(hours=24))
    for name in ("fresh", "passed"):
        cloud.set_secret(name, SecretStr(SECRET))
        cloud.get_secret(name)
    azure.secrets.set("passed", SecretStr("set elsewhere"), deadline=Deadline(5))
    said = words(running.open("secrets", "analyst"))
    assert said.count("Stale copy here") == 1 and said.count("Copy here") == 1
    azure.away = CloudUnavailable("The wire is cut.")
    app = running.open("secrets", "analyst")
    said = words(app)
    assert not app.exception
    assert "The wire is cut" in said and "2 sealed copies" in said and said.count("Stale copy here") == 2
    assert SECRET not in said


@pytest.mark.parametrize("name", ["", "Upper", "under_score", "-edge", "x" * 120 + "y", "<script>"])
def test_what_is_refused_forgets_the_value(office: Office, name: str) -> None:
    running, azure, _local = office
    app = add(running.open("secrets", "admin"), name[:120] if len(name) > 120 else name, SECRET)
    if name and len(name) > 120:
        return
    assert app.error
    assert "Give the value again" in words(app)
    assert app.text_input(key="secret_value_2").value == ""
    assert SECRET not in held(app) + words(app)
    assert not azure.secrets.held


def test_a_provider_that_is_away_keeps_nothing(office: Office) -> None:
    running, azure, _local = office
    app = running.open("secrets", "admin")
    press(app, "add_secret")
    app.text_input(key="secret_name").set_value("a")
    app.text_input(key="secret_value_1").set_value(SECRET)
    azure.away = CloudUnavailable("The wire is cut.")
    press(app, "save_secret")
    assert "The wire is cut" in words(app)
    assert SECRET not in held(app) + words(app)


def test_old_secrets_are_due(office: Office) -> None:
    running, _azure, _local = office
    add(running.open("secrets", "admin"), "old", SECRET)
    running.backend.clock = lambda: utc_now() + timedelta(days=91)
    app = running.open("secrets", "analyst")
    assert "1 due for rotation" in words(app)
    assert not {key for key in keys(app) if key.startswith(("add", "rotate", "delete"))}


def test_a_cloud_that_is_not_set_up_says_what_is_missing(
    company: Callable[[str], Company], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTELLICV_CLOUD_FALLBACK", "none")
    app = company("admin_portal").open("secrets", "owner")
    assert not app.exception
    assert "Azure is not set up for secrets" in words(app)
    assert "INTELLICV_AZURE_" in words(app).replace("\\", "")


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


def conflicting(running: Company, azure: TwoProvider) -> None:
    """A write that waited, and met somebody else's."""
    azure.away = CloudUnavailable("The wire is cut.")
    CloudDesk(running.backend).upload("", "a.txt", b"ours", actor=running.actor("admin"), source="admin_portal")
    azure.away = None
    running.backend.cloud.caller.breaker("azure", Capability.BLOBS).reset()
    azure.hold("a.txt", b"theirs")
    running.backend.cloud.reconciler.run()


def test_the_journal_names_both_paths_of_a_conflict(office: Office) -> None:
    running, azure, _local = office
    conflicting(running, azure)
    app = running.open("providers", "analyst", journal_view="Conflicts")
    assert not app.exception
    table = next(each.value for each in app.dataframe if "Ours is kept at" in each.value.columns)
    row = table.iloc[0]
    assert row["Theirs stays at"] == "a.txt"
    assert row["Ours is kept at"] in azure.objects
    assert azure.objects[row["Ours is kept at"]][1] == b"ours"
    assert not {key for key in keys(app) if key.startswith(("switch", "roll", "probe", "reconcile", "compare"))}
    assert "1 conflict" in words(running.open("cloud_storage", "analyst"))


def test_what_waits_is_listed_and_asked_for(office: Office) -> None:
    running, azure, _local = office
    azure.away = CloudUnavailable("The wire is cut.")
    desk, admin = CloudDesk(running.backend), running.actor("admin")
    for name in HOSTILE:
        folder, slash, rest = name.rpartition("/")
        desk.upload(folder + slash, rest, b"x", actor=admin, source="admin_portal")
    app = running.open("providers", "admin")
    assert not app.exception
    assert f"{len(HOSTILE)} writes wait" in words(app)
    waiting = next(each.value for each in app.dataframe if "Waits for" in each.value.columns)
    assert set(waiting["Path"]) == set(HOSTILE)
    assert "The wire is cut" in words(app)
    press(app, "reconcile_now")
    found = running.backend.jobs.find(actor=admin).items
    assert [job.kind for job in found] == ["cloud.reconcile"]
    azure.away = None
    running.backend.cloud.caller.breaker("azure", Capability.BLOBS).reset()
    running.backend.cloud.reconciler.run()
    assert "Nothing waits" in words(app.run())


def test_a_probe_runs_beside_the_page_and_says_what_failed(office: Office) -> None:
    running, azure, _local = office
    azure.away = CloudDenied("The key is not the account's.")
    app = press(running.open("providers", "owner"), "probe_all")
    if "_probe" in app.session_state:
        assert app.session_state["_probe"].wait(20)
        app.run()
    assert not app.exception
    assert "The key is not the account's" in words(app).replace("\\", "")
    files = next(each.value for each in app.dataframe if "Health" in each.value.columns)
    assert list(files["Health"]) == ["Not working", "Working"]


def test_a_switch_shows_what_changes_and_is_taken_back(office: Office) -> None:
    running, _azure, _local = office
    app = press(running.open("providers", "owner"), "switch_blobs")
    assert app.button(key="confirm_switch").disabled
    app.selectbox(key="switch_primary").set_value("local").run()
    app.selectbox(key="switch_fallback").set_value("azure").run()
    assert "Azure" in words(app)
    app.text_input(key="switch_reason").set_value("<b>*a* try</b>").run()
    press(app, "confirm_switch")
    cloud = running.backend.cloud
    assert cloud.route(Capability.BLOBS).primary == "local"
    app = running.open("providers", "owner")
    said = words(app)
    assert "switched by The owner" in said.replace("\\", "")
    assert "<b>" not in said
    press(app, "roll_back_blobs")
    press(app, "confirm_roll_back")
    assert cloud.route(Capability.BLOBS).primary == "azure"


def test_a_switch_to_what_does_not_work_changes_nothing(office: Office) -> None:
    running, _azure, local = office
    app = press(running.open("providers", "owner"), "switch_blobs")
    app.selectbox(key="switch_primary").set_value("local").run()
    local.away = CloudUnavailable("The disk is gone.")
    press(app, "confirm_switch")
    assert "The disk is gone" in words(app).replace("\\", "")
    assert running.backend.cloud.route(Capability.BLOBS).primary == "azure"


def test_what_a_former_provider_holds_is_compared_and_carried_over(office: Office) -> None:
    running, azure, local = office
    admin = running.actor("admin")
    CloudDesk(running.backend).upload("", "a.txt", b"ours", actor=admin, source="admin_portal")
    running.backend.cloud.switch(Capability.BLOBS, "local", None, actor=admin, source="admin_portal")
    app = press(running.open("providers", "admin"), "compare_blobs")
    assert app.session_state["_comparison"].looking.wait(20)
    app.run()
    assert "holds 1" in words(app)
    press(app, "carry_over")
    assert not app.exception
    (job,) = running.backend.jobs.find(actor=admin).items
    assert (job.kind, job.payload) == ("cloud.carry_over", {"capability": "blobs"})
    running.backend.cloud.carry_over(Capability.BLOBS)
    assert local.objects["a.txt"][1] == b"ours"
    assert azure.objects["a.txt"][1] == b"ours"


def test_use_of_the_last_day_is_shown_with_tokens_and_cost(
    office: Office,
) -> None:
    running, _azure, _local = office
    cloud = running.backend.cloud
    cloud.recorder.tokens("azure", Capability.GENERATION, "gpt-4o", Usage(1_000_000, 500_000))
    cloud.recorder.call("azure", Capability.GENERATION, 120.0, failed=False)
    assert cloud.recorder.flush()
    prices = Prices("a list", "2030-01-01", "USD", {"azure/gpt-4o": (2.5, 10.0)})
    cloud.__dict__["_prices"] = prices
    app = running.open("providers", "analyst")
    table = next(each.value for each in app.dataframe if "Tokens" in each.value.columns)
    row = table.iloc[0]
    assert (row["Calls"], row["Tokens"], row["Cost"]) == (1, "1,500,000", "7.5000 USD")


def test_the_breakers_of_all_processes_are_shown(office: Office) -> None:
    running, _azure, _local = office
    table = _breaker_column(running)
    assert table == ["Calls go through", "Calls go through"]
    for portal, state in (("worker", "open"), ("user_portal", "closed")):
        rows = [["azure", "blobs", state, 42.0]]
        report = ProcessReports(
            running.backend.database, portal, monitor=PerformanceMonitor(), more=lambda rows=rows: {"breakers": rows}
        )
        report.write()
    said = _breaker_column(running)[0]
    assert "left alone for 4" in said and said.startswith("Worker"), said
    assert "calls go through" in said


def _breaker_column(running: Company) -> list[str]:
    app = running.open("providers", "analyst")
    assert not app.exception
    return list(next(each.value for each in app.dataframe if "Breaker" in each.value.columns)["Breaker"])
