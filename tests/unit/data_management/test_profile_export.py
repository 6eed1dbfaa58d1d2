"""A profile to take away, in four formats."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import fromstring

import pypdfium2
import pytest

from shared_backend.data_management.complete_data_parser import CompleteDataParser
from shared_backend.data_management.profile_export import FORMATS, exported
from shared_backend.lockstep.kinds.user_profile import user_profile
from shared_backend.utils.exception_handler import InvalidInput
from tests.support.europass import NAMESPACE, problems

AT = datetime(2030, 5, 1, 12, tzinfo=UTC)
ADA = {
    "basics": {
        "name": "Ada King Lovelace",
        "label": "Analyst & <programmer>",
        "email": "ada@example.org",
        "location": {"city": "London", "countryCode": "GB"},
        "profiles": [{"id": "p1", "network": "GitHub", "url": "https://github.com/ada"}],
    },
    "work": [
        {
            "id": "w1",
            "name": "Analytical Engines Ltd",
            "position": "Programmer",
            "startDate": "2012-10",
            "endDate": "2013",
            "highlights": ["First program", "Notes \ufffe on the engine"],
        },
        {"id": "w2", "name": "Royal Society", "position": "Visitor", "startDate": "2014-01-02"},
    ],
    "education": [{"id": "e1", "institution": "Home", "area": "Mathematics"}],
    "skills": [{"id": "s1", "name": "Mathematics", "keywords": ["Bernoulli numbers"]}],
    "languages": [{"id": "l1", "language": "English", "fluency": "Native"}],
}
WHOLE = {
    "basics": {
        "name": "Ολένα Ґалаґан",
        "label": "Инженер",
        "email": "o@example.org",
        "phone": "+30 21 0000 0000",
        "url": "https://example.org/ολένα",
        "summary": "Łódź – Čeština.\nДругий абзац. 🚀",
        "location": {
            "address": "Οδός 1",
            "postalCode": "10000",
            "city": "Αθήνα",
            "region": "Αττ",
            "countryCode": "GR",
        },
        "profiles": [{"network": "GitHub", "username": "olena"}],
    },
    "work": [
        {"name": "A", "position": "B", "endDate": "2013-05"},
        {"name": "C", "startDate": "2014-01-02", "endDate": "2015", "location": "Kyiv", "url": "https://c.example.org"},
        {"position": "D", "summary": "Text", "highlights": ["one", "two"]},
    ],
    "education": [{"institution": "KPI", "studyType": "MSc", "area": "Physics", "score": "5.0", "courses": ["Optics"]}],
    "skills": [{"name": "Python", "level": "Expert", "keywords": ["asyncio"]}, {"name": "C"}],
    "languages": [
        {"language": "Українська", "fluency": "Native speaker"},
        {"language": "Ελληνικά", "fluency": "C1"},
        {"language": "English"},
    ],
    "projects": [{"name": "P", "description": "Built", "startDate": "2020", "highlights": ["fast"], "keywords": ["x"]}],
    "publications": [{"name": "Paper", "publisher": "Journal", "releaseDate": "2019-02", "url": "https://doi.org/x"}],
    "awards": [{"title": "Prize", "awarder": "Academy", "date": "2018", "summary": "For work"}],
    "certificates": [{"name": "CKA", "issuer": "CNCF", "date": "2021"}],
    "volunteer": [{"organization": "Red Cross", "position": "Helper", "startDate": "2010", "summary": "Helped"}],
    "interests": [{"name": "Chess", "keywords": ["blitz"]}],
    "references": [{"name": "Prof. X", "reference": "Very good."}],
}


def test_json_resume_has_all_of_it_and_none_of_our_ids() -> None:
    found = json.loads(exported(ADA, "json", as_of=AT))
    assert found["work"][0]["highlights"][0] == "First program" and "id" not in json.dumps(found["work"])
    body = {key: value for key, value in found.items() if key not in ("$schema", "meta")}
    assert user_profile().validate(body)


def test_europass_is_xml_with_periods_as_it_writes_them() -> None:
    root = fromstring(exported(ADA, "europass", as_of=AT))
    name = "{http://europass.cedefop.europa.eu/Europass}"
    assert root.find(f".//{name}Surname").text == "Lovelace"  # type: ignore[union-attr]
    periods = root.findall(f".//{name}WorkExperience/{name}Period")
    assert periods[0].find(f"{name}From").attrib == {"year": "2012", "month": "--10"}  # type: ignore[union-attr]
    assert periods[1].find(f"{name}Current").text == "true"  # type: ignore[union-attr]
    assert root.find(f".//{name}Headline/{name}Description/{name}Label").text == "Analyst & <programmer>"  # type: ignore[union-attr]


@pytest.mark.parametrize("profile", [{}, ADA, WHOLE, {"basics": {"email": "none"}}], ids=["no", "ada", "whole", "odd"])
def test_europass_is_what_the_published_schema_takes(profile: dict[str, Any]) -> None:
    assert problems(fromstring(exported(profile, "europass", as_of=AT))) == []


def test_europass_leaves_no_text_of_a_profile_out() -> None:
    said = "\n".join(element.text or "" for element in fromstring(exported(WHOLE, "europass", as_of=AT)).iter())
    # First and last names stand apart. The level of a mother tongue is that it is one; a network's name without an
    # address has no place.
    left_out = {"Ολένα Ґалаґан", "Native speaker", "GR", "GitHub", "olena"}
    assert [text for text in _texts(WHOLE) if text not in said and text not in left_out and not text[0].isdigit()] == []
    assert "Until 2013-05" in said and "UK" not in said and "EL" in said
    root = fromstring(exported(WHOLE, "europass", as_of=AT))
    assert [each.text for each in root.findall(f".//{NAMESPACE}MotherTongue//{NAMESPACE}Label")] == ["Українська"]


def test_the_check_of_europass_sees_what_is_wrong() -> None:
    written = exported(ADA, "europass", as_of=AT).decode()
    for good, bad in (
        ("<LastUpdateDate>2030-05-01T12:00:00.000Z</LastUpdateDate>", ""),
        ("<FirstName>Ada King</FirstName><Surname>Lovelace</Surname>", "<Surname>L</Surname><FirstName>A</FirstName>"),
        ("V3.4", "V3.3"),
        ('month="--10"', 'month="10"'),
        ("<Current>false</Current>", "<Current>no</Current>"),
        ("<Generator>", "<Producer>x</Producer><Generator>"),
    ):
        assert good in written
        assert problems(fromstring(written.replace(good, bad, 1))), good


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
    else:
        yield from (line.strip() for line in str(node).splitlines() if line.strip())


def read_pdf(content: bytes) -> tuple[str, int]:
    document = pypdfium2.PdfDocument(content)
    try:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()
    return "\n".join(pages).replace("\r", ""), len(pages)


def test_pdf_has_every_letter_in_its_place() -> None:
    content = exported(WHOLE, "pdf", as_of=AT)
    assert content == exported(WHOLE, "pdf", as_of=AT), "the same profile gives the same bytes"
    said, _pages = read_pdf(content)
    assert said.startswith("Ολένα Ґалаґан\nИнженер")
    assert "Łódź – Čeština.\nДругий абзац." in said and "🚀" not in said
    flat = " ".join(said.split())
    for text in ("Prize Academy", "May 2013", "2 January 2014 – 2015", "Українська, Native speaker", "Very good."):
        assert text in flat


@pytest.mark.parametrize("format", ["pdf", "docx"])
def test_what_is_printed_is_what_our_own_parser_reads_back(format: str) -> None:
    with CompleteDataParser() as parser:
        result = parser.parse(exported(ADA, format, as_of=AT), f"profile.{format}")
    assert result.draft is not None
    profile = result.draft.profile()
    assert profile["basics"]["name"] == "Ada King Lovelace" and profile["basics"]["email"] == "ada@example.org"
    assert [entry.get("name") for entry in profile["work"]] == ["Analytical Engines Ltd", "Royal Society"]


def test_pdf_composes_letters_and_refuses_those_that_it_can_not_show() -> None:
    said, _pages = read_pdf(exported({"basics": {"name": "Zoe\u0308 Nguye\u0302\u0303n"}}, "pdf", as_of=AT))
    assert said.strip() == "Zoë Nguyễn"
    for name in ("שלום כהן", "王小明", "محمد", "नमूना"):
        with pytest.raises(InvalidInput, match="can't show these letters"):
            exported({"basics": {"name": name}}, "pdf", as_of=AT)
        assert exported({"basics": {"name": name}}, "docx", as_of=AT)


def test_a_long_pdf_keeps_headings_with_what_follows() -> None:
    work = [
        {"name": f"Company {number}", "position": "Engineer", "summary": "Did many things. " * number}
        for number in range(60)
    ]
    said, pages = read_pdf(exported({"basics": {"name": "x" * 400}, "work": work}, "pdf", as_of=AT))
    assert pages > 3
    document = pypdfium2.PdfDocument(exported({"work": work}, "pdf", as_of=AT))
    ends = [page.get_textpage().get_text_bounded().split()[-2:] for page in document]
    document.close()
    alone = [end for end in ends[:-1] if "Company" in end[0] or "Engineer" in end]
    assert not alone, "an entry's heading stands alone at the end of a page"
    assert all(f"Company {number}" in said for number in range(60))


def test_docx_is_what_our_own_parser_reads_back() -> None:
    content = exported(ADA, "docx", as_of=AT)
    assert content == exported(ADA, "docx", as_of=AT), "the same profile gives the same bytes"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        fromstring(archive.read("word/document.xml"))
    with CompleteDataParser() as parser:
        result = parser.parse(content, "profile.docx")
    assert result.draft is not None
    profile = result.draft.profile()
    assert profile["basics"]["name"] == "Ada King Lovelace" and profile["basics"]["email"] == "ada@example.org"
    assert len(profile["work"]) == 2


@pytest.mark.parametrize("format", FORMATS)
def test_an_empty_profile_is_a_document_too(format: str) -> None:
    assert exported({}, format, as_of=AT)


def test_another_format_is_refused() -> None:
    with pytest.raises(InvalidInput):
        exported(ADA, "exe", as_of=AT)
