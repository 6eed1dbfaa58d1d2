"""Drafts as Python sees them: which value goes where for each answer, and across pages and entities."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from shared_backend.portal_ui.editing import same


def page() -> None:
    import streamlit as st

    from shared_backend.portal_ui.editing import Head, open_edit
    from shared_backend.portal_ui.incoming_panel import incoming_panel

    head = Head(
        "user_profile", *st.session_state["head"], by="Grace", when="just now", epoch=st.session_state.get("epoch", "")
    )
    if not st.session_state.get("elsewhere"):
        edit = open_edit("edit", head)
        edit.text_input("basics.name", "Name")
        edit.text_input("basics.label", "Label")
        edit.text_area("basics.summary", "Summary")
        incoming_panel(edit, head, {"basics.name": "Name"})
        st.session_state["seen"] = (edit.base_version, edit.changes())
        stored = st.session_state.get("stored", {})
        st.button("Save", key="save", on_click=edit.saved, args=(Head("user_profile", "42", 9, stored),))


def start(version: int = 1, entity_id: str = "42", **values: Any) -> AppTest:
    app = AppTest.from_function(page, default_timeout=60)
    become(app, version, entity_id, **values)
    return app.run()


def become(app: AppTest, version: int, entity_id: str = "42", **values: Any) -> None:
    fields = {"name": "Ann", "label": "Analyst", "summary": None} | values
    app.session_state["head"] = (entity_id, version, {f"basics.{name}": value for name, value in fields.items()})


def inputs(app: AppTest) -> list[str | None]:
    return [app.text_input(f"edit_basics-{name}").value for name in ("name", "label")] + [
        app.text_area("edit_basics-summary").value
    ]


def buttons(app: AppTest) -> set[str]:
    return {str(button.key) for button in app.button}


@pytest.fixture
def collided() -> AppTest:
    app = start()
    app.text_input("edit_basics-name").set_value("Anna").run()
    become(app, 2, name="Annie", label="Lead", summary="Long")
    return app.run()


def seen(app: AppTest) -> tuple[int, dict[str, Any]]:
    assert not app.exception
    return app.session_state["seen"]


def test_a_form_starts_from_the_head() -> None:
    app = start()
    assert inputs(app) == ["Ann", "Analyst", ""]
    assert seen(app) == (1, {})


def test_nothing_is_taken_over_unasked(collided: AppTest) -> None:
    assert inputs(collided) == ["Anna", "Analyst", ""]
    assert seen(collided) == (1, {"basics.name": "Anna"})
    words = [each.value for each in collided.text]
    assert "Grace saved version 2, just now. Your draft is untouched." in words
    for text in ("Name (you changed it too)", "Ann", "Annie", "Anna", "basics.label", "Lead", "(empty)", "Long"):
        assert text in words


@pytest.mark.parametrize(
    ("answer", "values", "changes"),
    [
        (
            "keep_mine",
            ["Anna", "Analyst", ""],
            {"basics.label": "Analyst", "basics.name": "Anna", "basics.summary": ""},
        ),
        ("take_theirs", ["Annie", "Lead", "Long"], {}),
        ("merge", ["Anna", "Lead", "Long"], {"basics.name": "Anna"}),
    ],
)
def test_the_three_answers(collided: AppTest, answer: str, values: list[str], changes: dict[str, Any]) -> None:
    collided.button(f"{answer}_edit").click().run()
    assert inputs(collided) == values
    assert seen(collided) == (2, changes)
    assert not [each for each in collided.button if each.key == f"{answer}_edit"], "the panel is gone"


def test_what_was_typed_with_the_press_counts(collided: AppTest) -> None:
    collided.text_area("edit_basics-summary").set_value("Mine, at the last moment")
    collided.button("merge_edit").click().run()
    assert inputs(collided) == ["Anna", "Lead", "Mine, at the last moment"]


def test_keep_mine_takes_over_only_what_this_form_never_had(collided: AppTest) -> None:
    entity_id, _, values = collided.session_state["head"]
    collided.session_state["head"] = (entity_id, 3, {**values, "work[a1].name": "New job"})
    collided.run()
    collided.button("keep_mine_edit").click().run()
    assert "work[a1].name" not in seen(collided)[1]


def test_a_draft_outlives_a_visit_elsewhere() -> None:
    app = start()
    app.text_input("edit_basics-name").set_value("Anna").run()
    app.session_state["elsewhere"] = True
    app.run()
    become(app, 2, label="Lead")
    app.session_state["elsewhere"] = False
    app.run()
    assert inputs(app) == ["Anna", "Analyst", ""]
    assert [each.key for each in app.button if each.key.startswith("merge")] == ["merge_edit"]


def test_an_untouched_form_follows_when_it_comes_back() -> None:
    app = start()
    app.session_state["elsewhere"] = True
    app.run()
    become(app, 2, label="Lead")
    app.session_state["elsewhere"] = False
    app.run()
    assert inputs(app) == ["Ann", "Lead", ""]
    assert seen(app) == (2, {})


def test_a_form_on_the_page_does_not_follow_when_nobody_knows_of_the_focus() -> None:
    app = start()
    become(app, 2, label="Lead")
    app.run()
    assert inputs(app) == ["Ann", "Analyst", ""]
    assert seen(app)[0] == 1


def test_another_entity_gets_its_own_values() -> None:
    app = start()
    app.text_input("edit_basics-name").set_value("Anna").run()
    become(app, 5, "43", name="Bob", label="Baker", summary="Bread")
    app.run()
    assert inputs(app) == ["Bob", "Baker", "Bread"]
    app.run()
    assert inputs(app) == ["Bob", "Baker", "Bread"]
    assert seen(app) == (5, {})


def test_a_change_elsewhere_in_the_entity_needs_no_answer() -> None:
    app = start()
    app.text_input("edit_basics-name").set_value("Anna").run()
    become(app, 2)
    app.run()
    assert seen(app) == (2, {"basics.name": "Anna"})


def test_after_a_save_the_form_stands_on_what_was_stored() -> None:
    app = start()
    app.text_input("edit_basics-name").set_value("Anna").run()
    app.session_state["stored"] = {  # drawn once more, as the button holds it
        "basics.name": "Anna",
        "basics.label": "Merged in",
        "basics.summary": None,
    }
    app.run()
    become(app, 9, name="Anna", label="Merged in")
    app.button("save").click().run()
    assert inputs(app) == ["Anna", "Merged in", ""]
    assert seen(app) == (9, {})


def test_nothing_and_an_empty_text_are_the_same_to_a_person() -> None:
    assert same(None, "") and same("", None) and same(["a"], ["a"])
    assert not same(None, 0) and not same("", False) and not same("a", "b")


def test_after_a_restore_a_draft_stands_on_what_is_there_now() -> None:
    app = start(version=7)
    app.text_input("edit_basics-name").set_value("Anna").run()
    app.session_state["epoch"] = "the next one"
    become(app, 3, label="Lead", summary="Long")
    app.run()
    # What was typed stays, what was not touched follows, and the base is a version that exists.
    assert inputs(app) == ["Anna", "Lead", "Long"]
    assert seen(app) == (3, {"basics.name": "Anna"})
    assert "merge_edit" not in buttons(app)


@pytest.fixture
def restored_under() -> AppTest:
    """A touched draft of version 7, and a restore that has brought another value into the touched field."""
    app = start(version=7)
    app.text_input("edit_basics-name").set_value("Anna").run()
    app.session_state["epoch"] = "the next one"
    become(app, 3, name="Annie", label="Lead")
    return app.run()


def test_a_restore_that_changed_what_was_touched_is_shown_and_waits_for_an_answer(restored_under: AppTest) -> None:
    assert inputs(restored_under) == ["Anna", "Analyst", ""]
    assert restored_under.session_state["_edit_edit"].is_from_before_restore("the next one")
    assert "merge_edit" in buttons(restored_under)
    words = [each.value for each in (*restored_under.text, *restored_under.markdown)]
    assert any("A backup was restored while you were editing" in each for each in words)
    assert {"Ann", "Annie", "Anna"} <= set(words)
    restored_under.run()
    assert "merge_edit" in buttons(restored_under), "it waits, however often the page is drawn"


@pytest.mark.parametrize(
    ("answer", "values"),
    [
        ("keep_mine", ["Anna", "Analyst", ""]),
        ("take_theirs", ["Annie", "Lead", ""]),
        ("merge", ["Anna", "Lead", ""]),
    ],
)
def test_each_answer_to_a_restore_lets_the_draft_be_saved(
    restored_under: AppTest, answer: str, values: list[str]
) -> None:
    restored_under.button(f"{answer}_edit").click().run()
    assert inputs(restored_under) == values
    assert seen(restored_under)[0] == 3
    assert not restored_under.session_state["_edit_edit"].is_from_before_restore("the next one")
    assert "merge_edit" not in buttons(restored_under)


def reconnected(*texts: str, **values: Any) -> AppTest:
    """The next process's page, whose first draw comes with the texts that the browser still has of the dead one's."""
    dead = start()
    for widget, text in zip([*dead.text_input, *dead.text_area], texts, strict=True):
        widget.set_value(text)
    app = AppTest.from_function(page, default_timeout=60)
    become(app, 2, **values)
    app._tree, dead._tree._runner = dead._tree, app
    return app.run()


def test_the_texts_of_a_form_whose_process_died_are_not_taken_for_typed() -> None:
    app = reconnected("Anna", "Analyst", "", label="Lead", summary="Theirs")
    assert inputs(app) == ["Ann", "Lead", "Theirs"]
    assert seen(app) == (2, {})
    app.text_input("edit_basics-name").set_value("Annie").run()
    assert seen(app) == (2, {"basics.name": "Annie"})


def test_what_was_typed_before_the_connection_broke_is_offered_and_comes_back_when_asked_for() -> None:
    app = reconnected("Anna", "Analyst", "My summary")
    assert inputs(app) == ["Ann", "Analyst", ""]
    words = [each.value for each in (*app.text, *app.caption)]
    assert {"Name", "Anna", "basics.summary", "My summary"} <= set(words)
    assert {"use_rescued_edit_basics-name", "use_rescued_edit_basics-summary"} <= buttons(app)
    assert "use_rescued_edit_basics-label" not in buttons(app), "it is stored"
    app.button("use_rescued_edit_basics-summary").click().run()
    assert inputs(app) == ["Ann", "Analyst", "My summary"]
    app.run()
    assert seen(app) == (2, {"basics.summary": "My summary"})
    assert "use_rescued_edit_basics-name" in buttons(app), "the other one is offered still"
    app.button("drop_rescued_edit").click().run()
    assert not {key for key in buttons(app) if "rescued" in key}
    assert seen(app) == (2, {"basics.summary": "My summary"})
