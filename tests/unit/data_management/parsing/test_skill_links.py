"""Skills tied to taxonomies, and how long they were used: by what the document says, and by nothing else."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_backend.data_management.documents.document import Piece
from shared_backend.data_management.extraction.draft import Draft, Value, value
from shared_backend.data_management.extraction.skill_links import SkillLink, link_skills
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.parse_here import parse_here
from shared_backend.data_management.profile_proposal import propose
from shared_backend.data_management.skill_linker import TaxonomyLinker
from shared_backend.data_management.skill_words import skill_words
from tests.support.cv import CV, data


@pytest.fixture(scope="module")
def linker() -> TaxonomyLinker:
    return Knowledge.shipped().view(TaxonomyLinker)


def _skills(draft: Draft) -> dict[str, Value]:
    found = [one for entry in draft.sections["skills"] for one in [entry["name"], *entry.get("keywords", [])]]
    return {one.text: one for one in found}


def _parsed(text: str, linker: TaxonomyLinker | None, as_of: date | None = None) -> Draft:
    draft = parse_here(text.encode(), "cv.txt", as_of=as_of).draft
    assert draft is not None
    link_skills(draft, linker, as_of)
    return draft


def test_a_skill_is_tied_to_both_taxonomies_by_its_name(linker: TaxonomyLinker) -> None:
    links = linker.links("Python")
    assert [(link.taxonomy, link.label, link.surface, link.confidence) for link in links] == [
        ("esco", "Python", "Python", 0.95), ("onet", "Python", "Python", 0.95),
    ]  # fmt: skip
    assert linker.links("SQL")[0].label == "SQL"


def test_another_name_is_less_sure_and_a_part_less_still(linker: TaxonomyLinker) -> None:
    whole, part = linker.links("Excel")[0], linker.links("Advanced Excel reporting")
    assert (whole.label, whole.confidence) == ("Microsoft Excel", 0.75)
    assert [(link.label, link.surface, link.confidence) for link in part] == [("Microsoft Excel", "Excel", 0.6)]


def test_a_name_of_several_is_tied_to_none_and_a_kind_of_software_is_no_skill(linker: TaxonomyLinker) -> None:
    assert linker.links("reliability of nobody in particular") == []
    assert [link.taxonomy for link in linker.links("project management")] == ["esco"]


def test_a_skill_has_the_months_of_the_positions_that_name_it() -> None:
    draft = _parsed(CV, None, date(2020, 4, 1))
    assert _skills(draft)["Python"].extra == {"months": 12, "last_used": "2020-04", "used_in": ["work.0"]}
    # SQL is listed, and no position names it.
    assert _skills(draft)["SQL"].extra == {}


def test_another_name_of_the_same_skill_counts(linker: TaxonomyLinker) -> None:
    text = CV.replace("Reported sales to the board", "Reported sales to the board in Excel")
    text = text.replace("(3 years), Excel", "(3 years), Microsoft Excel")
    assert "months" not in _skills(_parsed(text, None))["Microsoft Excel"].extra
    excel = _skills(_parsed(text, linker))["Microsoft Excel"].extra
    assert (excel["months"], excel["last_used"], excel["used_in"]) == (37, "2018-01", ["work.1"])


def test_overlaps_are_counted_once(linker: TaxonomyLinker) -> None:
    text = CV.replace("May 2019 - Present", "January 2017 - June 2018").replace(
        "2015 - 2018", "January 2017 - March 2018"
    )
    text = text.replace("Reported sales", "Reported sales with Python")
    assert _skills(_parsed(text, linker))["Python"].extra["months"] == 18


def test_a_position_without_dates_gives_no_months(linker: TaxonomyLinker) -> None:
    text = CV.replace("May 2019 - Present\n", "")
    assert "months" not in _skills(_parsed(text, linker))["Kafka"].extra


def test_linking_again_gives_the_same(linker: TaxonomyLinker) -> None:
    draft = _parsed(CV, linker)
    before = draft.to_dict()
    link_skills(draft, linker)
    assert draft.to_dict() == before


def test_what_is_known_is_said_in_words() -> None:
    link = SkillLink("onet", "Microsoft Excel", "Microsoft Excel", "Excel", 0.75)
    extra = {"links": [link.__dict__], "months": 37, "last_used": "2018-01"}
    assert skill_words(extra) == "Microsoft Excel in O*NET; named in jobs of 37 months, last in 2018-01"
    assert skill_words({}) == ""


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def _holds(draft: Draft, texts: tuple[str, ...]) -> None:
    """Each link's surface is in the document, and each span of use in the positions that it names."""
    everything = _plain(" ".join(texts))
    for skill in _skills(draft).values():
        for link in skill.extra.get("links", ()):
            assert link["surface"] and link["surface"] in skill.text and _plain(link["surface"]) in everything
            assert link["id"] and link["taxonomy"] in ("esco", "onet") and 0 < link["confidence"] <= 1
        if "months" in skill.extra:
            roles = [draft.sections["work"][int(path.partition(".")[2])] for path in skill.extra["used_in"]]
            assert roles and all("startDate" in role for role in roles) and skill.extra["months"] > 0


_LISTED = st.sampled_from(["Python", "Excel", "R", "C++", "Adobe Photoshop", "nursing", "Scrum"])
_TOLD = st.sampled_from(["Kept Excel sheets", "Wrote R and C++", "Ran ward rounds", "Drew in Photoshop"])


@settings(max_examples=40, deadline=None)
@given(
    skills=st.lists(st.one_of(_LISTED, st.text(max_size=30)), min_size=1, max_size=8),
    told=st.lists(_TOLD, max_size=3),
)
def test_every_surface_occurs_in_the_document(linker: TaxonomyLinker, skills: list[str], told: list[str]) -> None:
    text = CV.replace("Python, SQL, Kafka (3 years), Excel", ", ".join(skills))
    text = text.replace("• Reported sales to the board", "\n".join(f"• {one}" for one in told))
    result = parse_here(text.encode(errors="replace"), "cv.txt")
    if result.draft is not None and "skills" in result.draft.sections:
        link_skills(result.draft, linker)
        _holds(result.draft, result.texts)


def test_every_surface_occurs_in_other_people_s_documents(linker: TaxonomyLinker) -> None:
    links = 0
    for path in sorted(data("cv/livecareer").rglob("*.pdf"))[::60]:
        result = parse_here(path.read_bytes(), path.name)
        if result.draft is not None and "skills" in result.draft.sections:
            link_skills(result.draft, linker)
            _holds(result.draft, result.texts)
            links += sum(bool(one.extra.get("links")) for one in _skills(result.draft).values())
    assert links > 30


def test_a_draft_with_its_links_survives_its_json(linker: TaxonomyLinker) -> None:
    draft = _parsed(CV, linker)
    assert Draft.from_dict(draft.to_dict()).to_dict() == draft.to_dict()
    assert value(Piece(1, 0, "x"), 1.0, "test").extra == {}


def test_what_is_known_of_a_skill_goes_with_its_field(linker: TaxonomyLinker) -> None:
    proposal = propose(_parsed(CV, linker, date(2020, 4, 1)).to_dict(), {}, {})
    (python,) = [each for each in proposal.fields() if each.section == "skills" and each.value == "Python"]
    assert skill_words(python.known) == (
        "Python in ESCO and Python in O*NET; named in jobs of 12 months, last in 2020-04"
    )
