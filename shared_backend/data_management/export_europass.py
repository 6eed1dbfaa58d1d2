"""A profile as Europass XML: the SkillsPassport of schema 3.4, which the Europass portal and job services import."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

_NAMESPACE: Final = "http://europass.cedefop.europa.eu/Europass"
# What XML 1.0 can't hold at all, whatever the escape.
_UNWRITABLE: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def europass(data: dict[str, Any], as_of: datetime) -> bytes:
    """The document, UTF-8."""
    root = Element("SkillsPassport", {"xmlns": _NAMESPACE, "locale": "en"})
    about = SubElement(root, "DocumentInfo")
    _text(about, "DocumentType", "ECV")
    _text(about, "CreationDate", as_of.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
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
        _text(address, "Municipality", location.get("city"))
        if location.get("countryCode"):
            _text(SubElement(address, "Country"), "Code", location["countryCode"])
    if basics.get("email"):
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
    _text(parent, "Activities", _joined(entry.get("summary"), entry.get("highlights")))
    employer = SubElement(parent, "Employer")
    _text(employer, "Name", entry.get("name"))
    if entry.get("location"):
        contact = SubElement(SubElement(SubElement(employer, "ContactInfo"), "Address"), "Contact")
        _text(contact, "Municipality", entry["location"])


def _education(parent: Element, entry: dict[str, Any]) -> None:
    _period(parent, entry)
    title = ", ".join(str(entry[name]) for name in ("studyType", "area") if entry.get(name))
    _text(parent, "Title", title)
    _text(parent, "Activities", _joined(None, entry.get("courses")))
    _text(SubElement(parent, "Organisation"), "Name", entry.get("institution"))


def _skills(learner: Element, data: dict[str, Any]) -> None:
    languages, skills = data.get("languages") or [], data.get("skills") or []
    if not languages and not skills:
        return
    parent = SubElement(learner, "Skills")
    if languages:
        foreign = SubElement(SubElement(parent, "Linguistic"), "ForeignLanguageList")
        for each in languages:
            spoken = ", ".join(str(each[name]) for name in ("language", "fluency") if each.get(name))
            _label(SubElement(SubElement(foreign, "ForeignLanguage"), "Description"), spoken)
    if skills:
        named = ", ".join(str(each.get("name")) for each in skills if each.get("name"))
        _text(SubElement(parent, "Other"), "Description", named)


def _period(parent: Element, entry: dict[str, Any]) -> None:
    start, end = entry.get("startDate"), entry.get("endDate")
    if not start and not end:
        return
    period = SubElement(parent, "Period")
    for name, date in (("From", start), ("To", end)):
        if date:
            year, *rest = str(date).split("-")
            more = {"month": f"--{rest[0]}"} if rest else {}
            if len(rest) > 1:
                more["day"] = f"---{rest[1]}"
            SubElement(period, name, {"year": year, **more})
    _text(period, "Current", "false" if end else "true")


def _list(parent: Element, name: str, item: str, entries: Any, fill: Any) -> None:
    if entries:
        holder = SubElement(parent, name)
        for entry in entries:
            fill(SubElement(holder, item), entry)


def _joined(text: Any, lines: Any) -> str:
    return "\n".join([*([str(text)] if text else []), *(f"- {line}" for line in lines or [])])


def _label(parent: Element, text: Any, *, code: str = "") -> None:
    _text(parent, "Code", code)
    _text(parent, "Label", text)


def _text(parent: Element, name: str, text: Any) -> None:
    if text not in (None, ""):
        SubElement(parent, name).text = _UNWRITABLE.sub("", str(text))
