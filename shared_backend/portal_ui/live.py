"""Live pages: a region is redrawn when what it shows has changed, and only then.

main.py calls `live_frame(link)` on every run, before the page. A page calls `live("user_profile", user_id, draw=…)`.
The push triggers exactly the regions concerned; underneath, one small fragment compares integers in memory on a timer,
tight while the push is down and slack while it is healthy.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from shared_backend.portal_ui import live_component
from shared_backend.portal_ui.ack_marks import AckMarks
from shared_backend.portal_ui.push import WatcherView
from shared_backend.portal_ui.topics import ACK, Topic

_STATE = "_live"
_TOLD_AT_MOST = 6


class Shown(NamedTuple):
    """A version that a region has drawn; the browser reports it once it is on a visible screen."""

    kind: str
    entity_id: str
    version: int


def _no_texts(_topics: Collection[Topic]) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class LiveLink:
    """What pages need of the portal's live layer. `account_id` is the signed-in person's, or None before sign-in;
    `read_texts` answers what pages show of changed topics to that person, as `send_ahead` names it."""

    watcher: WatcherView
    acks: AckMarks
    account_id: str | None
    path: str = "/live"
    poll_tight_s: float = 0.5
    poll_slack_s: float = 120.0
    read_texts: Callable[[Collection[Topic]], Mapping[str, str]] = _no_texts


@dataclass(frozen=True)
class _Drawn:
    """The marks a region was drawn at: read before it read its data, so they are never too new."""

    epoch: str
    seq: int
    marks: tuple[tuple[str, str | None, int], ...]

    @classmethod
    def now(cls, link: LiveLink, topics: Iterable[Topic]) -> _Drawn:
        position = link.watcher.position
        marks = tuple((kind, entity_id, link.acks.count if kind == ACK else position.seq) for kind, entity_id in topics)
        return cls(position.epoch, position.seq, marks)

    def stale(self, link: LiveLink) -> bool:
        """Whether any of it has changed since; dictionary look-ups only."""
        return link.watcher.position.epoch != self.epoch or bool(self.moved(link))

    def moved(self, link: LiveLink) -> list[tuple[str, str | None, int]]:
        """The topics that have changed since, with the marks that they have now."""
        now = (
            (
                kind,
                entity_id,
                link.acks.mark((kind, entity_id)) if kind == ACK else link.watcher.topic_seq(kind, entity_id),
            )
            for kind, entity_id, _mark in self.marks
        )
        return [found for found, drawn in zip(now, self.marks, strict=True) if found[2] > drawn[2]]


@dataclass
class _Page:
    """One full run's live regions, kept in st.session_state until the next full run."""

    link: LiveLink
    frame: _Drawn
    regions: dict[str, _Drawn] = field(default_factory=dict)
    draws: int = 0
    # Of the region that is being drawn:
    ahead: dict[str, str] = field(default_factory=dict)
    ages: bool = False
    told: int = 0  # times in a row that the browser was told of something stale and has not had it redrawn

    def must_run(self) -> bool:
        """Whether the whole page has to: another epoch, another role, or a browser that does not act on what it is
        told."""
        epoch = self.link.watcher.position.epoch
        others = any(drawn.epoch != epoch for drawn in self.regions.values())
        return self.frame.stale(self.link) or others or self.told > _TOLD_AT_MOST

    def moved(self) -> list[tuple[str, str | None, int]]:
        """What the regions show and what has changed since they were drawn."""
        found = [topic for drawn in self.regions.values() for topic in drawn.moved(self.link)]
        self.told = self.told + 1 if found else 0
        return found


def live(
    kind: str,
    entity_id: str | None = None,
    *,
    draw: Callable[[], Iterable[Shown] | None],
    key: str,
    also: Iterable[Topic] = (),
) -> None:
    """Run `draw` as a region of its own, again whenever the entity (or, without an id, any of the kind) has changed.

    `draw` reads its data itself and answers the versions that it drew, or None. `also` names further topics. `key` is
    unique on the page and stays the same from run to run. Every input drawn inside needs a key, or what a person is
    typing is lost on a redraw. Raises RuntimeError when the page was run without `live_frame`.
    """
    topics = ((kind, entity_id), *also)
    _page()

    @st.fragment(key=f"live-{key}")
    def region() -> None:
        page = _open_page()
        if page is None:
            return
        drawn = page.regions[key] = _Drawn.now(page.link, topics)
        page.draws += 1
        around = page.ahead, page.ages  # a region may stand in another one
        page.ahead, page.ages = {}, False
        try:
            shown = tuple(draw() or ())
        except Exception:
            _mount(page, key, drawn, ())  # the next change draws it again, and may well succeed
            raise
        else:
            _mount(page, key, drawn, shown)
        finally:
            page.ahead, page.ages = around

    region()


