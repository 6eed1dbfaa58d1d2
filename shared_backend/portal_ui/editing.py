"""A person's draft of an entity, kept while others change it.

Inputs stand outside of st.form: a form keeps what was typed in the browser, where neither "keep mine" nor "merge" could
know of it. Outside, an input sends its text before any button that is pressed after it (leaving the input comes first),
so the three answers below always work on what the person sees. Nothing here writes into an input unless the person
asked for it, or touched nothing and has the focus in no input; and never a value that is there already, as even that
would wipe what is being typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

import streamlit as st

from shared_backend.portal_ui.live import draw_number, is_typing, on_screen

_STATE = "_edit_"
LIVE_PAUSE = "400ms"  # after which typed text is sent; until then only the browser has it
# How long a browser may still send back the text that an assignment took the place of. Draws that it skips are
# milliseconds apart; whoever puts the same text into the input later than this has meant to.
_ECHO_S = 3.0
# For whoever saves a draft of another epoch: its base_version is the number of another version now.
RESTORED: Final = (
    "A backup was restored while you were editing. What you typed is still here. Compare it with what stands now; "
    "where the two differ, keep yours, take theirs or merge; then save again."
)


@dataclass(frozen=True)
class Head:
    """The newest version of what is edited: its fields by path, and whom it is from, in words for people. In another
    `epoch`, after a restore, versions of the same number are other versions."""

    kind: str
    entity_id: str
    version: int
    values: Mapping[str, Any]
    by: str = ""
    when: str = ""
    epoch: str = ""


@dataclass(frozen=True)
class Incoming:
    """One field that came in under a draft."""

    path: str
    base: Any
    theirs: Any
    mine: Any
    touched: bool


@dataclass
class _Assignment:
    """A value put into an input that the browser may not have taken yet.

    When two draws follow each other closely the browser skips the first, and with it the values it assigned; the input
    then sends its old text back, as if the person had typed it. So an assignment is repeated in every draw until the
    browser has asked for one with the first of them (`draw`) on its screen, or for `_ECHO_S` after it (`since`).
    """

    value: Any
    before: Any
    draw: int | None = None
    since: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether `before` in the input is the person's doing by now."""
        return self.since is not None and monotonic() - self.since > _ECHO_S


