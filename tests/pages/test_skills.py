"""Skills: found by name, and each with who needs it and who has it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared_backend.identity.actor import Actor
from tests.pages.conftest import Company
from tests.pages.test_job_titles import keys, links, plain
from tests.support.knowledge import share_knowledge

PYTHON = "tech:Python"


@pytest.fixture
def admin(company: Callable[[str], Company]) -> Company:
    running = company("admin_portal")
    share_knowledge(running.backend.knowledge)
    return running


def test_without_a_search_there_is_where_to_begin(admin: Company) -> None:
    app = admin.open("skills", "analyst")
    assert not app.exception
    assert {"Critical Thinking", "Mathematics"} <= set(links(app))
    assert any(each.startswith("Microsoft Excel") for each in links(app))
    assert "Source: O*NET" in plain(app)


def test_a_search_finds_all_vocabularies(admin: Company) -> None:
    app = admin.open("skills", "analyst", find="python")
    assert links(app).count("Python") == 2
    assert "ESCO skill" in plain(app) and "Technology, O*NET" in plain(app)
    assert "No skill has these words" in plain(admin.open("skills", "analyst", find="qwertzuiop"))


@pytest.mark.parametrize("role", ["owner", "admin", "analyst"])
@pytest.mark.parametrize("skill", [PYTHON, "onet:2.A.2.a", "onet:2.C.1.a"])
def test_a_skill_in_full(admin: Company, role: str, skill: str) -> None:
    app = admin.open("skills", role, id=skill)
    assert not app.exception and not app.error
    assert "Who needs it" in plain(app) and "Related skills" in plain(app) and "Source: O*NET" in plain(app)
    assert len(app.get("plotly_chart")) == 1


def test_a_skill_of_which_little_is_known_says_so(admin: Company) -> None:
    music = admin.backend.skills.search("manage musical staff", actor=Actor.system())[0].entry
    app = admin.open("skills", "analyst", id=music.id)
    assert "names the skills of ICT occupations alone" in plain(app)
    assert "manage staff" in links(app)
    assert "There is no such skill" in plain(admin.open("skills", "analyst", id="tech:Nothing"))


def test_who_has_it_leads_to_the_candidates_and_back(admin: Company) -> None:
    for email, skills in (("one@example.org", ["Python"]), ("two@example.org", ["Cooking"])):
        actor = admin.actor("candidate", email)
        admin.bridge.sync_user_data(
            actor.id, {"basics": {"name": email}, "skills": skills}, "script", actor=Actor.system()
        )
    app = admin.open("skills", "analyst", id=PYTHON)
    assert [each.value for each in app.metric] == ["1"]
    assert "50% of 2" in plain(app) and "Show them" in links(app)
    listed = admin.open("candidates", "analyst", skill=PYTHON)
    assert any("one" in each for each in links(listed)) and not any("two" in each for each in links(listed))
    assert "With the skill **Python**" in plain(listed) and "clear_skill" in keys(listed)
    listed.button(key="clear_skill").click().run()
    assert any("two" in each for each in links(listed))
    unknown = admin.open("candidates", "analyst", skill="tech:Nothing")
    assert "Everybody is shown" in plain(unknown) and not unknown.exception
