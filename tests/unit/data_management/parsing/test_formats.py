"""One text in each format gives one profile; hostile and broken files have their own outcomes."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import numpy as np
import pytest

from shared_backend.data_management.documents.errors import MESSAGES, Outcome
from shared_backend.data_management.documents.pdf_glyphs import Glyphs, unreadable
from shared_backend.data_management.parse_here import parse_here
from tests.support.cv import CV, docx, odt, paragraphs, pdf


def html(text: str) -> bytes:
    return (
        "<html><body><script>steal()</script>"
        + "".join(f"<p>{line}</p>" for line in text.split("\n"))
        + "</body></html>"
    ).encode()


def rtf(text: str) -> bytes:
    return ("{\\rtf1\\ansi " + text.replace("•", "\\bullet ").replace("\n", "\\par\n") + "}").encode("latin-1")


FORMATS: dict[str, Callable[[str], bytes]] = {
    "cv.txt": lambda text: text.encode(), "cv.md": lambda text: text.replace("Experience", "## Experience").encode(),
    "cv.docx": lambda text: docx(paragraphs(text)),
    "cv.odt": odt, "cv.html": html, "cv.rtf": rtf, "cv.pdf": pdf, "utf16.txt": lambda text: text.encode("utf-16"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_the_format_does_not_matter(name: str) -> None:
    result = parse_here(FORMATS[name](CV), name)
    assert result.draft is not None, result.message
    profile = result.draft.profile()
    assert profile["basics"]["name"] == "Maria Lindqvist"
    assert [job.get("name") for job in profile["work"]] == ["Northwind Analytics Ltd", "Contoso GmbH"]
    assert [len(job["highlights"]) for job in profile["work"]] == [2, 1]
    assert profile["education"][0]["institution"] == "University of Leeds"


def test_json_resume_is_taken_as_it_is() -> None:
    given = {
        "basics": {"name": "Ana Ruiz", "email": "ana@example.org"},
        "work": [{"company": "Acme", "position": "Cook", "startDate": "2013-12-01"}],
        "skills": [{"name": "Baking", "keywords": ["Bread"]}],
    }
    result = parse_here(json.dumps(given).encode(), "resume.json")
    assert result.draft is not None
    assert result.draft.profile() == {
        **given,
        "work": [{"name": "Acme", "position": "Cook", "startDate": "2013-12-01"}],
    }


def test_tables_headers_and_text_boxes_of_word_are_read() -> None:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    row = "<w:tbl><w:tr>" + cell.format("Nurse, City Hospital") + cell.format("2010 - 2014") + "</w:tr></w:tbl>"
    inside = paragraphs("Skills\nTriage, First aid")
    box = f"<w:p><w:r><w:pict><w:txbxContent>{inside}</w:txbxContent></w:pict></w:r></w:p>"
    header = f"<w:hdr {space}>{paragraphs('Noor Haddad')}</w:hdr>"
    result = parse_here(
        docx(paragraphs("Experience") + row + box, word__header1__xml="")
        if False
        else docx(paragraphs("noor@example.org\nExperience") + row + box, **{"word/header1.xml": header}),
        "cv.docx",
    )
    assert result.draft is not None
    profile = result.draft.profile()
    assert profile["basics"]["name"] == "Noor Haddad"
    assert profile["work"][0]["position"] == "Nurse" and profile["work"][0]["startDate"] == "2010"
    assert {skill["name"] for skill in profile["skills"]} >= {"Triage", "First aid"}


def _styled(*paragraphs: tuple[str, str]) -> str:
    """Paragraphs with a style each; "" for none."""
    style = '<w:pPr><w:pStyle w:val="{}"/></w:pPr>'
    return "".join(
        f"<w:p>{style.format(name) if name else ''}<w:r><w:t>{text}</w:t></w:r></w:p>" for name, text in paragraphs
    )


@pytest.mark.parametrize(
    ("section", "entry"), [("Heading1", "Heading2"), ("Heading2", "Heading3"), ("Heading1", "Heading1")]
)
def test_entries_that_are_headings_stay_in_their_section(section: str, entry: str) -> None:
    content = docx(
        _styled(
            ("", "Noor Haddad"), ("", "noor@example.org"),
            (section, "Experience"),
            (entry, "Staff Nurse"), ("", "City Hospital, Leeds, UK"), ("", "May 2016 - June 2019"),
            ("", "Led the ward of a clinic."),
            (entry, "Care Assistant"), ("", "Oak Home, Leeds, UK"), ("", "May 2012 - April 2016"),
            ("", "Kept the books of the house."),
            (section, "Education"), (entry, "BSc in Nursing"), ("", "University of Leeds, 2012"),
            (section, "Skills"), ("", "Triage, First aid"),
        )
    )  # fmt: skip
    draft = parse_here(content, "cv.docx").draft
    assert draft is not None
    profile = draft.profile()
    assert [(job["position"], job["name"], job["startDate"]) for job in profile["work"]] == [
        ("Staff Nurse", "City Hospital", "2016-05"), ("Care Assistant", "Oak Home", "2012-05"),
    ]  # fmt: skip
    assert [one["studyType"] for one in profile["education"]] == ["BSc"]
    assert {skill["name"] for skill in profile["skills"]} >= {"Triage", "First aid"}


@pytest.mark.parametrize(
    ("headline", "expected"),
    [
        ("Software Engineer <Payments>", "Software Engineer <Payments>"), ("Software Engineer >", "Software Engineer"),
        ("Data Engineer (Streams)", "Data Engineer (Streams)"),
        ("Software Engineer [Remote]", "Software Engineer [Remote]"),
    ],
)  # fmt: skip
def test_a_headline_keeps_its_brackets(headline: str, expected: str) -> None:
    draft = parse_here(CV.replace("Data Engineer\n", headline + "\n", 1).encode(), "cv.txt").draft
    assert draft is not None and draft.basics["label"].text == expected


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 80_000_000)
    return file.getvalue()


ENTITIES = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'


def raw_docx(xml: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", xml)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "outcome"),
    [
        (bomb(), "cv.docx", Outcome.BOMB), (raw_docx(ENTITIES), "cv.docx", Outcome.BOMB),
        (raw_docx("<w>" * 5_000), "cv.docx", Outcome.BOMB),
        (docx(paragraphs(CV))[:400], "cv.docx", Outcome.BROKEN), (pdf(CV)[:60], "cv.pdf", Outcome.BROKEN),
        (pdf(CV, pages=100), "cv.pdf", Outcome.TOO_MANY_PAGES),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "cv.pdf", Outcome.UNSUPPORTED),
        (b"x" * 20_000_001, "cv.txt", Outcome.TOO_LARGE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "cv.docx", Outcome.ENCRYPTED),
        (b"{\"basics\": ", "cv.json", Outcome.BROKEN),
    ],
)  # fmt: skip
def test_each_harm_has_its_outcome(content: bytes, name: str, outcome: Outcome) -> None:
    result = parse_here(content, name)
    assert result.outcome is outcome and result.draft is None
    assert result.message.startswith(MESSAGES[outcome])


def test_a_file_is_read_as_what_it_is() -> None:
    result = parse_here(pdf(CV), "cv.docx")
    assert result.outcome is Outcome.PARSED and result.kind == "pdf"
    assert "The name says DOCX, but the file is PDF" in result.notes[0]


@pytest.mark.parametrize(
    ("text", "lost"), [("Scienti\x1cc \x1belds", 2), ("Plain words.\r\nMore\ufffe", 0), ("\x1e \x14 1", 0)]
)
def test_letters_that_are_only_drawn_are_counted(text: str, lost: int) -> None:
    count = len(text)
    glyphs = Glyphs.of(text, np.zeros((count, 4), dtype=np.float32), np.zeros(count, dtype=np.bool_))
    assert unreadable(glyphs) == lost