@dataclass
class EditSession:
    """One form's draft: the version it started from, and what the inputs hold. Lives in st.session_state."""

    form: str
    kind: str
    entity_id: str
    base_version: int
    base: dict[str, Any]
    epoch: str = ""
    restored: bool = False  # what was typed stands on values that a restore has changed, and its base is no version now
    drafts: dict[str, Any] = field(default_factory=dict)
    rescued: dict[str, Any] = field(default_factory=dict)  # what the inputs held as the connection broke, to be offered
    _assigned: set[str] = field(default_factory=set)  # in the run at hand
    _unconfirmed: dict[str, _Assignment] = field(default_factory=dict)
    _unheard: set[str] = field(init=False)  # whose inputs have not been drawn yet
    _inherited: bool = False

    def __post_init__(self) -> None:
        self._unheard = set(self.base)

    def key(self, path: str) -> str:
        """The input's widget key: the form's name and the field's, with letters, digits, _ and - only."""
        return f"{self.form}_{re.sub('[^A-Za-z0-9_-]+', '-', path).strip('-')}"

    def default(self, path: str) -> Any:
        """What to give the input of `key(path)` as its `value`, asked once on every draw; None while it is assigned.

        The draft rather than a fixed default: a browser that is still loading the input's code loses assignments, and
        then falls back on this. An input that is there keeps what is in it.
        """
        if path in self._assigned:
            self._assigned.discard(path)
            return None
        return self.drafts.get(path)

    def touched(self) -> set[str]:
        """The fields in which the draft differs from what it started from."""
        return {path for path in self.base.keys() | self.drafts.keys() if not self._untouched(path)}

    def changes(self) -> dict[str, Any]:
        """What the person changed: path → value. With `base_version`, that is what to save."""
        self._collect()
        return {path: self.drafts.get(path) for path in sorted(self.touched())}

    def incoming(self, head: Head) -> list[Incoming]:
        """The fields that changed between this draft's base and `head`."""
        return [
            Incoming(path, self.base.get(path), head.values.get(path), self.drafts.get(path), not self._untouched(path))
            for path in sorted(self.base.keys() | head.values.keys())
            if not same(self.base.get(path), head.values.get(path))
        ]

    def is_behind(self, head: Head) -> bool:
        """Whether `head` is something else than what this draft stands on."""
        return self.restored or head.version > self.base_version

    def is_from_before_restore(self, epoch: str) -> bool:
        """Whether a restore has come between this draft and `epoch`, the one at hand, and the person has not answered
        to it yet. Saved now, the draft would take the place of what was restored, unseen: say RESTORED instead."""
        return self.restored or self.epoch != epoch

    def keep_mine(self, head: Head) -> None:
        """The draft stays as it is and now stands on `head`: saving it puts it in the place of what came in.

        Only fields that this form never had are taken over: nobody can have meant to delete what they never saw.
        """
        self._settle(head, lambda path: path not in self.base and path not in self.drafts)

    def take_theirs(self, head: Head) -> None:
        """The draft is given up for `head`."""
        self._settle(head, lambda path: True)

    def merge(self, head: Head) -> None:
        """Theirs where this person touched nothing, the draft where they did."""
        self._collect()
        touched = self.touched()
        self._settle(head, lambda path: path not in touched)

    def saved(self, head: Head) -> None:
        """After a save: the form stands on what was stored, whoever's values that are. Call it in the callback."""
        self._settle(head, lambda path: True)

    def text_input(self, path: str, label: str, **options: Any) -> str | None:
        """A single-line input of this field; it sends what was typed after a short pause."""
        text = st.text_input(label, self.default(path) or "", key=self.key(path), live=LIVE_PAUSE, **options)
        return self.heard(path, text)

    def text_area(self, path: str, label: str, **options: Any) -> str | None:
        """A many-line input of this field; it sends what was typed when it is left."""
        text = st.text_area(label, self.default(path) or "", key=self.key(path), **options)
        return self.heard(path, text)

    def heard(self, path: str, value: Any) -> Any:
        """What the input of `key(path)` holds, given what it answered to being drawn. Every input's answer goes here.

        Nobody can have typed into an input before it was drawn. A browser that the answer of a portal's process never
        reached, as that process died, still has the texts of the form it shows, and sends them to the next process;
        those were typed on another version than this draft's, and to save them would undo what others saved since.
        They are kept beside the draft, in `rescued`: which of them the person had typed, only the person knows.
        """
        if path not in self._unheard:
            return value
        self._unheard.discard(path)
        draft = self.drafts.get(path)
        if not same(value, draft):
            self._unconfirmed[path] = _Assignment(draft, value)
            self._inherited = True
            if value not in (None, ""):
                self.rescued[path] = value
        if self._inherited and not self._unheard:
            self._inherited = False
            st.rerun()
        return draft

    def offered(self) -> dict[str, Any]:
        """Of what the inputs held as the connection broke, what the draft does not say: path → value."""
        return {path: value for path, value in self.rescued.items() if not same(value, self.drafts.get(path))}

    def use_rescued(self, path: str) -> None:
        """Puts what the input held as the connection broke back into it, as if it was typed now."""
        self._collect()
        if path in self.rescued:
            self._put(path, self.rescued.pop(path))

    def drop_rescued(self) -> None:
        """Forgets what the inputs held as the connection broke."""
        self.rescued.clear()

    def _untouched(self, path: str) -> bool:
        return same(self.base.get(path), self.drafts.get(path))

    def move_to_epoch(self, head: Head) -> None:
        """After a restore the draft stands on what is there now: what was touched stays as it was typed.

        Where the restore has changed the very fields that were touched, the draft stays on what it started from, until
        the person has seen what stands now and has chosen.
        """
        if self.epoch == head.epoch:
            return
        if any(each.touched for each in self.incoming(head)):
            self.epoch, self.restored = head.epoch, True
        else:
            self.merge(head)

    def _settle(self, head: Head, take: Callable[[str], bool]) -> None:
        self._collect()  # in a callback the inputs are newer than the last draw
        for path in self.base.keys() | self.drafts.keys() | head.values.keys():
            if take(path):
                self._put(path, head.values.get(path))
        self.base_version, self.base, self.epoch = head.version, dict(head.values), head.epoch
        self.restored = False

    def _put(self, path: str, value: Any) -> None:
        self.drafts[path] = value
        key = self.key(path)
        if key in st.session_state and not same(st.session_state[key], value):
            self._unconfirmed[path] = _Assignment(value, st.session_state[key])
            self._assign(path, value)
        else:
            self._unconfirmed.pop(path, None)

    def _assign(self, path: str, value: Any) -> None:
        key = self.key(path)
        st.session_state[key] = "" if value is None and isinstance(st.session_state.get(key), str) else value
        self._assigned.add(path)

    def _repeat(self, drawing: int | None, on_screen: int | None) -> None:
        for path, each in list(self._unconfirmed.items()):
            now = st.session_state.get(self.key(path))
            confirmed = each.draw is not None and (drawing is None or (on_screen or 0) >= each.draw)
            typed_since = each.draw is not None and not same(now, each.value) and not same(now, each.before)
            if confirmed or typed_since or each.is_over or self.key(path) not in st.session_state:
                del self._unconfirmed[path]
            else:
                if each.draw is None:
                    each.draw, each.since = drawing or 0, monotonic()
                self._assign(path, each.value)

    def _is_on_page(self) -> bool:
        return any(self.key(path) in st.session_state for path in self.drafts)

    def _collect(self) -> None:
        for path in self.drafts:
            now = st.session_state.get(self.key(path), self.drafts[path])
            waiting = self._unconfirmed.get(path)
            if waiting is None or waiting.is_over or not same(now, waiting.before):
                self.drafts[path] = now


