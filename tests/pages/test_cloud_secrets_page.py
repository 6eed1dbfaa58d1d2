"""Secrets: what the page shows, what it does, and that it keeps no value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudUnavailable
from shared_backend.cloud.secret_copies import SecretCopies
from shared_backend.utils.clock import utc_now
from tests.pages.conftest import Company, words
from tests.support.cloud_office import Office, keys, press

SECRET = "correct horse battery staple"


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
