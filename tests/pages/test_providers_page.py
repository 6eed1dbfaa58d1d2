"""Providers: the journal, probes, switches, use and cost, breakers."""

from __future__ import annotations

from shared_backend.cloud.contract import Capability, Usage
from shared_backend.cloud.errors import CloudDenied, CloudUnavailable
from shared_backend.cloud.prices import Prices
from shared_backend.services.cloud_desk import CloudDesk
from shared_backend.services.process_reports import ProcessReports
from shared_backend.utils.performance_monitor import PerformanceMonitor
from tests.pages.conftest import Company, words
from tests.support.cloud_desks import TwoProvider
from tests.support.cloud_office import HOSTILE, Office, keys, press


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


def test_a_folder_that_is_not_the_one_is_told(office: Office) -> None:
    running, _azure, local = office
    local.warning = lambda capability: "Not **this** folder." if capability is Capability.BLOBS else None  # type: ignore[attr-defined]
    app = running.open("providers", "analyst")
    assert not app.exception
    assert [each.value for each in app.warning] == ["Not \\*\\*this\\*\\* folder\\."]
