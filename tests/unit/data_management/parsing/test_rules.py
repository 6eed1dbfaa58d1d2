"""The rules on a CV of our own, and on what they must not take for one."""

from __future__ import annotations

from datetime import date

import pytest

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.documents.errors import Outcome
from shared_backend.data_management.documents.plain import document_of, lines_of
from shared_backend.data_management.extraction.draft import Draft, value
from shared_backend.data_management.extraction.education import education_entries
from shared_backend.data_management.extraction.headings import section_by_word, section_of
from shared_backend.data_management.extraction.languages import languages_in
from shared_backend.data_management.extraction.verify import verified
from shared_backend.data_management.parse_here import parse_here
from shared_backend.data_management.places.gazetteer import place_of
from shared_backend.lockstep.kinds.user_profile import user_profile
from tests.support.cv import CV


def parsed(text: str) -> Draft:
    draft = parse_here(text.encode(), "cv.txt").draft
    assert draft is not None
    return draft


def test_a_cv_becomes_a_profile_that_lockstep_takes() -> None:
    profile = parsed(CV).profile()
    assert profile["basics"]["name"] == "Maria Lindqvist"
    assert profile["basics"]["email"] == "maria.lindqvist@example.org"
    assert profile["basics"]["phone"] == "+442079460958"
    assert profile["basics"]["location"] == {"city": "Leeds", "countryCode": "GB"}
    assert [(job["position"], job["name"], job["location"]) for job in profile["work"]] == [
        ("Senior Data Engineer", "Northwind Analytics Ltd", "Leeds, UK"),
        ("Data Analyst", "Contoso GmbH", "Berlin, Germany"),
    ]
    assert profile["work"][0]["startDate"] == "2019-05" and "endDate" not in profile["work"][0]
    assert (profile["work"][1]["startDate"], profile["work"][1]["endDate"]) == ("2015", "2018")
    assert profile["education"][0]["studyType"] == "BSc"
    assert profile["education"][0]["institution"] == "University of Leeds"
    assert {skill["name"] for skill in profile["skills"]} >= {"Python", "SQL", "Kafka", "Excel"}
    user_profile().validate(profile)


def test_each_value_says_where_it_stands() -> None:
    result = parse_here(CV.encode(), "cv.txt")
    assert result.draft is not None
    for path, one in result.draft.values():
        assert one.spans and 0 < one.confidence <= 1 and one.rule, path
        span = one.spans[0]
        assert " ".join(result.texts[span.page - 1][span.start : span.end].replace("•", " ").split()) == " ".join(
            one.source.split()
        )


def test_a_draft_survives_its_json() -> None:
    draft = parsed(CV)
    assert Draft.from_dict(draft.to_dict()).to_dict() == draft.to_dict()


def test_overlaps_are_counted_once_and_no_clock_is_asked() -> None:
    text = CV.replace("2015 - 2018", "January 2015 - December 2018").replace(
        "May 2019 - Present", "July 2018 - June 2019"
    )
    assert parsed(text).experience["months"] == 54
    goes_on = parse_here(CV.encode(), "cv.txt", as_of=date(2021, 4, 1)).draft
    assert goes_on is not None
    assert goes_on.experience["to"] == "2021-04" and goes_on.experience["open"]


def test_an_invalid_phone_is_kept_and_flagged() -> None:
    phone = parsed(CV.replace("+44 20 7946 0958", "Phone: 123-45-678")).basics["phone"]
    assert phone.text == "123-45-678" and phone.flags == ("invalid_phone",)


def test_lines_apart_are_never_one_value() -> None:
    made = value([Piece(1, 0, "short"), Piece(1, 50, "much longer text")], 1.0, "test")
    assert made.text == "much longer text" and len(made.spans) == 1