def is_typing(key: str) -> bool:
    """Inside `draw` of region `key`: may the person be typing something that we have not been sent yet?

    False only when the browser asked for this redraw and had the focus in no input at that time. Whatever was typed
    before came with or before that request, so it is safe then to put new values into the inputs.
    """
    payload = live_component.region_payload(key)
    return payload is None or payload.get("typing") is not False


def on_screen(key: str) -> int | None:
    """Inside `draw` of region `key`: the number of the draw that the browser had on its screen when it asked for this
    one; None when it didn't ask."""
    payload = live_component.region_payload(key)
    return None if payload is None else int(payload.get("drawn", 0))


def send_ahead(texts: Mapping[str, str]) -> None:
    """Inside `draw`: these texts stand alone in the containers of these keys, and may be sent ahead.

    When one of them changes, the browser puts the new text in the old one's place as soon as it hears of it, and the
    redraw follows. `LiveLink.read_texts` and the hub's `read_texts` must name the same keys.
    """
    _page().ahead.update(texts)


def draws_age() -> None:
    """Inside `draw`: what is drawn says how long ago something was, so the browser has it redrawn now and then while a
    person looks at it. Anywhere else it does nothing."""
    page = _open_page() if get_script_run_ctx(suppress_warning=True) is not None else None
    if page is not None:
        page.ages = True


def draw_number() -> int:
    """The number of the draw at hand; it grows with every draw of any region of this tab."""
    return _page().draws


def live_frame(link: LiveLink) -> None:
    """Connect this tab to the portal's hub and start its timer. Call it once on every full run, before the page.

    A change of the person's own account (locked, another role, signed out) runs the whole app again at once.
    """
    topics: tuple[Topic, ...] = () if link.account_id is None else (("account", link.account_id),)
    before = st.session_state.get(_STATE)
    page = _Page(link, _Drawn.now(link, topics), draws=before.draws if isinstance(before, _Page) else 0)
    st.session_state[_STATE] = page

    @st.fragment(key="live-frame-fragment")
    def frame() -> None:
        push = live_component.reported_push()

        @st.fragment(key="live-poll", run_every=link.poll_tight_s if push == "down" else link.poll_slack_s)
        def poll() -> None:
            now = _open_page()
            if now is None:
                return
            moved = now.moved()
            if now.must_run():
                st.rerun()
            # The browser redraws the regions concerned, one by one, as it does for the push.
            texts = link.read_texts([(kind, entity_id) for kind, entity_id, _mark in moved]) if moved else {}
            live_component.mount_poll(moved, texts, epoch=page.frame.epoch, process=link.acks.process)

        # First, so that it has the same place on every run: a timer belongs to a place, and is replaced there.
        poll()
        data = live_component.region_data(
            page.frame.marks, (), {}, epoch=page.frame.epoch, process=link.acks.process, drawn=0
        )
        if live_component.mount_frame({**data, "seq": page.frame.seq, "path": link.path, "push": push}):
            st.rerun()

    frame()


def push_state() -> str:
    """This tab's push as far as Python knows: "up" or "down"; for debug pages. Until the browser speaks, "up"."""
    return live_component.reported_push() or "up"


def _mount(page: _Page, key: str, drawn: _Drawn, shown: Iterable[Shown]) -> None:
    data: dict[str, Any] = live_component.region_data(
        drawn.marks, shown, page.ahead, epoch=drawn.epoch, process=page.link.acks.process, drawn=page.draws
    )
    if page.ages:
        data["ages"] = True
    live_component.mount_region(key, data)


def _page() -> _Page:
    page = _open_page()
    if page is None:
        raise RuntimeError("live() needs live_frame(): main.py calls it on every run, before the page.")
    return page


def _open_page() -> _Page | None:
    """None in a tab that is being closed: Streamlit begins a fragment's run whose session's state is gone already."""
    page = st.session_state.get(_STATE)
    return page if isinstance(page, _Page) else None
