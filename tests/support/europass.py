"""What schema 3.4.0 of Europass demands of the elements that we write: their order, what must be there, and values.

Taken down from the schema as Cedefop has published it, element by element; the schema itself is not a part of this.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

NAMESPACE = "{http://europass.cedefop.europa.eu/Europass}"

# Element, by its path's end → its children in order; `!` must be there, `*` may be there more than once.
CHILDREN = {
    "SkillsPassport": "DocumentInfo! PrintingPreferences LearnerInfo! AttachmentList CoverLetter",
    "DocumentInfo": "DocumentType! Bundle CreationDate! LastUpdateDate! XSDVersion! Generator! Comment Copyright "
    "EuropassLogo",
    "LearnerInfo": "Identification Headline WorkExperienceList EducationList Skills AchievementList Documentation",
    "Identification": "PersonName ContactInfo Demographics Photo Signature",
    "PersonName": "Title FirstName Surname",
    "Identification/ContactInfo": "Address Email TelephoneList WebsiteList InstantMessagingList ContactMethodList",
    "Address": "Contact",
    "Address/Contact": "AddressLine AddressLine2 PostalCode Municipality Country",
    "Country": "Code Label",
    "Email": "Contact",
    "TelephoneList": "Telephone*",
    "Telephone": "Contact Use",
    "WebsiteList": "Website*",
    "Website": "Contact Use",
    "Headline": "Type Description",
    "Type": "Code Label",
    "Headline/Description": "Code Label",
    "WorkExperienceList": "WorkExperience*",
    "WorkExperience": "Period Description Documentation Position Activities Employer",
    "Position": "Code Label",
    "Employer": "Name ContactInfo Sector",
    "Employer/ContactInfo": "Address Website",
    "EducationList": "Education*",
    "Education": "Period Description Documentation Title Activities Organisation Level Field",
    "Organisation": "Name ContactInfo",
    "Organisation/ContactInfo": "Address Website",
    "Period": "From! To Current Duration DurationEquivalent",
    "Skills": "Linguistic Communication Organisational JobRelated Computer Driving Other",
    "Linguistic": "MotherTongueList ForeignLanguageList",
    "MotherTongueList": "MotherTongue*",
    "MotherTongue": "Description Documentation",
    "MotherTongue/Description": "Code Label",
    "ForeignLanguageList": "ForeignLanguage*",
    "ForeignLanguage": "Description ProficiencyLevel AcquiredDuring VerifiedBy Documentation",
    "ForeignLanguage/Description": "Code Label",
    "Other": "Description Documentation",
    "AchievementList": "Achievement*",
    "Achievement": "Title Description Documentation",
    "Achievement/Title": "Code Label",
}
_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
VALUES = {
    "DocumentType": r"ECV",
    "XSDVersion": r"V3\.4",
    "CreationDate": _MOMENT,
    "LastUpdateDate": _MOMENT,
    "Current": r"true|false",
    "Email/Contact": r"[^@]+@[^\.]+\..+",
    "Country/Code": r"[A-Z]{2}",
    "Type/Code": r"preferred_job|job_applied_for|studies_applied_for|position|personal_statement",
    "Title/Code": r"honors_awards|presentations|publications|projects|citations|memberships|conferences|seminars|"
    r"workshops|references|signature_equivalent|courses|certifications",
}
DATE = {"year": r"\d{4}", "month": r"--(0[1-9]|1[0-2])", "day": r"---(0[1-9]|[12]\d|3[01])"}


def problems(root: Element) -> list[str]:
    """What the schema would not take, in words; empty for a document that it takes."""
    if not re.fullmatch(r"[a-z]{2}(_[A-Z]{2})*", root.get("locale", "")):
        return ["the root lacks its locale"]
    return list(_problems(root, ""))


def _problems(element: Element, above: str) -> list[str]:
    name = element.tag.removeprefix(NAMESPACE)
    if name == element.tag:
        return [f"{name} is in another namespace"]
    path = f"{above}/{name}"
    found = [] if name not in ("From", "To") else _date(element, path)
    listed = CHILDREN.get("/".join(path.split("/")[-2:]), CHILDREN.get(name))
    text = element.text or ""
    if listed is None or not len(element):
        pattern = VALUES.get("/".join(path.split("/")[-2:]), VALUES.get(name))
        if len(element):
            found.append(f"{path} has children")
        if pattern is not None and listed is None and not re.fullmatch(pattern, text):
            found.append(f"{path} is {text!r}")
    if listed is not None:
        found += _order(element, path, listed.split())
    for child in element:
        found += _problems(child, path)
    return found


def _order(element: Element, path: str, listed: list[str]) -> list[str]:
    names = [each.strip("!*") for each in listed]
    there = [child.tag.removeprefix(NAMESPACE) for child in element]
    found = [f"{path} has no place for {name}" for name in there if name not in names]
    places = [names.index(name) for name in there if name in names]
    if places != sorted(places):
        found.append(f"{path} has its elements in another order: {there}")
    for each in listed:
        number = there.count(each.strip("!*"))
        if each.endswith("!") and number != 1:
            found.append(f"{path} lacks {each[:-1]}")
        if number > 1 and not each.endswith("*"):
            found.append(f"{path} has {each} {number} times")
    return found


def _date(element: Element, path: str) -> list[str]:
    return (
        []
        if "year" in element.attrib
        and all(name in DATE and re.fullmatch(DATE[name], value) for name, value in element.attrib.items())
        else [f"{path} is {element.attrib}"]
    )
