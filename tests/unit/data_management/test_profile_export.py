"""A profile to take away, in three formats."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from xml.etree.ElementTree import fromstring

import pytest

from shared_backend.data_management.complete_data_parser import CompleteDataParser
from shared_backend.data_management.profile_export import FORMATS, exported
from shared_backend.lockstep.kinds.user_profile import user_profile
from shared_backend.utils.exception_handler import InvalidInput

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
