"""Announcements: from the draft to the candidate's home page, and back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from shared_backend.lockstep.event_log import Cursor
from shared_backend.portal_ui import editing
from shared_backend.portal_ui.announcement_text import excerpt, safe_markdown
from shared_backend.services.readership import readership
from tests.pages.conftest import ROOT, Company, words


def publish(running: Company, entity_id: str = "news", **data: str) -> int:
    values = {"title": "Office hours", "body": "We are **here**.", "status": "published", **data}
    answer = running.bridge.save("announcement", entity_id, values, source="admin_portal", actor=running.actor("admin"))
    assert answer["success"], answer
    return int(answer["version"])


def data_of(running: Company, entity_id: str = "news") -> dict[str, str]:
    return dict(running.bridge.get("announcement", entity_id, actor=running.actor("admin")).data)


def buttons(app: AppTest) -> set[str]:
    return {str(button.key) for button in app.button}


def test_a_new_one_is_a_draft_until_it_is_published(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    app = running.open("announcements", "admin", id="news")
    app.text_input(key="announcement_title").set_value("Office hours")
    app.text_area(key="announcement_body").set_value("We are here.")
    app.button(key="save_draft").click().run()
    assert data_of(running) == {"title": "Office hours", "body": "We are here."}
    assert running.bridge.get("announcement", "news", actor=running.actor("admin")).status == "draft"
    app.button(key="publish_news").click().run()
    assert data_of(running)["status"] == "published"
    assert "withdraw_news" in buttons(app)


def test_it_is_not_published_without_a_title(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    app = running.open("announcements", "admin", id="news").button(key="publish_news").click().run()
    assert "Give it a title" in words(app)
    assert running.bridge.find("announcement", actor=running.actor("admin")).total == 0


def test_a_new_one_that_somebody_else_saved_first_is_a_conflict_and_nothing_is_lost(
    company: Callable[[str], Company],
) -> None:
    running = company("admin_portal")
    app = running.open("announcements", "admin", id="news")
    app.text_input(key="announcement_title").set_value("Mine")
    publish(running, title="Theirs")
    app.button(key="save_draft").click().run()
    assert not app.exception
    found, _total = running.bridge.conflicts(actor=running.actor("admin"), kind="announcement", entity_id="news")
    assert {each.path: each.losing_value for each in found}["title"] == "Theirs"
    assert data_of(running)["title"] == "Mine" and data_of(running)["body"] == "We are **here**."
    assert "theirs is kept on the Conflicts page" in words(app)


@pytest.mark.parametrize("again", [False, True], ids=["new", "drawn as a draft"])
def test_saving_a_text_leaves_what_somebody_else_published_where_it_is(
    company: Callable[[str], Company], again: bool
) -> None:
    running = company("admin_portal")
    if again:
        publish(running, status="draft")
    app = running.open("announcements", "admin", id="news")
    app.text_area(key="announcement_body").set_value("Mine")
    publish(running, level="important")
    app.button(key="save_draft").click().run()
    assert not app.exception
    assert data_of(running) == {
        "title": "Office hours",
        "body": "Mine",
        "level": "important",
        "status": "published",
    }


def test_a_new_one_that_is_published_is_so_with_its_level(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    app = running.open("announcements", "admin", id="news")
    app.text_input(key="announcement_title").set_value("Office hours")
    app.button_group(key="announcement_level").set_value("important")
    app.button(key="publish_news").click().run()
    assert data_of(running) == {"title": "Office hours", "level": "important", "status": "published"}


def test_a_draft_from_before_a_restore_is_not_saved_unseen(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    publish(running)
    app = running.open("announcements", "admin", id="news")
    app.text_input(key="announcement_title").set_value("Mine")
    # As after a restore: the same numbers are other versions from here on.
    running.backend.watcher.position = Cursor("the next one", 1)
    app.button(key="save_draft").click().run()
    assert not app.exception
    assert "A backup was restored while you were editing" in words(app)
    assert data_of(running)["title"] == "Office hours"
    assert app.text_input(key="announcement_title").value == "Mine"
    app.button(key="save_draft").click().run()
    assert data_of(running)["title"] == "Mine"


def test_a_draft_is_not_saved_over_a_restored_value_before_it_was_seen(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    publish(running)
    app = running.open("announcements", "admin", id="news")
    app.text_input(key="announcement_title").set_value("Mine").run()
    publish(running, title="Restored")
    running.backend.watcher.position = Cursor("the next one", 1)
    app.run()  # the restore's redraw comes before the click
    assert {"keep_mine_announcement", "take_theirs_announcement", "merge_announcement"} <= buttons(app)
    app.button(key="save_draft").click().run()
    assert "A backup was restored while you were editing" in words(app)
    assert data_of(running)["title"] == "Restored"
    app.button(key="keep_mine_announcement").click().run()
    app.button(key="save_draft").click().run()
    assert not app.exception
    assert data_of(running)["title"] == "Mine"


def reopened(running: Company, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """A new announcement's editor after its portal came back: the browser has sent the text that it still had."""
    dead = running.open("announcements", "admin", id="news")
    dead.text_area(key="announcement_body").set_value("Typed before")
    app = AppTest.from_file(str(ROOT / running.portal / "main.py"), default_timeout=30)
    app.switch_page("app_pages/announcements.py")
    app.query_params["id"] = "news"
    app._run(dead._tree.get_widget_states())
    assert not app.exception
    assert app.text_area(key="announcement_body").value == ""
    a_while_later(monkeypatch)
    return app


