"""Looking through what was read: proposals, corrections, choices, the confirmation, and where values came from."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from shared_backend.data_management import document_store as store
from shared_backend.data_management.document_access import as_of_now, no_document, reach, require_owner
from shared_backend.data_management.document_base import DocumentBase
from shared_backend.data_management.document_store import Document, Source
from shared_backend.data_management.profile_merge import merged
from shared_backend.data_management.profile_proposal import Proposal, propose, value_hash
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity.actor import Actor
from shared_backend.lockstep import entities
from shared_backend.lockstep.fields import flatten
from shared_backend.utils.exception_handler import InvalidInput, StateConflict

_LONGEST_EDIT: Final = 20_000


@dataclass(frozen=True)
class Confirmed:
    """The profile's version after a confirmation, and how many of its fields now rest on the document."""

    version: int
    changed: tuple[str, ...]
    fields: int


class DocumentReview(DocumentBase):
    """What a person does between the reading and the profile."""

    def proposal(self, document_id: str, *, actor: Actor) -> Proposal:
        """What the document proposes for its owner's profile as that is now. Raises NotFound and StateConflict."""
        with self._database.snapshot() as connection:
            document = reach(connection, document_id, actor)
            return self._proposal(connection, document)[0]

    def sources(self, owner_id: str, *, actor: Actor) -> dict[str, Source]:
        """Where the values of a profile came from, by path: those only that still stand as they were confirmed."""
        with self._database.snapshot() as connection:
            require_owner(connection, actor, owner_id, write=False)
            found = store.sources(connection, owner_id)
            head = entities.head(connection, "user_profile", owner_id) if found else None
        if head is None or head.deleted:
            return {}
        now = flatten(head.data)
        return {path: each for path, each in found.items() if path in now and value_hash(now[path]) == each.value_hash}

    def corrections(self, document_id: str, *, actor: Actor) -> list[dict[str, Any]]:
        """What was corrected when the document was confirmed: what was read, what is right, by which parser."""
        with self._database.snapshot() as connection:
            return store.corrections(connection, reach(connection, document_id, actor).id)

    def edit(self, document_id: str, path: str, value: Any, *, actor: Actor) -> None:
        """Keeps what a person says is right at a place of the draft: a text, lines, or None for nothing. It is kept
        with the document, so that it is there on every device, until it is confirmed."""
        text = "\n".join(value) if isinstance(value, list) else value or ""
        if not isinstance(text, str) or len(text) > _LONGEST_EDIT:
            raise InvalidInput(f"A field holds at most {_LONGEST_EDIT:,} characters.")

        def change(edits: dict[str, Any], proposal: Proposal) -> None:
            found = proposal.find(path)
            if found is None:
                raise InvalidInput("There is no such field in this document.")
            cleaned = _cleaned(value)
            if cleaned == found.read:
                edits["values"].pop(path, None)
            else:
                edits["values"][path] = cleaned

        self._edit(document_id, actor, change)

    def check(self, document_id: str, path: str, *, actor: Actor) -> None:
        """Notes that a person has looked at a value and found it right: it is not doubtful any more."""

        def change(edits: dict[str, Any], proposal: Proposal) -> None:
            if proposal.find(path) is None:
                raise InvalidInput("There is no such field in this document.")
            if path not in edits["checked"]:
                edits["checked"] = [*edits["checked"], path]

        self._edit(document_id, actor, change)

    def choose(self, document_id: str, path: str, take: str, *, actor: Actor) -> None:
        """Where both have something: `cv` takes the document's value, `profile` keeps what is there."""
        if take not in ("cv", "profile"):
            raise InvalidInput("Choose cv or profile.")
        self._edit(document_id, actor, lambda edits, _proposal: edits["take"].update({path: take}))

    def leave_out(self, document_id: str, entry: str, left_out: bool, *, actor: Actor) -> None:
        """Keeps a whole entry of the draft out of the profile, or takes it in again."""

        def change(edits: dict[str, Any], proposal: Proposal) -> None:
            if entry not in {each.path for each in proposal.entries()}:
                raise InvalidInput("There is no such entry in this document.")
            if left_out != (entry in edits["left_out"]):
                kept = [each for each in edits["left_out"] if each != entry]
                edits["left_out"] = [*kept, entry] if left_out else kept

        self._edit(document_id, actor, change)

    def confirm(self, document_id: str, *, actor: Actor, source: str) -> Confirmed:
        """Writes the draft into the profile, as the person left it: merged field by field, nothing of the profile is
        lost. Safe to repeat. Raises StateConflict, and InvalidInput that names a field that can't be stored."""
        with self._database.snapshot() as connection:
            document = reach(connection, document_id, actor, write=True)
            fresh = as_of_now(connection, actor)
            proposal, profile, version = self._proposal(connection, document)
        assert document.owner_id is not None
        wrong = proposal.problems()
        if wrong:
            raise InvalidInput(f"{len(wrong)} of the fields can't be stored as they are. First: {wrong[0].problem}")
        result = merged(proposal, profile)
        changed: tuple[str, ...] = ()
        if result.patch:
            answer = self._save_profile(document.owner_id, result.patch, source, base_version=version, actor=fresh)
            if not answer["success"]:
                raise StateConflict(str(answer["error"]))
            version, changed = int(answer["version"]), tuple(answer["changed"])

        def work(uow: UnitOfWork) -> None:
            now = self._clock()
            states = ("draft", "confirmed")
            values = {"state": "confirmed", "profile_version": version, "confirmed_at": now, "updated_at": now}
            if not store.change(uow.connection, document_id, states=states, **values):
                raise no_document()
            edits = store.contents(uow.connection, document_id)[1]
            edits["became"] = {**(edits.get("became") or {}), **result.became}
            store.change(uow.connection, document_id, edits=edits)
            told = {"document_id": document_id, "confirmed_at": now}
            store.put_sources(uow.connection, document.owner_id or "", [{**each, **told} for each in result.sources])
            self._keep_labels(uow.connection, document, proposal, fresh)
            after = {"profile_version": version, "fields": len(result.sources)}
            self._audit(uow, "confirm", document_id, fresh, source, after=after)
            self._tell(uow, document, "confirmed", fresh, source)

        self._database.run(work)
        return Confirmed(version, changed, len(result.sources))

    def _proposal(self, connection: Connection, document: Document) -> tuple[Proposal, dict[str, Any], int]:
        if document.state not in ("draft", "confirmed"):
            raise StateConflict("It has not been read, so there is nothing to look through yet.")
        head = entities.head(connection, "user_profile", document.owner_id) if document.owner_id else None
        if document.owner_id and (head is None or head.deleted):
            raise StateConflict("The profile that it belongs to is not there at the moment.")
        draft, edits = store.contents(connection, document.id)
        profile = head.data if head else {}
        return propose(draft, edits, profile), profile, head.version if head else 0

    def _edit(self, document_id: str, actor: Actor, change: Callable[[dict[str, Any], Proposal], None]) -> None:
        def work(uow: UnitOfWork) -> None:
            document = reach(uow.connection, document_id, actor, write=True, lock=uow.dialect == "postgresql")
            proposal, _profile, _version = self._proposal(uow.connection, document)
            before = {
                "values": {},
                "take": {},
                "left_out": [],
                "checked": [],
                **store.contents(uow.connection, document_id)[1],
            }
            edits = deepcopy(before)
            change(edits, proposal)
            if edits == before:
                return  # said again: a page tells what an input held once more when the input goes
            # A confirmed document that is changed is a draft again, until it is confirmed anew.
            store.change(uow.connection, document_id, edits=edits, state="draft", updated_at=self._clock())

        self._database.run(work)

    def _keep_labels(self, connection: Connection, document: Document, proposal: Proposal, actor: Actor) -> None:
        told = {
            "document_id": document.id,
            "parser_version": document.parser_version,
            "corrected_by": actor.id,
            "corrected_at": self._clock(),
        }
        for each in proposal.fields():
            if each.edited:
                store.add_correction(
                    connection,
                    path=each.path,
                    read=each.read,
                    right=each.value,
                    spans=[list(place) for place in each.places],
                    rule=",".join(each.rules)[:80],
                    confidence=each.confidence,
                    **told,
                )


def _cleaned(value: Any) -> Any:
    if isinstance(value, list):
        return [line for line in (str(each).strip() for each in value) if line] or None
    text = "" if value is None else str(value)
    return text.strip() or None
