"""The fields of a profile as a document can fill them: by section, with what may stand in each."""

from __future__ import annotations

import functools
import types
import typing
from typing import Any, Final

from pydantic import ValidationError

from shared_backend.lockstep.kinds.base import Shape
from shared_backend.lockstep.kinds.user_profile import (
    Award,
    Basics,
    Certificate,
    Education,
    Interest,
    Language,
    Location,
    OnlineProfile,
    Project,
    Publication,
    Reference,
    Skill,
    Volunteer,
    Work,
)

LIST_SECTIONS: Final[dict[str, type[Shape]]] = {
    "work": Work,
    "education": Education,
    "skills": Skill,
    "languages": Language,
    "projects": Project,
    "certificates": Certificate,
    "volunteer": Volunteer,
    "awards": Award,
    "publications": Publication,
    "profiles": OnlineProfile,
    "interests": Interest,
    "references": Reference,
}

# By these an entry is known again; see profile_match.
IDENTITY: Final[dict[str, tuple[str, ...]]] = {
    "work": ("name", "position", "startDate"),
    "education": ("institution", "studyType", "area"),
    "skills": ("name",),
    "languages": ("language",),
    "projects": ("name",),
    "certificates": ("name",),
    "volunteer": ("organization", "position"),
    "awards": ("title",),
    "publications": ("name",),
    "profiles": ("network", "username"),
    "interests": ("name",),
    "references": ("name",),
}

# Fields that an entry is offered to be filled in where the document has nothing in them.
OFFERED: Final[dict[str, tuple[str, ...]]] = {
    "basics": ("name", "label", "email", "phone"),
    "work": ("position", "name", "startDate", "endDate"),
    "education": ("institution", "studyType", "area", "startDate", "endDate"),
}


@functools.cache
def names(section: str) -> tuple[str, ...]:
    """The fields of a section in their order; those of the place of living are in `basics` as `location.city`."""
    if section == "basics":
        own = [name for name in Basics.model_fields if name not in ("location", "profiles")]
        return (*own, *(f"location.{name}" for name in Location.model_fields))
    return tuple(name for name in LIST_SECTIONS[section].model_fields if name != "id")


@functools.cache
def is_list(section: str, name: str) -> bool:
    """Whether the field holds several lines."""
    if section == "basics":
        return False
    kind = LIST_SECTIONS[section].model_fields[name].annotation
    return any(typing.get_origin(each) is list for each in _parts(kind))


def problem(section: str, name: str, value: Any) -> str:
    """What is wrong with a value, in words for its field; empty where it can be stored."""
    model: type[Shape] = Basics if section == "basics" else LIST_SECTIONS[section]
    if name.startswith("location."):
        model, name = Location, name.removeprefix("location.")
    try:
        model.model_validate({name: value})
    except ValidationError as error:
        if name == "date" or name.endswith("Date"):
            return "It must be a date such as 2024, 2024-05 or 2024-05-31."
        found = error.errors()[0]
        context = found.get("ctx", {})
        match found["type"]:
            case "value_error":
                return f"It {context['error']}."
            case "string_too_long":
                return (
                    f"It has {len(str(found['input'])):,} characters; at most {context['max_length']:,} are possible."
                )
            case "too_long":
                return f"It has {context['actual_length']:,} lines; at most {context['max_length']:,} are possible."
        return f"{found['msg']}."
    return ""


def _parts(kind: Any) -> list[Any]:
    """The types in `Annotated[list[str], …] | None`, without what is wrapped around them."""
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        return [part for each in typing.get_args(kind) for part in _parts(each)]
    if typing.get_origin(kind) is typing.Annotated:
        return _parts(typing.get_args(kind)[0])
    return [kind]
