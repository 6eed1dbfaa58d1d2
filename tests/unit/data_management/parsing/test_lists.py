"""Lists of certificates and awards: what is one item, and what is two."""

from __future__ import annotations

import pytest

from shared_backend.data_management.documents.document import Line
from shared_backend.data_management.documents.plain import document_of
from shared_backend.data_management.extraction.draft import Entry
from shared_backend.data_management.extraction.lists import award_entries, certificate_entries


def lines(text: str) -> list[Line]:
    return list(document_of(text, "text").lines())


def told(entries: list[Entry]) -> list[tuple[str, str]]:
    return [
        (entry["name" if "name" in entry else "title"].text, entry["date"].text if "date" in entry else "")
        for entry in entries
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Arc Welding Certificate, 2022\nForklift Licence, 2021\nDiploma in Health and Safety at Work",
            [
                ("Arc Welding Certificate", "2022"),
                ("Forklift Licence", "2021"),
                ("Diploma in Health and Safety at Work", ""),
            ],
        ),
        (
            "2018 Zusatzbezeichnung Notfallmedizin\n2019 Palliativmedizin, Landesärztekammer",
            [("Zusatzbezeichnung Notfallmedizin", "2018"), ("Palliativmedizin, Landesärztekammer", "2019")],
        ),
        (
            "First Aid at Work 2021\nHygiène alimentaire HACCP 2019\n\nPermis cariste 2017",
            [("First Aid at Work", "2021"), ("Hygiène alimentaire HACCP", "2019"), ("Permis cariste", "2017")],
        ),
    ],
)
def test_each_line_without_a_bullet_is_a_certificate(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(certificate_entries(lines(text))) == expected


def test_each_line_without_a_bullet_is_an_award() -> None:
    text = "2022 Regional Young Baker of the Year\n2017 Employee of the Year\nRaised sales by a fifth"
    assert told(award_entries(lines(text))) == [
        ("Regional Young Baker of the Year", "2022"),
        ("Employee of the Year", "2017"),
        ("Raised sales by a fifth", ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Certificate in the safe handling and storage of\nHazardous Goods",
        "Certificate in the handling of hazardous goods,\nPort Authority of Tema",
        "Course for supervisors of building sites (Bauleitung,\nTiefbau)",
        "Licence to drive heavy vehicles\nand trailers of all classes",
        "• Licence to drive heavy vehicles\n  Classes C and CE",
    ],
)
def test_a_line_that_goes_on_in_the_next_is_one_item(text: str) -> None:
    [(name, _)] = told(certificate_entries(lines(text)))
    assert name == " ".join(text.removeprefix("• ").split())


def test_items_below_a_bullet_after_a_gap_are_their_own() -> None:
    text = "• Food hygiene, level 2\n\nBarista course, 2019\nSommelier course, 2020"
    assert [name for name, _ in told(certificate_entries(lines(text)))] == [
        "Food hygiene, level 2",
        "Barista course",
        "Sommelier course",
    ]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Registered Nurse licence, exp. 04/2026", ""),
        ("Gasfachkraft, gültig bis 12/2027", ""),
        ("Secondary mathematics, valid through June 2027", ""),
        ("Carte professionnelle, valable jusqu'en 2026", ""),
        ("Advanced life support, 2021, expires 2025", "2021"),
        ("Advanced life support, 2021", "2021"),
    ],
)
def test_the_date_up_to_which_something_holds_is_not_when_it_was_earned(text: str, date: str) -> None:
    [(name, earned)] = told(certificate_entries(lines(text)))
    assert earned == date
    assert text.startswith(name)


def test_the_date_at_the_end_of_a_wrapped_item_is_its_date() -> None:
    assert told(certificate_entries(lines("Certificate in crane operation, granted by\nPort Authority, 2019"))) == [
        ("Certificate in crane operation, granted by Port Authority, 2019", "2019")
    ]
