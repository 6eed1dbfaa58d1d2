"""A profile as Europass XML: a SkillsPassport of schema 3.4.0, which the Europass portal and job services import.

The order of elements, what must be there and which codes there are follow the schema that Cedefop has published
(ewa-cedefop, services/core/src/main/resources/schema/v3.4.0); a test holds the export to them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

_NAMESPACE: Final = "http://europass.cedefop.europa.eu/Europass"
# What XML 1.0 can't hold at all, whatever the escape.
_UNWRITABLE: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EMAIL: Final = re.compile(r"[^@]+@[^.]+\..+")
# Europass has the Union's codes where they are others than those of ISO 3166.
_COUNTRIES: Final[Mapping[str, str]] = MappingProxyType({"GB": "UK", "GR": "EL"})
_NATIVE: Final = re.compile(r"\b(?:native|mother tongue|first language|muttersprach\w*|langue maternelle)\b", re.I)
# Section → (code of the schema, title); empty where the schema has no such kind of achievement.
_ACHIEVEMENTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "projects": ("projects", "Projects"),
        "publications": ("publications", "Publications"),
        "awards": ("honors_awards", "Honours and awards"),
        "certificates": ("certifications", "Certifications"),
        "volunteer": ("", "Volunteering"),
        "interests": ("", "Interests"),
        "references": ("references", "References"),
    }
)
_NAMES: Final = ("title", "name", "position", "organization", "entity", "publisher", "issuer", "awarder")
_TEXTS: Final = ("summary", "description", "reference", "url")

Fill = Callable[[Element, dict[str, Any]], None]


def europass(data: dict[str, Any], as_of: datetime) -> bytes:
    """The document, UTF-8."""
    root = Element("SkillsPassport", {"xmlns": _NAMESPACE, "locale": "en"})
    about = SubElement(root, "DocumentInfo")
    changed = as_of.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    _text(about, "DocumentType", "ECV")
    _text(about, "CreationDate", changed)
    _text(about, "LastUpdateDate", changed)
    _text(about, "XSDVersion", "V3.4")
    _text(about, "Generator", "IntelliCV")
    learner = SubElement(root, "LearnerInfo")
    basics = data.get("basics") or {}
    _identification(learner, basics)
    if basics.get("label"):
        headline = SubElement(learner, "Headline")
        _label(SubElement(headline, "Type"), "Position", code="position")
        _label(SubElement(headline, "Description"), basics["label"])
    _list(learner, "WorkExperienceList", "WorkExperience", data.get("work"), _work)
    _list(learner, "EducationList", "Education", data.get("education"), _education)
    _skills(learner, data)
    _achievements(learner, data, basics)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8")


def _identification(learner: Element, basics: dict[str, Any]) -> None:
    who = SubElement(learner, "Identification")
    first, _space, last = str(basics.get("name") or "").strip().rpartition(" ")
    name = SubElement(who, "PersonName")
    _text(name, "FirstName", first or last)
    if first:
        _text(name, "Surname", last)
    contact = SubElement(who, "ContactInfo")
    location = basics.get("location") or {}
    if location:
        address = SubElement(SubElement(contact, "Address"), "Contact")
        _text(address, "AddressLine", location.get("address"))
        _text(address, "PostalCode", location.get("postalCode"))
        _text(address, "Municipality", _named(location, ("city", "region")))
        if location.get("countryCode"):
            code = str(location["countryCode"]).upper()
            _text(SubElement(address, "Country"), "Code", _COUNTRIES.get(code, code))
    if _EMAIL.fullmatch(str(basics.get("email") or "")):
        _text(SubElement(contact, "Email"), "Contact", basics["email"])
    if basics.get("phone"):
        _text(SubElement(SubElement(contact, "TelephoneList"), "Telephone"), "Contact", basics["phone"])
    links = [basics.get("url"), *(each.get("url") for each in basics.get("profiles") or [])]
    if any(links):
        sites = SubElement(contact, "WebsiteList")
        for link in filter(None, links):
            _text(SubElement(sites, "Website"), "Contact", link)


def _work(parent: Element, entry: dict[str, Any]) -> None:
    _period(parent, entry)
    if entry.get("position"):
        _label(SubElement(parent, "Position"), entry["position"])
    _text(parent, "Activities", _joined((entry.get("summary"), entry.get("description")), entry.get("highlights")))
    _organisation(parent, "Employer", entry.get("name"), entry)


def _education(parent: Element, entry: dict[str, Any]) -> None:
    _period(parent, entry)
    _text(parent, "Title", _named(entry, ("studyType", "area")))
    _text(parent, "Activities", _joined((entry.get("score"),), entry.get("courses")))
    _organisation(parent, "Organisation", entry.get("institution"), entry)


def _organisation(parent: Element, element: str, name: Any, entry: dict[str, Any]) -> None:
    organisation = SubElement(parent, element)
    _text(organisation, "Name", name)
    if entry.get("location") or entry.get("url"):
        contact = SubElement(organisation, "ContactInfo")
        if entry.get("location"):
            _text(SubElement(SubElement(contact, "Address"), "Contact"), "Municipality", entry["location"])
        if entry.get("url"):
            _text(SubElement(contact, "Website"), "Contact", entry["url"])


def _skills(learner: Element, data: dict[str, Any]) -> None:
    languages, skills = data.get("languages") or [], data.get("skills") or []
    if not languages and not skills:
        return
    parent = SubElement(learner, "Skills")
    if languages:
        linguistic = SubElement(parent, "Linguistic")
        mothers = [each for each in languages if _NATIVE.search(str(each.get("fluency") or ""))]
        others = [each for each in languages if each not in mothers]
        _list(linguistic, "MotherTongueList", "MotherTongue", mothers, _language)
        _list(linguistic, "ForeignLanguageList", "ForeignLanguage", others, _language)
    if skills:
        lines = [
            ": ".join(part for part in (_named(each, ("name", "level")), ", ".join(each.get("keywords") or [])) if part)
            for each in skills
        ]
        _text(SubElement(parent, "Other"), "Description", "\n".join(lines))


def _language(parent: Element, entry: dict[str, Any]) -> None:
    """A level of the whole language, such as C1, stays in words: the schema asks for five, which the profile does not
    say."""
    is_mother = parent.tag == "MotherTongue"
    spoken = entry.get("language") if is_mother else _named(entry, ("language", "fluency"))
    _label(SubElement(parent, "Description"), spoken)


def _achievements(learner: Element, data: dict[str, Any], basics: dict[str, Any]) -> None:
    """All that the schema has no place of its own for."""
    found: list[tuple[str, str, str]] = []
    if basics.get("summary"):
        found.append(("", "Summary", str(basics["summary"])))
    for section, (code, title) in _ACHIEVEMENTS.items():
        found += ((code, title, _told(entry)) for entry in data.get(section) or [])
    found = [each for each in found if each[2]]
    if not found:
        return
    holder = SubElement(learner, "AchievementList")
    for code, title, text in found:
        achievement = SubElement(holder, "Achievement")
        _label(SubElement(achievement, "Title"), title, code=code)
        _text(achievement, "Description", text)


def _told(entry: dict[str, Any]) -> str:
    dates = (entry.get("date") or entry.get("releaseDate"), entry.get("startDate"), entry.get("endDate"))
    when = " – ".join(str(date) for date in dates if date)
    heading = ", ".join(part for part in (_named(entry, _NAMES), when) if part)
    lines = [*(entry.get("highlights") or []), *(entry.get("keywords") or [])]
    return _joined((heading, *(entry.get(name) for name in _TEXTS)), lines)


def _period(parent: Element, entry: dict[str, Any]) -> None:
    start, end = entry.get("startDate"), entry.get("endDate")
    if start:
        period = SubElement(parent, "Period")
        for name, date in (("From", start), ("To", end)):
            if date:
                SubElement(period, name, _date(str(date)))
        _text(period, "Current", "false" if end else "true")
    elif end:
        # A period without its beginning is none to the schema, and a beginning is not ours to make up.
        _text(parent, "Description", f"Until {end}")


def _date(date: str) -> dict[str, str]:
    year, *rest = date.split("-")
    found = {"year": year}
    if rest:
        found["month"] = f"--{rest[0]}"
    if len(rest) > 1:
        found["day"] = f"---{rest[1]}"
    return found


def _list(parent: Element, name: str, item: str, entries: Any, fill: Fill) -> None:
    if entries:
        holder = SubElement(parent, name)
        for entry in entries:
            fill(SubElement(holder, item), entry)


def _named(entry: dict[str, Any], names: tuple[str, ...]) -> str:
    return ", ".join(str(entry[name]) for name in names if entry.get(name))


def _joined(texts: tuple[Any, ...], lines: Any) -> str:
    return "\n".join([*(str(text) for text in texts if text), *(f"- {line}" for line in lines or [])])


def _label(parent: Element, text: Any, *, code: str = "") -> None:
    _text(parent, "Code", code)
    _text(parent, "Label", text)


def _text(parent: Element, name: str, text: Any) -> None:
    if text not in (None, ""):
        SubElement(parent, name).text = _UNWRITABLE.sub("", str(text))
