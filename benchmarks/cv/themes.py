"""One CV in nine themes: what is read must not depend on the look. The truth is the YAML that they were made of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from benchmarks.cv.data import files, folder
from benchmarks.figures import Figure, Report
from shared_backend.data_management.complete_data_parser import CompleteDataParser
from shared_backend.data_management.extraction.draft import Draft

_SECTIONS = ("education", "experience", "projects", "publications", "selected_honors", "skills")


def run(report: Report, *, quick: bool) -> None:
    """theme_agreement and work_entries_whole."""
    truth = yaml.safe_load(folder("rendercv").joinpath("John_Doe_CV.yaml").read_text(encoding="utf-8"))["cv"]
    expected = facts(truth)
    themes = [path for path in files("rendercv") if "Theme" in path.name]
    with CompleteDataParser() as parser:
        drafts = {path: parser.parse(path).draft for path in themes}
    found = {path: told(draft) if draft else set() for path, draft in drafts.items()}
    everywhere = [fact for fact in expected if all(fact in some for some in found.values())]
    lost = sorted({fact for fact in expected if fact not in everywhere})
    naive = sum(1 for fact in expected if all(_in_lines(path, fact[-1]) for path in themes))
    beside = (
        f"{len(expected)} facts, {len(themes)} themes; lines of bare text that are a fact: {naive / len(expected):.2f}"
    )
    if lost:
        beside += f"; not everywhere: {', '.join(' '.join(map(str, fact)) for fact in lost[:6])}"
    report.add(Figure("theme_agreement", round(len(everywhere) / len(expected), 3), "", 0.97, "higher", beside))
    whole, all_roles, extra = 0, 0, 0
    for draft in drafts.values():
        roles = {role(entry) for entry in (draft.sections.get("work", []) if draft else [])}
        wanted = {fact[1:] for fact in expected if fact[0] == "role"}
        whole += len(roles & wanted)
        all_roles += len(wanted)
        extra += len(roles - wanted)
    beside = f"{all_roles} roles; {extra} entries that are no role"
    report.add(Figure("work_entries_whole", round((whole - extra) / all_roles, 3), "", 0.95, "higher", beside))


def facts(cv: dict[str, Any]) -> list[tuple[str, ...]]:
    """The facts of the source, as (kind, …, value)."""
    found: list[tuple[str, ...]] = [
        ("name", cv["name"]),
        ("email", cv["email"]),
        ("location", cv["location"]),
        ("url", _page(cv["website"])),
    ]
    found += [("profile", one["network"], one["username"]) for one in cv["social_networks"]]
    sections = cv["sections"]
    for one in sections["education"]:
        school = one["institution"]
        found += [("school", school), ("degree", school, one["degree"]), ("area", school, one["area"])]
        found += [("from", school, one["start_date"]), ("to", school, one["end_date"])]
        found += [("course", _text(words)) for words in one["highlights"]]
    for one in sections["experience"]:
        found.append(("role", one["position"], one["company"], one["location"], one["start_date"], one["end_date"]))
        found += [("done", _text(words)) for long in one["highlights"] for words in re.split(r"\s+-\s+(?=[A-Z])", long)]
    for one in sections["projects"]:
        found += [("project", _text(one["name"])), ("about", _text(one["summary"]))]
        found += [("done", _text(words)) for words in one["highlights"]]
    found += [("publication", _text(one["title"])) for one in sections["publications"]]
    found += [("published", _text(one["title"]), one["date"]) for one in sections["publications"]]
    found += [("award", _text(re.sub(r"\s*\([\d\s–]+\)$", "", one["bullet"]))) for one in sections["selected_honors"]]
    for one in sections["skills"]:
        found += [("skill", one["label"], words.strip()) for words in one["details"].split(",")]
    return [tuple(map(str, fact)) for fact in found]


def told(draft: Draft) -> set[tuple[str, ...]]:
    """What a draft says, in the same form."""
    profile = draft.profile()
    basics = profile.get("basics", {})
    place = basics.get("location", {})
    found: set[tuple[str, ...]] = {
        ("name", basics.get("name", "")), ("email", basics.get("email", "")), ("url", _page(basics.get("url", ""))),
        ("location", ", ".join(part for part in (place.get("city"), place.get("region")) if part)),
    }  # fmt: skip
    found |= {("profile", one["network"], one["username"]) for one in basics.get("profiles", [])}
    for one in profile.get("education", []):
        school = one.get("institution", "")
        found |= {
            ("school", school),
            ("degree", school, one.get("studyType", "")),
            ("area", school, one.get("area", "")),
        }
        found |= {("from", school, one.get("startDate", "")), ("to", school, one.get("endDate", ""))}
        found |= {("course", _text(words)) for words in one.get("courses", [])}
    for entry in draft.sections.get("work", []):
        found.add(("role", *role(entry)))
    for section in ("work", "projects"):
        found |= {("done", _text(words)) for one in profile.get(section, []) for words in one.get("highlights", [])}
    found |= {("project", _text(one.get("name", ""))) for one in profile.get("projects", [])}
    found |= {("about", _text(one.get("description", ""))) for one in profile.get("projects", [])}
    found |= {("publication", _text(one["name"])) for one in profile.get("publications", [])}
    found |= {("published", _text(one["name"]), one.get("releaseDate", "")) for one in profile.get("publications", [])}
    found |= {("award", _text(one["title"])) for one in profile.get("awards", [])}
    found |= {("skill", one["name"], words) for one in profile.get("skills", []) for words in one.get("keywords", [])}
    return found


def role(entry: dict[str, Any]) -> tuple[str, ...]:
    """(position, company, place, from, to)."""
    words = tuple(entry[key].text if key in entry else "" for key in ("position", "name", "location", "startDate"))
    end = entry["endDate"].text if "endDate" in entry else "present" if "present" in entry else ""
    return (*words, end)


def _text(words: str) -> str:
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)|\*+", r"\1", words)
    # At a line's end a PDF does not say whose the hyphen is; apostrophes are typeset.
    return re.sub(r"[-\s]+", " ", plain.replace("’", "'")).strip()


def _page(uri: str) -> str:
    return re.sub(r"^https?://|/$", "", uri)


def _in_lines(path: Path, words: str) -> bool:
    import pypdfium2

    document = pypdfium2.PdfDocument(path.read_bytes())
    lines = {line.strip(" •◦◆\r") for page in document for line in page.get_textpage().get_text_range().split("\n")}
    document.close()
    return words in lines
