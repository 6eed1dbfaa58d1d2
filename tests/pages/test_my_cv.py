"""My CV: from the file to the profile, as a candidate sees it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from shared_backend.identity.actor import Actor
from tests.pages.conftest import Company, words
from tests.support.documents import ADA, TextReader, document


@pytest.fixture
def user(company: Callable[[str], Company]) -> Company:
    """The user portal, whose parser reads what a test writes."""
    running = company("user_portal")
    reader = TextReader()
    running.backend.parser._make = lambda: reader
    return running


def uploaded(user: Company, content: bytes, name: str = "cv.txt", *, read: bool = True) -> str:
    actor = user.actor("candidate")
    documents = user.backend.documents
    stored = documents.upload(content, name, owner_id=actor.id, actor=actor, source="user_portal").document
    if read:
        documents.parse(stored.id)
    return stored.id


def profile(user: Company) -> dict[str, object]:
    actor = user.actor("candidate")
    return dict(user.bridge.get("user_profile", actor.id, actor=actor).data)


def has(app: AppTest, key: str) -> bool:
    return any(each.key == key for each in app.button)


def test_without_a_cv_home_leads_to_the_upload_and_with_one_no_more(user: Company) -> None:
    assert user.open("home", "candidate").button(key="cv_step").label == "Upload your CV"
    document_id = uploaded(user, ADA)
    assert user.open("home", "candidate").button(key="cv_step").label == "Look through it"
    actor = user.actor("candidate")
    user.backend.documents.confirm(document_id, actor=actor, source="user_portal")
    assert not has(user.open("home", "candidate"), "cv_step")


def test_a_file_that_is_chosen_is_stored_and_waited_for(user: Company) -> None:
    app = user.open("my_cv", "candidate")
    app.file_uploader(key="cv_file_1").upload("cv.txt", ADA, "text/plain").run()
    assert not app.exception
    assert "Reading" in words(app)
    (stored,) = user.backend.documents.of_owner(user.actor("candidate").id, actor=user.actor("candidate"))
    assert (stored.state, stored.name) == ("stored", "cv.txt")


@pytest.mark.parametrize(("content", "said"), [(b"", "empty"), (b"MZ\x90", "can't be read")])
def test_a_file_that_is_refused_says_why(user: Company, content: bytes, said: str) -> None:
    app = user.open("my_cv", "candidate")
    app.file_uploader(key="cv_file_1").upload("*evil* <b>.pdf", content, "application/pdf").run()
    assert not app.exception
    assert said in words(app).replace("\\", "") and "was not stored" in words(app)


@pytest.mark.parametrize(
    ("outcome", "step"), [("encrypted", "without a password"), ("scanned", "Export"), ("no_cv", "DOCX")]
)
def test_what_can_t_be_read_has_a_next_step(user: Company, outcome: str, step: str) -> None:
    uploaded(user, document(outcome))
    app = user.open("my_cv", "candidate")
    assert step in words(app) and "What you can do" in words(app)
    app.button(key="cv_read_again").click().run()
    assert "Reading" in words(app)


def test_a_doubtful_field_comes_first_is_corrected_and_confirmed(user: Company) -> None:
    uploaded(user, ADA)
    app = user.open("my_cv", "candidate")
    assert "Check these first" in words(app)
    app.button(key="cv_field_work-0-position").click().run()
    app.text_input(key="cv_value_work-0-position").set_value("Programmer").run()
    assert not app.exception and "Check these first" not in words(app)
    app.button(key="cv_done_work-0-position").click().run()
    app.button(key="confirm_cv").click().run()
    assert not app.exception and "This CV is in your profile" in words(app)
    (work,) = profile(user)["work"]  # type: ignore[misc]
    assert work["position"] == "Programmer"


def test_what_was_typed_is_there_on_another_device(user: Company) -> None:
    uploaded(user, ADA)
    app = user.open("my_cv", "candidate")
    app.button(key="cv_field_work-0-position").click().run()
    app.text_input(key="cv_value_work-0-position").set_value("Programmer").run()
    other = user.open("my_cv", "candidate")
    assert other.button(key="cv_field_work-0-position").label == "Programmer"


def test_a_value_that_can_t_be_stored_says_so_in_its_place_and_stops_the_confirmation(user: Company) -> None:
    uploaded(user, ADA)
    app = user.open("my_cv", "candidate")
    app.button(key="cv_field_work-0-startDate").click().run()
    app.text_input(key="cv_value_work-0-startDate").set_value("last spring").run()
    assert "must be a date" in words(app)
    app.button(key="confirm_cv").click().run()
    assert "can't be stored" in words(app).replace("\\", "")


def test_entries_and_skills_can_be_left_out_and_the_profile_s_own_value_kept(user: Company) -> None:
    actor = user.actor("candidate")
    user.bridge.sync_user_data(actor.id, {"basics": {"label": "Poet"}}, "user_portal", actor=actor)
    uploaded(user, ADA)
    app = user.open("my_cv", "candidate")
    app.button(key="cv_field_skills-1-name").click().run()
    app.button(key="cv_drop_skills-1").click().run()
    app.checkbox(key="cv_take_education-0").uncheck().run()
    app.button(key="cv_field_basics-label").click().run()
    app.segmented_control(key="cv_choice_basics-label").set_value("cv").run()
    app.button(key="confirm_cv").click().run()
    assert not app.exception
    data = profile(user)
    assert [each["name"] for each in data["skills"]] == ["Mathematics"]  # type: ignore[attr-defined]
    assert "education" not in data and data["basics"]["label"] == "Analyst"  # type: ignore[index]


def test_a_document_is_deleted_for_good(user: Company) -> None:
    document_id = uploaded(user, ADA)
    app = user.open("my_cv", "candidate")
    app.button(key=f"cv_delete_{document_id}").click().run()
    assert not app.exception and "Upload your CV" in words(app)


def test_hostile_contents_are_only_text(user: Company) -> None:
    evil = "<script>alert(1)</script> **b** :material/home: [x](javascript:1)"
    uploaded(user, document(f"basics.name: {evil}", f"work.0.name: ?{evil}", f"skills.0.name: {evil}"), f"{evil}.txt")
    app = user.open("my_cv", "candidate")
    assert not app.exception
    said = words(app) + "\n".join(each.label for each in app.button)
    assert "<script>" not in said.replace("\\<script\\>", "") and "**b**" not in said.replace("\\*", "")


def test_a_colleague_has_none(user: Company) -> None:
    assert "You have no CV of your own here" in words(user.open("my_cv", "admin"))


def test_the_profile_says_where_its_facts_came_from_until_they_are_changed(user: Company) -> None:
    actor = user.actor("candidate")
    document_id = uploaded(user, ADA)
    user.backend.documents.confirm(document_id, actor=actor, source="user_portal")
    said = words(user.open("profile", "candidate"))
    assert said.count("rom the CV of") >= 4 and ", page 1" in said
    work = user.bridge.get("user_profile", actor.id, actor=actor).data["work"]
    changed = {"work": [{**work[0], "name": "Else", "position": "Else", "startDate": "1850", "highlights": ["No"]}]}
    user.bridge.sync_user_data(actor.id, changed, "user_portal", actor=actor)
    assert words(user.open("profile", "candidate")).count("rom the CV of") == said.count("rom the CV of") - 1


def test_a_person_erases_themself_and_is_out(user: Company) -> None:
    app = user.open("profile", "candidate")
    owner = user.account("candidate")
    app.text_input(key="erase_address").set_value("wrong@example.org").run()
    app.button(key="erase_person").click().run()
    assert "Nothing was erased" in words(app).replace("\\", "")
    app.text_input(key="erase_address").set_value(owner.email).run()
    app.button(key="erase_person").click().run()
    assert user.backend.people.find(owner.email, actor=Actor.system()) is None


def test_an_analyst_finds_no_way_to_erase_anybody(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    candidate = running.account("candidate")
    assert not has(running.open("candidate", "analyst", id=candidate.id), "erase_person")
    app = running.open("candidate", "admin", id=candidate.id)
    app.text_input(key="erase_address").set_value(candidate.email).run()
    app.button(key="erase_person").click().run()
    assert not app.exception
    assert running.backend.people.find(candidate.email, actor=Actor.system()) is None
