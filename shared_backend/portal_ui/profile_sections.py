"""All sections of a profile (JSON Resume 1.0) as data: what both portals draw, edit and speak of them with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared_backend.lockstep.kinds.base import Shape
from shared_backend.lockstep.kinds.user_profile import (
    Award,
    Basics,
    Certificate,
    Education,
    Interest,
    Language,
    OnlineProfile,
    Project,
    Publication,
    Reference,
    Skill,
    Volunteer,
    Work,
)
from shared_backend.portal_ui.profile_fields import FieldSpec, date, line, lines, link, prose


@dataclass(frozen=True)
class SectionSpec:
    """`key` names it in widget keys; `path` is where it stands in the data; `model` checks one entry of it.

    A list section has a `noun` for one entry, and says which fields make an entry's heading and the line below it.
    """

    key: str
    title: str
    icon: str
    model: type[Shape]
    fields: tuple[FieldSpec, ...]
    path: tuple[str, ...]
    noun: str = ""
    heading: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    invitation: str = ""

    @property
    def is_list(self) -> bool:
        """Whether it holds entries."""
        return bool(self.noun)

    @property
    def dates(self) -> tuple[str, ...]:
        """The date fields that put its entries in time, the deciding one first; none for a section outside of time."""
        names = {each.name for each in self.fields if each.widget == "date"}
        return tuple(name for name in ("endDate", "startDate", "date", "releaseDate") if name in names)

    @property
    def labels(self) -> dict[str, str]:
        """Field name → label."""
        return {each.name: each.label for each in self.fields}

    def field(self, name: str) -> FieldSpec:
        """The field of that name. Raises KeyError."""
        return next(each for each in self.fields if each.name == name)

    def read(self, data: dict[str, Any]) -> Any:
        """This section of a profile: its object, or the list of its entries; empty where there is none."""
        node: Any = data
        for step in self.path:
            node = node.get(step) if isinstance(node, dict) else None
        return node if node is not None else ([] if self.is_list else {})

    def patch(self, value: Any) -> dict[str, Any]:
        """The merge patch that puts `value` in this section's place."""
        for step in reversed(self.path):
            value = {step: value}
        return dict(value)

    def texts(self, holder: dict[str, Any]) -> dict[str, str]:
        """Field name → text for the inputs, of the section's object or of one entry."""
        return {each.name: each.text(holder) for each in self.fields}

    def entry_title(self, entry: dict[str, Any]) -> str:
        """An entry in a few words, for sentences about it."""
        named = [self.field(name).text(entry) for name in self.heading]
        return ", ".join(text for text in named if text) or f"{self.noun} without a name"


def _section(
    key: str,
    title: str,
    icon: str,
    model: type[Shape],
    noun: str,
    fields: Sequence[FieldSpec],
    *,
    heading: tuple[str, ...],
    below: tuple[str, ...] = (),
    path: tuple[str, ...] = (),
    invitation: str = "",
) -> SectionSpec:
    return SectionSpec(
        key, title, f":material/{icon}:", model, tuple(fields), path or (key,), noun, heading, below, invitation
    )


_START = date("startDate", "From")
_END = date("endDate", "To", "A year, a month or a day. Leave it empty while it goes on.")

BASICS: Final = SectionSpec(
    "basics",
    "About",
    ":material/badge:",
    Basics,
    (
        line("name", "Name", "Ada Lovelace"),
        line("label", "Headline", "Analyst and programmer", "What you are or want to be, in a few words."),
        FieldSpec("email", "E-mail", "email", "ada@example.org"),
        FieldSpec("phone", "Phone", "phone", "+44 20 7946 0000"),
        link("url", "Website"),
        link("image", "Photo (web address)", "https://example.org/photo.jpg"),
        prose("summary", "Summary", "Two or three sentences: what you do, what you have achieved, what you look for."),
        line("address", "Street", under="location"),
        line("postalCode", "Postal code", under="location"),
        line("city", "City", "London", under="location"),
        line("region", "Region", under="location"),
        line("countryCode", "Country", "GB", "Two letters, such as GB, DE or IN.", under="location"),
    ),
    ("basics",),
)

