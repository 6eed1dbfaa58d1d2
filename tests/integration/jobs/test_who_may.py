"""Who may act on jobs and look at them, and what the audit keeps of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from shared_backend.database.tables import AuditRow
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.utils.exception_handler import (
    NotFound,
    PermissionDenied,
)
from tests.support.job_stage import ADMIN, Stage

ACTIONS = ("pause", "resume", "cancel", "retry")


@pytest.mark.parametrize("role", [Role.ANALYST, Role.CANDIDATE])
@pytest.mark.parametrize("action", ACTIONS)
def test_only_operators_act(stage: Stage, role: Role, action: str) -> None:
    job_id = stage.ask()
    with pytest.raises(PermissionDenied):
        getattr(stage.jobs, action)(job_id, actor=Actor("x", role), source="admin_portal")
    assert stage.job(job_id).state == "waiting"


def test_a_candidate_does_not_look(stage: Stage) -> None:
    job_id, candidate = stage.ask(), Actor("x", Role.CANDIDATE)
    for call in (
        lambda: stage.jobs.find(actor=candidate),
        lambda: stage.jobs.get(job_id, actor=candidate),
        lambda: stage.jobs.steps(job_id, actor=candidate),
        lambda: stage.jobs.counts(actor=candidate),
        lambda: stage.jobs.kinds(actor=candidate),
    ):
        with pytest.raises(PermissionDenied):
            call()
    stage.jobs.get(job_id, actor=Actor("y", Role.ANALYST))


def test_what_people_do_is_in_the_audit_and_doing_it_twice_is_once(stage: Stage) -> None:
    job_id = stage.ask()
    for _ in range(2):
        stage.jobs.pause(job_id, actor=ADMIN, source="admin_portal")
    stage.jobs.resume(job_id, actor=ADMIN, source="admin_portal")
    stage.jobs.cancel(job_id, actor=ADMIN, source="admin_portal")
    stage.jobs.retry(job_id, actor=ADMIN, source="admin_portal")
    table: Any = AuditRow.__table__  # type: ignore[attr-defined]
    with stage.database.read() as connection:
        rows = connection.execute(select(table).where(table.c.subject_id == job_id).order_by(table.c.at)).all()
    assert [row.action for row in rows] == ["job_pause", "job_resume", "job_cancel", "job_retry"]
    assert {row.actor_id for row in rows} == {"ada"}
    with pytest.raises(NotFound):
        stage.jobs.cancel("nobody", actor=ADMIN, source="admin_portal")
