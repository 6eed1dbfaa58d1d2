"""What a kind of entity is: its schema, its events, its list columns and who may touch it."""

from __future__ import annotations

import difflib
import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from shared_backend.utils.exception_handler import InvalidInput

# Line breaks and tabs are text; every other control character is an accident or an attack.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LINK = re.compile(r"^(https?://[^\s<>\"']+|mailto:[^\s<>\"']+|[\w.-]+\.[a-z]{2,}(/[^\s<>\"']*)?)$", re.IGNORECASE)
_EMAIL = re.compile(r"^[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"']+$")
_DATE = re.compile(r"^([12][0-9]{3})(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?\Z")
ENTRY_ID = re.compile(r"^[A-Za-z0-9_-]{1,40}\Z")


def clean_text(value: str) -> str:
    """Refuses control characters by name; everything else, any script and emoji, is somebody's text."""
    found = _CONTROL.search(value)
    if found:
        name = unicodedata.name(found[0], f"U+{ord(found[0]):04X}")
        raise ValueError(f"contains a character that can't be stored ({name}, at position {found.start() + 1})")
    return value


def _one_line(value: str) -> str:
    if "\n" in value or "\r" in value:
        raise ValueError("must be one line")
    return clean_text(value).strip()


def _link(value: str) -> str:
    if value and not _LINK.match(value):
        raise ValueError("must be a web address such as https://example.org")
    return value


def _email(value: str) -> str:
    if value and not _EMAIL.match(value):
        raise ValueError("must be an e-mail address such as name@example.org")
    return value


def _date(value: str) -> str:
    if value and not _DATE.match(value):
        raise ValueError("must be a date such as 2024, 2024-05 or 2024-05-31")
    return value


def _entry_id(value: str) -> str:
    if not ENTRY_ID.match(value):
        raise ValueError("must be 1 to 40 letters, digits, - or _")
    return value


Line = Annotated[str, StringConstraints(max_length=300), AfterValidator(_one_line)]
Prose = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(clean_text)]
Link = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(_one_line), AfterValidator(_link)]
Email = Annotated[str, StringConstraints(max_length=320), AfterValidator(_one_line), AfterValidator(_email)]
PartialDate = Annotated[str, StringConstraints(max_length=10), AfterValidator(_date)]
EntryId = Annotated[str, AfterValidator(_entry_id)]
Lines = Annotated[list[Line], Field(max_length=200)]


class Shape(BaseModel):
    """Base of the schemas: unknown fields are refused, and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Entry(Shape):
    """An entry of a keyed list. `id` is given when the entry is made and stays with it."""

    id: EntryId | None = None


@dataclass(frozen=True)
class HeadColumns:
    """What lists show, search, filter and sort by. `score` is 0 to 100, for a profile its completeness."""

    label: str
    status: str = ""
    search_text: str = ""
    score: int = 0


@dataclass(frozen=True)
class EntityKind:
    """One kind of entity. `events` is the prefix of its event types (`user` gives user_update, …).

    `candidates`: what candidates reach: `own` (read and edit the entity that bears their account's id), `read` (read
    those that `visible` admits), or `none`.
    """

    name: str
    title: str
    schema: type[Shape]
    events: str
    columns: Callable[[dict[str, Any]], HeadColumns]
    candidates: Literal["own", "read", "none"] = "none"
    visible: Callable[[str], bool] = lambda _status: True
    shorthand: Callable[[dict[str, Any]], dict[str, Any]] = lambda data: data

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """The canonical form of a complete state. Raises InvalidInput that names each field that is wrong, and why."""
        try:
            model = self.schema.model_validate(data)
        except ValidationError as error:
            raise InvalidInput(_in_words(self, error)) from None
        canonical: dict[str, Any] = _without_empty(model.model_dump(mode="json", exclude_none=True, exclude_unset=True))
        return canonical


def with_entry_ids(data: Any, base: Any) -> Any:
    """Gives entries without an id one: that of the base's equal entry, else of the base's entry at the same place, else
    a new one. So a script that sends a list again without ids changes nothing."""
    if isinstance(data, dict):
        return {k: with_entry_ids(v, base.get(k) if isinstance(base, dict) else None) for k, v in data.items()}
    if not (isinstance(data, list) and data and all(isinstance(entry, dict) for entry in data)):
        return data
    known = [e for e in base if isinstance(e, dict) and "id" in e] if isinstance(base, list) else []
    taken = {entry["id"] for entry in data if isinstance(entry.get("id"), str)}
    if len(taken) < sum(1 for entry in data if isinstance(entry.get("id"), str)):
        raise InvalidInput("Two entries of one list have the same id. Give each its own, or none.")
    result: list[Any] = list(data)
    for index, entry in enumerate(data):
        if "id" in entry:
            continue
        equal = [k["id"] for k in known if k["id"] not in taken and {x: k[x] for x in k if x != "id"} == entry]
        same_place = [known[index]["id"]] if index < len(known) and known[index]["id"] not in taken else []
        chosen = (equal or same_place or [secrets.token_hex(4)])[0]
        taken.add(chosen)
        result[index] = {"id": chosen, **entry}
    return result


def _without_empty(value: Any) -> Any:
    """An empty object or list is the same as none: one state has one form."""
    if isinstance(value, dict):
        kept = {key: _without_empty(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item != {} and item != []}
    return [_without_empty(item) for item in value] if isinstance(value, list) else value


def _in_words(kind: EntityKind, error: ValidationError) -> str:
    problems = []
    for problem in error.errors()[:5]:
        path = ".".join(str(step) for step in problem["loc"]) or "the data"
        if problem["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(problem["loc"][-1]), _names(kind.schema), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            problems.append(f"{path} is not a field of a {kind.title}{hint}")
        elif problem["type"] == "value_error":
            problems.append(f"{path} {problem['ctx']['error']}")
        else:
            problems.append(f"{path}: {problem['msg'][0].lower()}{problem['msg'][1:]}")
    more = f" (and {error.error_count() - 5} more)" if error.error_count() > 5 else ""
    return "Nothing was saved: " + "; ".join(problems) + more + "."


def _names(schema: type[BaseModel]) -> list[str]:
    names: list[str] = []
    for name, info in schema.model_fields.items():
        names.append(name)
        for part in (info.annotation, *getattr(info.annotation, "__args__", ())):
            for inner in (part, *getattr(part, "__args__", ())):
                if isinstance(inner, type) and issubclass(inner, BaseModel):
                    names += _names(inner)
    return names