SECTIONS: Final[tuple[SectionSpec, ...]] = (
    BASICS,
    _section(
        "work",
        "Work experience",
        "work",
        Work,
        "job",
        (
            line("position", "Position", "Software engineer"),
            line("name", "Company", "Analytical Engines Ltd"),
            _START,
            _END,
            line("location", "Place", "London"),
            link(),
            line("description", "What the company does", "Makes calculating machines"),
            prose("summary", "What you did"),
            lines("highlights", "Achievements", "Cut the time of a run by half"),
        ),
        heading=("position", "name"),
        below=("location",),
        invitation="Where have you worked, as what, and what came of it?",
    ),
    _section(
        "education",
        "Education",
        "school",
        Education,
        "course of study",
        (
            line("institution", "School or university"),
            line("area", "Subject", "Mathematics"),
            line("studyType", "Degree", "Bachelor"),
            line("score", "Grade", "First class"),
            _START,
            _END,
            link(),
            lines("courses", "Courses"),
        ),
        heading=("studyType", "area"),
        below=("institution", "score"),
        invitation="Schools, degrees and trainings.",
    ),
    _section(
        "skills",
        "Skills",
        "construction",
        Skill,
        "skill",
        (
            line("name", "Skill", "Python"),
            line("level", "Level", "Advanced"),
            lines("keywords", "Keywords", "pandas"),
        ),
        heading=("name",),
        below=("level",),
        invitation="What are you good at?",
    ),
    _section(
        "languages",
        "Languages",
        "translate",
        Language,
        "language",
        (
            line("language", "Language", "French"),
            line("fluency", "How well", "Fluent, or a level such as C1"),
        ),
        heading=("language",),
        below=("fluency",),
        invitation="The languages you speak, and how well.",
    ),
    _section(
        "projects",
        "Projects",
        "rocket_launch",
        Project,
        "project",
        (
            line("name", "Project"),
            line("entity", "For whom", "Client, company or community"),
            line("type", "Kind", "Application, talk, study"),
            link(),
            _START,
            _END,
            prose("description", "Description"),
            lines("highlights", "Achievements"),
            lines("keywords", "Keywords"),
            lines("roles", "Your roles"),
        ),
        heading=("name",),
        below=("entity", "type"),
        invitation="Things you have made or taken part in.",
    ),
    _section(
        "certificates",
        "Certificates",
        "workspace_premium",
        Certificate,
        "certificate",
        (line("name", "Certificate"), line("issuer", "Issued by"), date("date", "Date"), link()),
        heading=("name",),
        below=("issuer",),
        invitation="Examinations passed and licences held.",
    ),
    _section(
        "volunteer",
        "Volunteering",
        "volunteer_activism",
        Volunteer,
        "commitment",
        (
            line("position", "Role"),
            line("organization", "Organisation"),
            _START,
            _END,
            link(),
            prose("summary", "What you did"),
            lines("highlights", "Achievements"),
        ),
        heading=("position", "organization"),
        invitation="Unpaid work counts too.",
    ),
    _section(
        "awards",
        "Awards",
        "emoji_events",
        Award,
        "award",
        (line("title", "Award"), line("awarder", "Given by"), date("date", "Date"), prose("summary", "What for")),
        heading=("title",),
        below=("awarder",),
        invitation="Prizes and honours.",
    ),
    _section(
        "publications",
        "Publications",
        "menu_book",
        Publication,
        "publication",
        (
            line("name", "Title"),
            line("publisher", "Published by"),
            date("releaseDate", "Published on"),
            link(),
            prose("summary", "What it is about"),
        ),
        heading=("name",),
        below=("publisher",),
        invitation="Articles, books, talks in print.",
    ),
    _section(
        "profiles",
        "Online profiles",
        "link",
        OnlineProfile,
        "online profile",
        (line("network", "Network", "GitHub"), line("username", "Name there", "ada"), link()),
        heading=("network", "username"),
        path=("basics", "profiles"),
        invitation="Where else you can be found.",
    ),
    _section(
        "interests",
        "Interests",
        "interests",
        Interest,
        "interest",
        (line("name", "Interest"), lines("keywords", "Keywords")),
        heading=("name",),
        invitation="What you care for besides work.",
    ),
    _section(
        "references",
        "References",
        "format_quote",
        Reference,
        "reference",
        (line("name", "Who"), prose("reference", "What they say")),
        heading=("name",),
        invitation="What others say of you.",
    ),
)


def section(key: str) -> SectionSpec:
    """The section of that key. Raises KeyError."""
    return next(each for each in SECTIONS if each.key == key)
