"""The made-up company: complete, lifelike enough, loaded once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from shared_backend.cli import main
from shared_backend.config.backend_config import Settings, load_settings
from shared_backend.database.tables import EventRow, Table
from shared_backend.identity.actor import Actor
from shared_backend.services import demo_company
from shared_backend.services.backend import Backend
from shared_backend.utils.clock import utc_now
from shared_backend.utils.exception_handler import StateConflict
from tests.support.people import quick_passwords

SYSTEM = Actor.system("test")
EVENT = EventRow.__table__  # type: ignore[attr-defined]


@pytest.fixture(scope="module", autouse=True)
def _quick_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shared_backend.services.people_base.Passwords", quick_passwords)
        yield


@pytest.fixture(scope="module")
def settings_once(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("company")
    return load_settings(environment="test", var_dir=folder, database_url=f"sqlite:///{folder}/demo.db")


@pytest.fixture(scope="module")
def loaded(settings_once: Settings) -> demo_company.DemoAccess:
    """Loaded once for all the tests that only look at it."""
    return demo_company.load(settings_once)


@pytest.fixture(scope="module")
def backend(settings_once: Settings, loaded: demo_company.DemoAccess) -> Iterator[Backend]:
    opened = Backend.open(settings_once)
    yield opened
    opened.close()


def everything(backend: Backend) -> dict[str, list[tuple[object, ...]]]:
    with backend.database.snapshot() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(*table.c))), key=repr)
            for table in Table.metadata.sorted_tables
        }


def test_thirty_candidates_from_many_places_at_every_stage(backend: Backend) -> None:
    profiles = backend.bridge.find("user_profile", actor=SYSTEM, limit=100)
    assert profiles.total == 30
    basics = [profile.data["basics"] for profile in profiles.items]
    assert len({basic.get("location", {}).get("countryCode") for basic in basics}) > 20
    scripts = {ord(basic["name"][0]) // 256 for basic in basics}
    assert len(scripts) > 6, "names in several scripts"
    assert all(basic["email"].endswith("@example.org") for basic in basics)
    scores = [profile.score for profile in profiles.items]
    assert min(scores) < 30 and max(scores) == 100 and len(set(scores)) > 6


def test_announcements_in_every_state(backend: Backend) -> None:
    found = backend.bridge.find("announcement", actor=SYSTEM).items
    assert sorted(item.status for item in found) == ["draft", "published", "published", "published", "withdrawn"]


def test_a_history_by_several_people_from_both_portals(backend: Backend) -> None:
    profiles = backend.bridge.find("user_profile", actor=SYSTEM, limit=100).items
    histories = [backend.bridge.history("user_profile", profile.id, actor=SYSTEM) for profile in profiles]
    assert sum(len(history) > 4 for history in histories) >= 5
    busiest = max(histories, key=len)
    assert len({version.author_name for version in busiest}) >= 3
    assert {version.source for version in busiest} == {"admin_portal", "user_portal"}
    assert any(version.action == "restore" for history in histories for version in history)


def test_two_conflicts_wait_and_one_is_decided(backend: Backend) -> None:
    waiting, total = backend.bridge.conflicts(actor=SYSTEM)
    assert total == 2 and {conflict.reason for conflict in waiting} == {"admin_precedence"}
    assert {conflict.loser_source for conflict in waiting} == {"user_portal"}
    decided, total = backend.bridge.conflicts(actor=SYSTEM, status="applied")
    assert total == 1 and decided[0].resolved_by_name == "Ada Samplewell"


def test_it_happened_over_the_past_weeks_in_the_order_of_the_log(backend: Backend) -> None:
    with backend.database.read() as connection:
        times = connection.execute(select(EVENT.c.at).order_by(EVENT.c.seq)).scalars().all()
    assert times == sorted(times)
    assert times[-1] <= utc_now() and times[0] < times[-1] - timedelta(days=20)


def test_everybody_gets_in_by_the_password_that_was_told(backend: Backend, loaded: demo_company.DemoAccess) -> None:
    assert loaded.password is not None and len(loaded.staff) == 3 and len(loaded.candidates) == 8
    assert sorted(account.role for account in loaded.staff) == ["admin", "admin", "analyst"]
    assert backend.people.sign_in(loaded.staff[0].email, loaded.password, "admin_portal")
    assert backend.people.sign_in(loaded.candidates[0].email, loaded.password, "user_portal")


def test_loading_again_adds_nothing(backend: Backend, settings_once: Settings) -> None:
    before = everything(backend)
    assert demo_company.load(settings_once).password is None
    assert everything(backend) == before


def test_a_loading_that_was_cut_off_is_completed(
    settings: Settings, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(Exception):
        pass

    real, saves = demo_company._Loading.save, []

    def save(self: demo_company._Loading, *args: object, **kwargs: object) -> dict[str, object]:
        saves.append(args)
        if len(saves) == 70:
            raise PowerCut
        return real(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(demo_company._Loading, "save", save)
    with pytest.raises(PowerCut):
        demo_company.load(settings)
    access = demo_company.load(settings)
    mended = Backend.open(settings)
    try:
        assert profiles_saved(mended) == profiles_saved(backend), "a step was done twice or left out"
        assert mended.bridge.find("user_profile", actor=SYSTEM).total == 30
        assert mended.bridge.conflicts(actor=SYSTEM)[1] == 2
        assert mended.people.sign_in(access.staff[0].email, access.password or "", "admin_portal")
    finally:
        mended.close()


def profiles_saved(backend: Backend) -> int:
    with backend.database.read() as connection:
        return connection.execute(select(func.count()).where(EVENT.c.type == "user_update")).scalar_one()


def test_it_stays_out_of_production(settings: Settings) -> None:
    with pytest.raises(StateConflict, match="not for production"):
        demo_company.load(settings.model_copy(update={"environment": "production"}))


def test_on_the_command_line() -> None:
    def intellicv(*arguments: str) -> str:
        result = CliRunner().invoke(main.app, list(arguments))
        assert result.exit_code == 0, result.output
        return result.output

    refused = CliRunner().invoke(main.app, ["demo", "password"])
    assert refused.exit_code == 1 and "has not been loaded" in refused.output
    first = intellicv("demo", "load")
    assert "shown once" in first and "ada.samplewell@example.org" in first
    assert "nothing was added" in intellicv("demo", "load")
    renewed = intellicv("demo", "password").splitlines()[0].split()[-1]
    assert renewed != first.splitlines()[0].split()[-1]
    backend = Backend.open(load_settings())
    assert backend.people.sign_in("ada.samplewell@example.org", renewed, "admin_portal")
    backend.close()
