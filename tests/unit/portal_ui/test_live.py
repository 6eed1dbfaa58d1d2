"""live() and live_frame() as Python sees them; what the browser does with them is tried in tests/browser."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from shared_backend.portal_ui.ack_marks import AckMarks
from shared_backend.portal_ui.live import LiveLink, draw_number
from shared_backend.portal_ui.save_status import status_lines
from tests.browser.live_portal.store import AckChange, FakeWatcher


def page() -> None:
    import streamlit as st

    from shared_backend.portal_ui.live import Shown, live, live_frame

    if "link" in st.session_state:
        live_frame(st.session_state["link"])

    def draw() -> list[Shown]:
        if st.session_state.get("broken"):
            raise ValueError("broken")
        st.markdown("drawn")
        return [Shown("user_profile", "42", 3)]

    live("user_profile", "42", draw=draw, key="profile", also=[("announcement", None), ("ack", "user_profile:42:3")])


@pytest.fixture
def link() -> LiveLink:
    return LiveLink(FakeWatcher(baseline=5), AckMarks(), "ada")


def run(link: LiveLink | None, **state: object) -> AppTest:
    app = AppTest.from_function(page, default_timeout=60)
    if link is not None:
        app.session_state["link"] = link
    for name, value in state.items():
        app.session_state[name] = value
    return app.run()


def test_a_page_is_drawn(link: LiveLink) -> None:
    app = run(link)
    assert [each.value for each in app.markdown] == ["drawn"]
    assert not app.exception


def test_without_the_frame_it_says_what_is_missing() -> None:
    assert run(None).exception
    with pytest.raises(RuntimeError, match="live_frame"):
        draw_number()


def test_a_region_that_fails_stays_connected(link: LiveLink) -> None:
    app = run(link, broken=True)
    assert app.exception
    assert set(app.session_state["_live"].regions) == {"profile"}


def noticed(page: Any) -> bool:
    """Whether the timer has something redrawn."""
    return bool(page.moved()) or page.must_run()


@pytest.mark.parametrize(
    ("subject", "stale"),
    [
        (("user_profile", "42"), True),
        (("announcement", "anything"), True),
        (("account", "ada"), True),
        (("user_profile", "41"), False),
        (("account", "cleo"), False),
    ],
)
def test_the_timer_sees_what_the_page_shows_and_nothing_else(
    link: LiveLink, subject: tuple[str, str], stale: bool
) -> None:
    drawn = run(link).session_state["_live"]
    assert not noticed(drawn)
    link.watcher.happened(subject)  # type: ignore[attr-defined]
    assert noticed(drawn) is stale


@pytest.mark.parametrize(("version", "stale"), [(3, True), (2, False)])
def test_the_timer_sees_acknowledgements(link: LiveLink, version: int, stale: bool) -> None:
    drawn = run(link).session_state["_live"]
    change = AckChange("user_profile", "42", version)
    link.acks.moved([("ack", f"{change.kind}:{change.entity_id}:{change.version}")])
    assert noticed(drawn) is stale


def test_another_epoch_makes_everything_stale(link: LiveLink) -> None:
    drawn = run(link).session_state["_live"]
    link.watcher.happened(resync=True)  # type: ignore[attr-defined]
    assert drawn.must_run()


def test_a_browser_that_redraws_nothing_of_what_it_is_told_has_the_page_run(link: LiveLink) -> None:
    drawn = run(link).session_state["_live"]
    link.watcher.happened(("user_profile", "42"))  # type: ignore[attr-defined]
    assert drawn.moved() and not drawn.must_run()
    for _ in range(10):
        drawn.moved()
    assert drawn.must_run()


def test_the_status_of_a_save_in_words() -> None:
    def ack(stage: str, ms: float, people: int = 1, portal: str = "user_portal") -> SimpleNamespace:
        return SimpleNamespace(portal=portal, stage=stage, elapsed_ms=ms, people=people)

    assert status_lines(7, [], 12.4) == [
        ":material/check_circle: Version 7 stored in 12 ms",
        ":material/schedule: On nobody's screen yet",
    ]
    assert status_lines(7, [ack("shown", 90.2, 1200), ack("seen", 8), ack("seen", 12_345, portal="admin_portal")]) == [
        ":material/check_circle: Version 7 stored",
        ":material/visibility: Seen by the user portal after 8 ms",
        ":material/visibility: Seen by the admin portal after 12 s",
        ":material/devices: Shown in the user portal after 90 ms, on 1,200 people's screens",
    ]