def test_what_is_not_in_the_document_is_taken_out() -> None:
    draft = Draft(
        basics={"name": value(Piece(1, 0, "Jane Roe"), 1.0, "test"), "label": value(Piece(1, 0, "Nobody"), 1.0, "test")}
    )
    assert verified(draft, document_of("Jane Roe", "text")) == 1
    assert list(draft.basics) == ["name"]


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("WORK EXPERIENCE", "work"), ("ProfessionalSummary", "summary"), ("Berufserfahrung", "work"),
        ("Formation", "education"),
        ("Expérience professionnelle", "work"), ("Educación", "education"), ("Competências", "skills"),
        ("Sprachkenntnisse", "languages"),
        ("E D U C A T I O N", "education"), ("Education & Training", "education"), ("Maria Lindqvist", None),
    ],
)  # fmt: skip
def test_headings_in_five_languages(heading: str, section: str | None) -> None:
    assert section_of(heading) == section


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("POSITIONS OF RESPONSIBILITY", "volunteer"), ("Leadership positions", "volunteer"), ("BLOG POSTS", "other"),
        ("Board positions", "other"), ("HOSPITAL APPOINTMENTS", "work"), ("Posts held abroad", "work"),
        ("Leadership experience and positions", "work"),
    ],
)  # fmt: skip
def test_positions_and_posts_are_work_only_where_no_other_word_says_what_they_are(heading: str, section: str) -> None:
    assert section_by_word(heading) == section


def test_what_a_student_was_captain_of_is_no_job() -> None:
    roles = "POSITIONS OF RESPONSIBILITY\nCaptain, Cricket team, 2016 - 2018\n\nBLOG POSTS\nWhy Rust, 2020\n"
    draft = parsed(f"{CV}\n{roles}")
    assert len(draft.sections["work"]) == len(parsed(CV).sections["work"])
    assert [entry["position"].text for entry in draft.sections["volunteer"]] == ["Captain"]


@pytest.mark.parametrize(
    ("text", "city", "country"),
    [
        ("San Francisco, CA", "San Francisco", "US"), ("München", "München", "DE"),
        ("Istanbul, Türkiye", "Istanbul", "TR"),
        ("Bengaluru, Karnataka", "Bengaluru", "IN"), ("Collegedale, TN 37315", "Collegedale", "US"),
    ],
)  # fmt: skip
def test_places_are_known_without_a_network(text: str, city: str, country: str) -> None:
    place = place_of(text)
    assert place is not None and (place.city, place.country) == (city, country)


@pytest.mark.parametrize("text", ["Google DeepMind", "Software Engineer", "Microsoft, Redmond, WA", "City , State"])
def test_other_words_are_no_place(text: str) -> None:
    assert place_of(text) is None


def test_languages_have_a_level_where_it_is_stated() -> None:
    found = languages_in([Line(1, 0, "Englisch (verhandlungssicher), French: B2, Spanish")])
    assert [(one["language"].text, one.get("fluency") and one["fluency"].text) for one in found] == [
        ("Englisch", "verhandlungssicher"), ("French", "B2"), ("Spanish", None),
    ]  # fmt: skip
    assert found[1]["fluency"].extra == {"cefr": "B2"}


def test_degrees_follow_each_other() -> None:
    lines = lines_of("MSc in Physics\nUniversity of Oslo\n2012\nBSc in Physics\nUniversity of Bergen\n2010", 1)
    keys = ("studyType", "area", "institution", "endDate")
    assert [tuple(one[key].text for key in keys) for one in education_entries(lines)] == [
        ("MSc", "Physics", "University of Oslo", "2012"), ("BSc", "Physics", "University of Bergen", "2010"),
    ]  # fmt: skip


def test_a_line_of_dates_belongs_to_the_certificate_above_it() -> None:
    text = CV + "\nCERTIFICATIONS\n\nScrum Master\nMay 2018 to Present\nFirst Aid\n2019\nDriving licence, June 2012\n"
    found = parsed(text).profile()["certificates"]
    assert [(one["name"], one.get("date")) for one in found] == [
        ("Scrum Master", "2018-05"),
        ("First Aid", "2019"),
        ("Driving licence", "2012-06"),
    ]


