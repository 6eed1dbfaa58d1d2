"""What pages read, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shared_backend.config.backend_config import Settings
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.services import inspection, lockstep_reads, overview
from shared_backend.services.backend import Backend
from shared_backend.services.conflict_reads import find_conflicts
from shared_backend.services.event_reads import EventFilter, event_words, find_events
from shared_backend.services.readership import readership
from shared_backend.utils.clock import utc_now
from tests.support.people import PASSWORD, quick_passwords

SYSTEM = Actor.system()


@pytest.fixture
def backend(settings: Settings) -> Iterator[Backend]:
    opened = Backend.open(settings, portal="user_portal")
    opened.people._passwords = quick_passwords()
    yield opened
    opened.close()


@pytest.fixture
def person(backend: Backend) -> Actor:
    account = backend.people.create_account("ada@example.org", "candidate", "Ada Öz", PASSWORD, actor=SYSTEM)
    return Actor(account.id, Role.CANDIDATE, account.name)


def edit(backend: Backend, person: Actor, label: str, source: str, actor: Actor, base: int | None = None) -> dict:
    answer = backend.bridge.sync_user_data(
        person.id, {"basics": {"label": label}}, source=source, base_version=base, actor=actor
    )
    assert answer["success"], answer
    return answer


def test_the_figures_of_the_dashboard(backend: Backend, person: Actor) -> None:
    backend.people.invite("new@example.org", "New", "candidate", "admin_portal", actor=SYSTEM)
    found = overview.people_figures(backend.database, actor=SYSTEM, now=utc_now())
    assert (found.candidates, found.active, found.invited, found.newly_invited, found.new) == (2, 1, 1, 1, 2)
    assert found.joined == 1
    later = overview.people_figures(backend.database, actor=SYSTEM, now=utc_now() + timedelta(days=8))
    assert (later.waiting, later.newly_invited, later.new) == (1, 0, 0)
    assert overview.low_profiles(backend.database, actor=SYSTEM) == 2


def test_edits_are_counted_by_hour_and_portal(backend: Backend, person: Actor) -> None:
    known = overview.edit_counts(backend.database, actor=SYSTEM, now=utc_now())
    edit(backend, person, "Baker", "user_portal", person)
    edit(backend, person, "Cook", "admin_portal", SYSTEM)
    now = utc_now()
    on = overview.edit_counts(backend.database, actor=SYSTEM, now=now, known=known)
    assert on == overview.edit_counts(backend.database, actor=SYSTEM, now=now)
    by_source = {source: sum(n for (_h, s), n in on.hours.items() if s == source) for _hour, source in on.hours}
    assert by_source == {"admin_portal": 2, "user_portal": 1}  # the profile itself was made on behalf of the first
    assert all(abs(hour - now) <= timedelta(hours=1) for hour, _source in on.hours)
    newest = overview.newest_edits(backend.database, actor=SYSTEM)[1]
    assert (newest.label, newest.by, newest.changed) == ("Ada Öz", "Ada Öz", ("basics.label",))


def test_events_are_searched(backend: Backend, person: Actor) -> None:
    edit(backend, person, "Baker", "user_portal", person)
    types, kinds = event_words(backend.database, actor=SYSTEM)
    assert types == ["account_update", "user_update"]
    assert kinds == ["account", "user_profile"]
    mine = find_events(backend.database, EventFilter(who="Öz"), actor=SYSTEM).events
    assert [event.actor_id for event in mine] == [person.id]
    page = find_events(backend.database, EventFilter(), actor=SYSTEM, limit=1)
    assert page.older
    assert not page.newer
    before = find_events(backend.database, EventFilter(), actor=SYSTEM, limit=1, before=page.events[0].seq)
    back = find_events(backend.database, EventFilter(), actor=SYSTEM, limit=1, after=before.events[0].seq)
    assert back.events == page.events


def test_conflicts_are_found_by_a_name_in_any_script(backend: Backend, person: Actor) -> None:
    base = edit(backend, person, "Nurse", "user_portal", person)["version"]
    edit(backend, person, "Baker", "user_portal", person, base)
    edit(backend, person, "Cook", "admin_portal", SYSTEM, base)
    for words, total in (("öz", 1), ("ADA", 1), ("nobody", 0), ("", 1)):
        assert find_conflicts(backend.database, actor=SYSTEM, person=words).total == total
    listed = find_conflicts(backend.database, actor=SYSTEM, status=None).items[0]
    assert (listed.label, listed.conflict.winning_value, listed.conflict.losing_value) == ("Ada Öz", "Cook", "Baker")
    assert listed.stands == "Cook"
    edit(backend, person, "Pilot", "admin_portal", SYSTEM)
    assert find_conflicts(backend.database, actor=SYSTEM, status=None).items[0].stands == "Pilot"


def test_readers_and_canaries_and_the_inside(backend: Backend, person: Actor) -> None:
    backend.bridge.save("announcement", "a", {"title": "Holidays"}, source="admin_portal", actor=SYSTEM)
    backend.acknowledgements.report("announcement", "a", 1, "shown", person.id)
    backend.acknowledgements.flush()
    assert readership(backend.database, "a", 1, actor=SYSTEM).read == 1
    assert lockstep_reads.newest_canary(backend.database, actor=SYSTEM) is None
    sent = lockstep_reads.send_canary(backend.bus, actor=SYSTEM, source="user_portal")
    newest = lockstep_reads.newest_canary(backend.database, actor=SYSTEM)
    assert newest is not None
    assert (newest.id, newest.sent_from) == (sent, "user_portal")
    assert lockstep_reads.latency_points(backend.database, actor=SYSTEM)[0].stage == "shown"
    facts = inspection.database_facts(backend.database, actor=SYSTEM)
    assert {each.name: each.rows for each in facts.tables}["account"] == 1
    assert facts.bytes > 0
