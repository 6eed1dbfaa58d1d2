"""A candidate's profile: the sections of JSON Resume 1.0 (https://jsonresume.org/schema), entries with ids."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from shared_backend.lockstep.kinds.base import (
    Email,
    EntityKind,
    Entry,
    HeadColumns,
    Line,
    Lines,
    Link,
    PartialDate,
    Prose,
    Shape,
)


class Location(Shape):
    """Where a person lives, as precisely as they like."""

    address: Prose | None = None
    postalCode: Line | None = None
    city: Line | None = None
    countryCode: Line | None = None
    region: Line | None = None


class OnlineProfile(Entry):
    """An account elsewhere."""

    network: Line | None = None
    username: Line | None = None
    url: Link | None = None


class Basics(Shape):
    """Who the person is and how to reach them."""

    name: Line | None = None
    label: Line | None = None
    image: Link | None = None
    email: Email | None = None
    phone: Line | None = None
    url: Link | None = None
    summary: Prose | None = None
    location: Location | None = None
    profiles: Annotated[list[OnlineProfile], Field(max_length=200)] | None = None


class Work(Entry):
    """A position held."""

    name: Line | None = None
    location: Line | None = None
    description: Line | None = None
    position: Line | None = None
    url: Link | None = None
    startDate: PartialDate | None = None
    endDate: PartialDate | None = None
    summary: Prose | None = None
    highlights: Lines | None = None


class Volunteer(Entry):
    """Unpaid work."""

    organization: Line | None = None
    position: Line | None = None
    url: Link | None = None
    startDate: PartialDate | None = None
    endDate: PartialDate | None = None
    summary: Prose | None = None
    highlights: Lines | None = None


class Education(Entry):
    """A course of study."""

    institution: Line | None = None
    url: Link | None = None
    area: Line | None = None
    studyType: Line | None = None
    startDate: PartialDate | None = None
    endDate: PartialDate | None = None
    score: Line | None = None
    courses: Lines | None = None


class Award(Entry):
    """An award received."""

    title: Line | None = None
    date: PartialDate | None = None
    awarder: Line | None = None
    summary: Prose | None = None


class Certificate(Entry):
    """A certificate earned."""

    name: Line | None = None
    date: PartialDate | None = None
    url: Link | None = None
    issuer: Line | None = None


class Publication(Entry):
    """Something published."""

    name: Line | None = None
    publisher: Line | None = None
    releaseDate: PartialDate | None = None
    url: Link | None = None
    summary: Prose | None = None


class Skill(Entry):
    """A skill, with its level in words and what belongs to it."""

    name: Line | None = None
    level: Line | None = None
    keywords: Lines | None = None


class Language(Entry):
    """A language and how well it is spoken."""

    language: Line | None = None
    fluency: Line | None = None


class Interest(Entry):
    """Something the person cares for."""

    name: Line | None = None
    keywords: Lines | None = None


class Reference(Entry):
    """What somebody says of the person."""

    name: Line | None = None
    reference: Prose | None = None


class Project(Entry):
    """A project taken part in."""

    name: Line | None = None
    description: Prose | None = None
    highlights: Lines | None = None
    keywords: Lines | None = None
    startDate: PartialDate | None = None
    endDate: PartialDate | None = None
    url: Link | None = None
    roles: Lines | None = None
    entity: Line | None = None
    type: Line | None = None


class UserProfile(Shape):
    """All sections; each may be absent."""

    basics: Basics | None = None
    work: Annotated[list[Work], Field(max_length=200)] | None = None
    volunteer: Annotated[list[Volunteer], Field(max_length=200)] | None = None
    education: Annotated[list[Education], Field(max_length=200)] | None = None
    awards: Annotated[list[Award], Field(max_length=200)] | None = None
    certificates: Annotated[list[Certificate], Field(max_length=200)] | None = None
    publications: Annotated[list[Publication], Field(max_length=200)] | None = None
    skills: Annotated[list[Skill], Field(max_length=500)] | None = None
    languages: Annotated[list[Language], Field(max_length=200)] | None = None
    interests: Annotated[list[Interest], Field(max_length=200)] | None = None
    references: Annotated[list[Reference], Field(max_length=200)] | None = None
    projects: Annotated[list[Project], Field(max_length=200)] | None = None


# What a profile needs before matching makes sense, and what each part is worth; they add up to 100.
COMPLETENESS: tuple[tuple[str, int, str], ...] = (
    ("basics.name", 15, "Your name"),
    ("basics.label", 10, "A headline"),
    ("basics.email", 10, "An e-mail address"),
    ("basics.summary", 10, "A few sentences about you"),
    ("basics.location", 5, "Where you live"),
    ("work", 20, "Your work experience"),
    ("education", 10, "Your education"),
    ("skills", 15, "Your skills"),
    ("languages", 5, "The languages you speak"),
)


def missing_parts(data: dict[str, Any]) -> list[tuple[str, int, str]]:
    """The parts of COMPLETENESS that a profile lacks, as (path, points, words)."""
    return [part for part in COMPLETENESS if not _present(data, part[0])]


def completeness(data: dict[str, Any]) -> int:
    """How complete a profile is, 0 to 100."""
    return 100 - sum(points for _path, points, _words in missing_parts(data))


def _present(data: dict[str, Any], path: str) -> bool:
    node: Any = data
    for step in path.split("."):
        node = node.get(step) if isinstance(node, dict) else None
    return bool(node)


def _columns(data: dict[str, Any]) -> HeadColumns:
    basics = data.get("basics", {})
    location = basics.get("location", {})
    words = [
        basics.get("name"),
        basics.get("label"),
        basics.get("email"),
        location.get("city"),
        location.get("countryCode"),
    ]
    words += [job.get("name") for job in data.get("work", [])] + [skill.get("name") for skill in data.get("skills", [])]
    return HeadColumns(
        label=basics.get("name", ""),
        status=basics.get("label", "")[:40],
        search_text=" ".join(word for word in words if word).casefold(),
        score=completeness(data),
    )


def _shorthand(data: dict[str, Any]) -> dict[str, Any]:
    """Fields of `basics` may be given at the top level, and skills, languages and interests as plain words."""
    loose = {
        key: value for key, value in data.items() if key in Basics.model_fields and key not in UserProfile.model_fields
    }
    result = {key: value for key, value in data.items() if key not in loose}
    if loose:
        result["basics"] = {**loose, **(result.get("basics") or {})}
    for section, name in (("skills", "name"), ("languages", "language"), ("interests", "name")):
        if isinstance(result.get(section), list):
            result[section] = [{name: entry} if isinstance(entry, str) else entry for entry in result[section]]
    return result


def user_profile() -> EntityKind:
    """The kind `user_profile`; its id is the candidate's account's."""
    return EntityKind(
        name="user_profile",
        title="profile",
        schema=UserProfile,
        events="user",
        columns=_columns,
        candidates="own",
        shorthand=_shorthand,
    )