def _studies(text: str) -> list[tuple[str, ...]]:
    keys = ("studyType", "area", "institution", "endDate")
    return [tuple(one[key].text if key in one else "" for key in keys) for one in education_entries(lines_of(text, 1))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A school that no word tells: it stands where the others have theirs, or its place stands behind it.
        ("BTech in Mining\nCDEF - Kochi, Kerala\n2006", [("BTech", "Mining", "CDEF", "2006")]),
        ("BSc in Botany\nrosewood womens\n2015\nHSC\nhill college\n2012", [("BSc", "Botany", "rosewood womens",
            "2015"), ("HSC", "", "hill college", "2012")]),
        # A field below a degree is none, nor is what is said of the degree.
        ("BSc\nComputer Science\n2010", [("BSc", "", "", "2010")]),
        ("BSc in Botany\nGraduated with honours\n2010", [("BSc", "Botany", "", "2010")]),
        # A school without a degree is not that of the next degree.
        (
            "BA in Art\nOak College\n2008\nElm Academy\n2006\nSSC\nAsh School\n2004",
            [("BA", "Art", "Oak College", "2008"), ("", "", "Elm Academy", "2006"), ("SSC", "", "Ash School", "2004")],
        ),
        ("Elm High School\nBEng in Physics\nUniversity of Bergen", [("", "", "Elm High School", ""), ("BEng",
            "Physics", "University of Bergen", "")]),
        # A level in a school's name is no degree, and a board is no school where there is one.
        ("HSC\nRose Matriculation Higher Secondary School", [("HSC", "", "Rose Matriculation Higher Secondary School",
            "")]),
        ("CBSE\nElm Public School - Kochi, Kerala\n2011", [("", "", "Elm Public School", "2011")]),
        # Two degrees in a line are two; one that is said twice is one.
        ("BCA, MBA\nOak College", [("MBA", "", "Oak College", ""), ("BCA", "", "Oak College", "")]),
        ("Bachelor (B Tech) in Mining\nOak College", [("Bachelor (B Tech)", "Mining", "Oak College", "")]),
        ("B.Tech(Computer Science) in CSE\nOak College", [("B.Tech", "Computer Science", "Oak College", "")]),
        ("Bsc(mpc) in Bachelor of science\nElm", [("Bsc(mpc) in Bachelor of science", "mpc", "Elm", "")]),
        # Neither degree nor school is told by its words.
        ("Electrical engineering\nVSUT, Kochi", [("", "Electrical engineering", "VSUT", "")]),
        # Field and school run together.
        ("Bachelor of Science : Business Management Oak State University - Boston, MA", [("Bachelor of Science",
            "Business Management", "Oak State University", "")]),
    ],
)  # fmt: skip
def test_what_belongs_to_a_degree(text: str, expected: list[tuple[str, ...]]) -> None:
    assert _studies(text) == expected


def test_an_address_that_comes_again_is_at_a_pages_edge() -> None:
    text = CV.replace("\nSkills", "\nhttps://example.org/cv\nSkills") + "\nhttps://example.org/cv\n"
    assert "example.org" not in str(parsed(text).sections["education"])


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("", Outcome.EMPTY), (" \n\t ", Outcome.EMPTY),
        ("Dear Sir, please find the invoice of May 2019 attached. Thank you.", Outcome.NO_CV),
        ("lorem ipsum dolor sit amet " * 200, Outcome.NO_CV),
    ],
)  # fmt: skip
def test_what_is_no_cv_gives_no_person(text: str, outcome: Outcome) -> None:
    result = parse_here(text.encode(), "x.txt")
    assert result.outcome is outcome and result.draft is None and "No CV found here" in result.message


def test_a_template_s_words_are_no_facts() -> None:
    text = CV.replace("Northwind Analytics Ltd, Leeds, UK", "Company Name, City, State")
    assert "name" not in parsed(text).sections["work"][0]