def open_edit(form: str, head: Head, *, region: str | None = None) -> EditSession:
    """The form's draft, begun from `head` when there is none for this entity. Call it on every draw, before the inputs.

    `form` is unique in the portal. A draft that the person has not touched follows the head, as far as that can't wipe
    what is being typed: always when the form was not on the page, and inside the live region named `region` when the
    browser says that no input has the focus.
    """
    edit = st.session_state.get(_STATE + form)
    if not isinstance(edit, EditSession) or (edit.kind, edit.entity_id) != (head.kind, head.entity_id):
        edit = EditSession(form, head.kind, head.entity_id, head.version, dict(head.values), head.epoch)
        for path, value in head.values.items():
            edit._put(path, value)  # inputs that held another entity's draft would hand it on to this one
        st.session_state[_STATE + form] = edit
    edit._assigned.clear()
    edit._repeat(*((None, None) if region is None else (draw_number(), on_screen(region))))
    edit._collect()
    edit.move_to_epoch(head)
    if edit.is_behind(head):
        is_safe = not edit._is_on_page() or (region is not None and not is_typing(region))
        if not edit.incoming(head):
            edit.keep_mine(head)  # what changed is not on this form
        elif is_safe and not edit.touched():
            edit.take_theirs(head)
            edit._repeat(None if region is None else draw_number(), None)
    return edit


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same to a person: an input can't tell nothing from an empty text."""
    return one == other or (one in (None, "") and other in (None, ""))


def close_edit(form: str) -> None:
    """Give the form's draft up. The next `open_edit` begins from the head."""
    edit = st.session_state.pop(_STATE + form, None)
    for path in edit.drafts if isinstance(edit, EditSession) else ():
        st.session_state.pop(edit.key(path), None)
