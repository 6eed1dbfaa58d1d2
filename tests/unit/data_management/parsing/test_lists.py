"""Lists of certificates and awards: what is one item, and what is two."""

from __future__ import annotations

import pytest

from shared_backend.data_management.documents.document import Line
from shared_backend.data_management.documents.plain import document_of
from shared_backend.data_management.extraction.dated_items import award_entries, certificate_entries
from shared_backend.data_management.extraction.draft import Entry


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


def given(entries: list[Entry]) -> list[tuple[str, str, str]]:
    return [
        (*told([entry])[0], next((entry[key].text for key in ("issuer", "awarder") if key in entry), ""))
        for entry in entries
    ]


def test_dates_belong_to_the_items_below_where_a_date_comes_first() -> None:
    text = "2019\nCPA Ireland\n2021\nChartered Tax Adviser\n2022\n2023\nFraud Examiner, 2020\n2024\nNotary\nBailiff"
    assert told(certificate_entries(lines(text))) == [
        ("CPA Ireland", "2019"),
        ("Chartered Tax Adviser", "2021"),
        ("Fraud Examiner", "2020"),
        ("Notary", "2024"),
        ("Bailiff", ""),
    ]


def test_of_dates_in_a_row_above_items_none_is_taken() -> None:
    found = told(certificate_entries(lines("2019\n2021\nCPA Ireland\nChartered Tax Adviser")))
    assert found == [("CPA Ireland", ""), ("Chartered Tax Adviser", "")]


def test_what_is_said_of_a_certificate_below_it_is_no_certificate() -> None:
    text = """AWS Certified Developer
Amazon Web Services
Issued Jan 2021 · Expires Jan 2024
Credential ID ABC123
Show credential
Welding Inspector
Issued by: Nordic Welders, 2018
Registration number: 44-12
Carte de soudeur
Délivrée le 12/05/2016
Valable jusqu'en 2026
"""
    assert given(certificate_entries(lines(text))) == [
        ("AWS Certified Developer", "2021-01", "Amazon Web Services"),
        ("Welding Inspector", "2018", "Nordic Welders"),
        ("Carte de soudeur", "2016", ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "RN licence\nExpires 12/2026",
        "RN licence\tvalid until 2027",
        "• RN licence\n  Renewal date: 06/2027",
        "RN licence\nNo expiration date\n",
    ],
)
def test_an_expiry_is_neither_an_item_nor_a_date_of_earning(text: str) -> None:
    assert told(certificate_entries(lines(text))) == [("RN licence", "")]


def test_cells_beside_an_item_that_tell_of_it_are_no_items() -> None:
    text = "BLS\tvalid until 2027\nACLS\t2021\texpires 2025\nPALS\tissued 2020\tTNCC\tissued 2022"
    found = told(certificate_entries(lines(text)))
    assert found == [("BLS", ""), ("ACLS", "2021"), ("PALS", "2020"), ("TNCC", "2022")]


def test_items_that_begin_with_the_words_of_a_label_are_items() -> None:
    text = "2017 Silver pen\nReceived in 2018 the Golden Pen\nIssued 2019: First Novel Prize\nValid Voices prize 2020"
    assert [name for name, _ in told(award_entries(lines(text)))] == [
        "Silver pen",
        "Received in 2018 the Golden Pen",
        "Issued 2019: First Novel Prize",
        "Valid Voices prize",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Employee of the Year\nHarbour Hotels\n2019", [("Employee of the Year", "2019", "Harbour Hotels")]),
        (
            "Best Clerk\nHarbour Ltd\n2019\n\nBest Baker\nMill & Sons Ltd\n2020\n\nBest Cook\nFriendly\n2021",
            [
                ("Best Clerk", "2019", "Harbour Ltd"),
                ("Best Baker", "2020", "Mill & Sons Ltd"),
                ("Best Cook", "2021", "Friendly"),
            ],
        ),
        (
            "Best Clerk\nFriendly\n2019\nBest Baker\nOpen\n2020",
            [("Best Clerk", "2019", ""), ("Best Baker", "2020", "")],
        ),
        ("2019\nBest Clerk\nHarbour Ltd", [("Best Clerk", "2019", "Harbour Ltd")]),
    ],
)
def test_a_short_line_between_a_name_and_its_date_is_who_gave_it(text: str, expected: list[tuple[str, ...]]) -> None:
    assert given(award_entries(lines(text))) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Project Management\nDigital Marketing\n2020",
        "First Aid\nForklift Licence\n2019",
        "University Medal\n\nLeeds Academy\n2019",
    ],
)
def test_two_items_above_a_date_are_two_where_the_second_is_no_organisation(text: str) -> None:
    assert len(certificate_entries(lines(text))) == 2
