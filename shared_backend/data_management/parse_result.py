"""What a parse gives, as it comes from the worker process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shared_backend.data_management.documents.errors import MESSAGES, Outcome
from shared_backend.data_management.extraction.draft import PARSER_VERSION, Draft


@dataclass(frozen=True)
class ParseResult:
    """The outcome of one file, in words; the draft only where the outcome is `parsed`.

    `texts` are the pages' texts that the spans of the draft's values count in. `ms` is what reading and parsing took in
    the worker. `sha256` is the file's.
    """

    outcome: Outcome
    message: str
    name: str = ""
    kind: str = ""
    sha256: str = ""
    size: int = 0
    ms: float = 0.0
    draft: Draft | None = None
    texts: tuple[str, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()
    parser_version: str = PARSER_VERSION

    @property
    def ok(self) -> bool:
        """Whether there is a draft."""
        return self.draft is not None

    @classmethod
    def failed(cls, outcome: Outcome, detail: str = "", **more: Any) -> ParseResult:
        """A result without a draft."""
        return cls(outcome, f"{MESSAGES[outcome]} ({detail})" if detail else MESSAGES[outcome], **more)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "outcome": self.outcome.value, "message": self.message, "name": self.name, "kind": self.kind,
            "sha256": self.sha256, "size": self.size, "ms": round(self.ms, 1), "notes": list(self.notes),
            "parser_version": self.parser_version, "texts": list(self.texts),
            "draft": self.draft.to_dict() if self.draft else None,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ParseResult:
        """What `to_dict` gave."""
        draft = data.pop("draft", None)
        outcome = Outcome(data.pop("outcome"))
        texts, notes = tuple(data.pop("texts", ())), tuple(data.pop("notes", ()))
        return cls(outcome, draft=Draft.from_dict(draft) if draft else None, texts=texts, notes=notes, **data)
