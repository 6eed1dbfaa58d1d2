"""A person's work on one profile: which forms are open, what was wrong, what was removed, what the last save did."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Final

import streamlit as st

from shared_backend.lockstep.entities import Entity
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.editing import RESTORED, EditSession, Head, close_edit, open_edit
from shared_backend.portal_ui.profile_checks import WHOLE, placed, problems, values_of
from shared_backend.portal_ui.profile_order import dated_place, newest_first
from shared_backend.portal_ui.profile_sections import SectionSpec
from shared_backend.portal_ui.profile_words import author_words
from shared_backend.portal_ui.relative_time import relative
from shared_backend.services.backend import get_backend
from shared_backend.utils.exception_handler import IntelliCVError

KIND: Final = "user_profile"
_STATE = "_profile_desk"


@dataclass(frozen=True)
class Outcome:
    """What a save did: in which section, what it is called, and the bridge's answer."""

    section: str
    what: str
    answer: dict[str, Any]
    stored_ms: float


@dataclass(frozen=True)
class Removed:
    """An entry that was taken out, and where it stood."""

    entry: dict[str, Any]
    index: int


@dataclass
class ProfileDesk:
    """Kept in st.session_state for the profile on the page. Its actions are callbacks of buttons."""

    candidate_id: str
    editing: dict[str, str] = field(default_factory=dict)
    arranging: set[str] = field(default_factory=set)
    unfolded: set[str] = field(default_factory=set)
    problems: dict[str, dict[str, str]] = field(default_factory=dict)
    removed: dict[str, Removed] = field(default_factory=dict)
    outcome: Outcome | None = None
    _behind: bool = False

    @classmethod
    def of(cls, candidate_id: str) -> ProfileDesk:
        """The desk for this profile; another profile's is cleared away."""
        desk = st.session_state.get(_STATE)
        if not isinstance(desk, cls) or desk.candidate_id != candidate_id:
            desk = st.session_state[_STATE] = cls(candidate_id)
        return desk

    def page_is_behind(self) -> bool:
        """Whether something has changed in a section other than the one at hand; asked once for each time it has."""
        behind, self._behind = self._behind, False
        return behind

    def open(self, spec: SectionSpec, entry_id: str = "") -> None:
        """Opens the form of the section, or of one of its entries."""
        if self.editing.get(spec.key) != entry_id:
            close_edit(spec.key)
        self.problems.pop(spec.key, None)
        self.editing[spec.key] = entry_id

    def add(self, spec: SectionSpec) -> None:
        """Opens the form of a new entry."""
        self.open(spec, f"new-{secrets.token_hex(4)}")

    def close(self, spec: SectionSpec) -> None:
        """Closes the form; what was typed is given up."""
        close_edit(spec.key)
        self.editing.pop(spec.key, None)
        self.problems.pop(spec.key, None)

    def toggle(self, what: str, spec: SectionSpec) -> None:
        """Turns `arranging` or `unfolded` on or off for a section."""
        chosen: set[str] = getattr(self, what)
        chosen ^= {spec.key}

    def draft(self, spec: SectionSpec, entity: Entity, viewer_id: str, region: str) -> tuple[EditSession, Head]:
        """The open form's draft, and the head that it stands against."""
        head = self._head(spec, entity, viewer_id)
        return open_edit(spec.key, head, region=region), head

    def save(self, spec: SectionSpec, edit: EditSession) -> None:
        """Saves the form. Whatever is wrong is said beside the field, and nothing that was typed is lost."""
        if spec.key not in self.editing:
            return  # the second of two quick clicks
        changes = edit.changes()
        found = problems(spec, changes)
        if found:
            self.problems[spec.key] = found
            return
        self.problems.pop(spec.key, None)
        if not changes:
            self.close(spec)
            st.toast("Nothing was changed, so nothing was saved.", icon=":material/info:")
            return
        context = page_context()
        if edit.is_from_before_restore(_epoch()):
            self.problems[spec.key] = {WHOLE: RESTORED}
            return
        try:
            patch, what = self._patch(spec, edit, changes, context)
        except IntelliCVError as error:
            self.problems[spec.key] = {WHOLE: str(error)}
            return
        if patch is None:
            self.problems[spec.key] = {WHOLE: f"A {spec.noun} needs at least one field. Fill one in, or remove it."}
            return
        if self._write(spec, patch, edit.base_version, what, context):
            self.close(spec)

    def remove(self, spec: SectionSpec, entry_id: str, version: int) -> None:
        """Takes an entry out, as it was in the version that the person saw; `undo` puts it back."""
        context = page_context()
        entries = self._entries(spec, version, context)
        index = next((at for at, entry in enumerate(entries) if entry["id"] == entry_id), None)
        if index is None:
            return
        entry = entries.pop(index)
        if not self._write(spec, spec.patch(entries), version, f"removed: {spec.entry_title(entry)}", context):
            return
        # It may be out already, or stay for the sake of somebody's later edit: then there is nothing to bring back.
        if self.outcome is not None and _took_out(self.outcome.answer):
            self.removed[spec.key] = Removed(entry, index)

    def undo(self, spec: SectionSpec) -> None:
        """Puts the entry that was removed last back to where it stood. One that stands there again is left as it is."""
        context, gone = page_context(), self.removed.get(spec.key)
        if gone is None:
            return
        try:
            entity = context.bridge.get(KIND, self.candidate_id, actor=context.actor)
        except IntelliCVError as error:
            self.problems[spec.key] = {WHOLE: str(error)}
            return
        entries = list(spec.read(entity.data))
        if any(entry["id"] == gone.entry["id"] for entry in entries):
            self.removed.pop(spec.key, None)
            self.problems[spec.key] = {WHOLE: f"This {spec.noun} is in the profile again already. Nothing was changed."}
            return
        entries.insert(min(gone.index, len(entries)), gone.entry)
        if self._write(spec, spec.patch(entries), entity.version, "brought back", context):
            self.removed.pop(spec.key, None)

    def move(self, spec: SectionSpec, entry_id: str, by: int, version: int) -> None:
        """Moves an entry up (-1) or down (1)."""
        context = page_context()
        entries = self._entries(spec, version, context)
        index = next((at for at, entry in enumerate(entries) if entry["id"] == entry_id), None)
        if index is not None and 0 <= index + by < len(entries):
            entries.insert(index + by, entries.pop(index))
            self._write(spec, spec.patch(entries), version, "order", context)

    def sort(self, spec: SectionSpec, version: int) -> None:
        """Puts the entries into the order of time, newest first."""
        context = page_context()
        entries = newest_first(spec, self._entries(spec, version, context))
        self._write(spec, spec.patch(entries), version, "order", context)

    def _head(self, spec: SectionSpec, entity: Entity, viewer_id: str) -> Head:
        entry_id = self.editing[spec.key]
        holder = spec.read(entity.data)
        if spec.is_list:
            holder = next((entry for entry in holder if entry.get("id") == entry_id), {})
        who = author_words(entity.updated_by, entity.updated_by_name, viewer_id)
        name = f"{entity.id}/{entry_id}" if entry_id else entity.id
        return Head(KIND, name, entity.version, spec.texts(holder), who, relative(entity.updated_at), _epoch())

    def _patch(
        self, spec: SectionSpec, edit: EditSession, changes: dict[str, Any], context: PageContext
    ) -> tuple[dict[str, Any] | None, str]:
        """The merge patch of the form and what it is called; no patch for an entry that would be empty."""
        values = values_of(spec, changes)
        if not spec.is_list:
            return spec.patch(placed(spec.fields, values, keep_none=True)), spec.title
        entry_id = self.editing[spec.key]
        entries = self._entries(spec, edit.base_version, context)
        index = next((at for at, entry in enumerate(entries) if entry["id"] == entry_id), None)
        old = entries[index] if index is not None else {"id": entry_id}
        kept = {name: value for name, value in old.items() if name not in values}
        entry = {**kept, **{name: value for name, value in values.items() if value is not None}}
        if len(entry) < 2:
            return None, ""
        if index is None:
            entries.insert(dated_place(spec, entries, entry), entry)
        else:
            entries[index] = entry
        return spec.patch(entries), spec.entry_title(entry)

    def _entries(self, spec: SectionSpec, version: int, context: PageContext) -> list[dict[str, Any]]:
        """The section's entries as of that version: what the person saw, whatever has come in since."""
        found = context.bridge.history(KIND, self.candidate_id, actor=context.actor, limit=1, before=version + 1)
        return list(spec.read(found[0].data)) if found else []

    def _write(self, spec: SectionSpec, patch: dict[str, Any], version: int, what: str, context: PageContext) -> bool:
        started = time.perf_counter()
        answer = context.bridge.sync_user_data(
            self.candidate_id, patch, context.source, base_version=version, actor=context.actor
        )
        if not answer["success"]:
            self.problems[spec.key] = {WHOLE: answer["error"]}
            return False
        self._behind = self.outcome is not None and self.outcome.section != spec.key
        self.outcome = Outcome(spec.key, what, answer, (time.perf_counter() - started) * 1000)
        self.problems.pop(spec.key, None)
        self.removed.pop(spec.key, None)
        return True


def _took_out(answer: dict[str, Any]) -> bool:
    """Whether a save that removes one entry has removed it."""
    conflict = answer["conflict"]
    return bool(answer["changed"]) and (conflict is None or conflict["kept"] != "theirs")


def _epoch() -> str:
    return get_backend().watcher.position.epoch