def a_while_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than a browser may send back what another value has taken the place of."""
    later = editing.monotonic() + 4
    monkeypatch.setattr(editing, "monotonic", lambda: later)


def test_a_text_put_back_after_the_connection_broke_is_saved(
    company: Callable[[str], Company], monkeypatch: pytest.MonkeyPatch
) -> None:
    running = company("admin_portal")
    app = reopened(running, monkeypatch)
    app.text_area(key="announcement_body").set_value("Typed before")
    app.button(key="save_draft").click().run()
    assert not app.exception
    assert data_of(running)["body"] == "Typed before"


def test_what_was_typed_before_the_connection_broke_can_be_used(
    company: Callable[[str], Company], monkeypatch: pytest.MonkeyPatch
) -> None:
    running = company("admin_portal")
    app = reopened(running, monkeypatch)
    app.button(key="use_rescued_announcement_body").click().run()
    assert app.text_area(key="announcement_body").value == "Typed before"
    app.button(key="save_draft").click().run()
    assert data_of(running)["body"] == "Typed before"
    assert "rescued" not in "".join(buttons(app))


def test_what_was_given_up_for_theirs_can_be_chosen_again(
    company: Callable[[str], Company], monkeypatch: pytest.MonkeyPatch
) -> None:
    running = company("admin_portal")
    publish(running, level="info")
    app = running.open("announcements", "admin", id="news")
    app.button_group(key="announcement_level").set_value("important").run()
    publish(running, title="Theirs", level="info")
    app.run()
    app.button(key="take_theirs_announcement").click().run()
    level, title = app.button_group(key="announcement_level"), app.text_input(key="announcement_title")
    assert (level.value, title.value) == ("info", "Theirs")
    # What the browser sends back at once is what it had not been told to give up yet.
    level.set_value("important").run()
    assert app.button_group(key="announcement_level").value == "info"
    a_while_later(monkeypatch)
    for _again in range(2):
        app.button_group(key="announcement_level").set_value("important").run()
        assert app.button_group(key="announcement_level").value == "important"


def test_withdrawing_and_deleting_can_be_taken_back(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    publish(running)
    app = running.open("announcements", "admin")
    app.button(key="withdraw_news").click().run()
    assert data_of(running)["status"] == "withdrawn"
    app.button(key="publish_news").click().run()
    assert data_of(running)["status"] == "published"
    app.button(key="delete_news").click().run()
    assert "No announcements yet" in words(app)
    app.button(key="undo_delete").click().run()
    assert "delete_news" in buttons(app)
    assert data_of(running)["status"] == "published"


def test_an_analyst_reads_and_has_nothing_to_press(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    publish(running)
    app = running.open("announcements", "analyst")
    assert "Office hours" in words(app).replace("\u2068", "")
    assert not {"new_announcement", "withdraw_news", "delete_news", "edit_news"} & buttons(app)


def test_readers_are_candidates_and_each_counts_once(company: Callable[[str], Company]) -> None:
    running = company("user_portal")
    version = publish(running)
    for role in ("candidate", "owner", "candidate"):
        running.backend.acknowledgements.report("announcement", "news", version, "shown", running.account(role).id)
    running.account("candidate", "second@example.org")
    running.backend.acknowledgements.flush()
    found = readership(running.backend.database, "news", version, actor=running.actor("admin"))
    assert (found.read, found.people) == (1, 2)


def test_candidates_see_what_is_published_and_nothing_else(company: Callable[[str], Company]) -> None:
    running = company("user_portal")
    publish(running, "one", title="Seen")
    publish(running, "two", title="Hidden draft", status="draft")
    publish(running, "three", title="Taken back", status="withdrawn")
    said = words(running.open("home", "candidate"))
    assert "Seen" in said
    assert "Hidden draft" not in said
    assert "Taken back" not in said


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("**bold** and *soft*", "**bold** and *soft*"),
        ("[a](https://example.org)", "[a](<https://example.org>)"),
        ("[a](javascript:alert)", r"\[a\](javascript:" + "\u2060alert)"),
        (
            "https://example.org/?a=1&b=2#c&d",
            "[https:\u2060//example.org/?a\\=1\\&b\\=2#c\\&d](<https://example.org/?a=1&amp;b=2#c&amp;d>)",
        ),
        ("[a](https://example.org/?a=1&b=2)", "[a](<https://example.org/?a=1&amp;b=2>)"),
        ("[a](mailto:ada@example.org?cc=b&subject=c)", "[a](<mailto:ada@example.org?cc=b&amp;subject=c>)"),
        ("[a](https://example.org/&quot;&#62;)", "[a](<https://example.org/&amp;quot;&amp;#62;>)"),
        ("![a](https://example.org/a.png)", None),
        ("<script>", r"\<script\>"),
        ("# Big", "#### Big"),
        ("$x$ `c` ~~~", r"\$x\$ \`c\` \~\~\~"),
        (":red[x]", ":\u2060red\\[x\\]"),
        ("    code", "code"),
        ("java&#115;cript", r"java\&#115;cript"),
    ],
)
def test_only_what_is_harmless_is_markup(typed: str, shown: str | None) -> None:
    found = safe_markdown(typed)
    assert shown is None or found == shown
    assert "](https://example.org/a.png" not in found
    assert "![" not in found


def test_an_excerpt_is_plain() -> None:
    assert excerpt("# Hi\n**all** [a](https://example.org)") == "Hi all a"
    assert excerpt("[a](https://example.org/?a=1&b=2)") == "a"
