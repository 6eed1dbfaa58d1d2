"""A place, a day and a name at the end of a CV belong to no section."""

from __future__ import annotations

import pytest

from shared_backend.data_management.documents.plain import document_of
from shared_backend.data_management.extraction.sections import sections_of
from shared_backend.data_management.parse_here import parse_here

TOP = """Hanna Lindner
hanna.lindner@example.org
Leipzig

BERUFSERFAHRUNG
Verkäuferin, Laden GmbH, 2010 - 2014

"""


def last(text: str) -> list[str]:
    return [line.text for line in sections_of(document_of(TOP + text, "text"))[-1].lines]


@pytest.mark.parametrize(
    "signature",
    [
        "\nBerlin, 03.03.2024",
        "\nBerlin, 03.03.2024\nHanna Lindner",
        "\nBerlin, den 3. März 2024\n\n_____________\nH. Lindner",
        "\nKleinklitz, den 03.03.24",
        "\nKleinklitz, 3.3.2024\nHanna Lindner",
        "Kleinklitz, 03.03.2024\tHanna Lindner",
        "Berlin, 03.03.2024\ngez. Hanna Lindner",
        "\nParis, le 3 mars 2024\nSignature :",
        "\nMadrid, a 3 de marzo de 2024",
        "\nLeeds, UK, 3 March 2024",
    ],
)
def test_a_signature_is_in_no_section(signature: str) -> None:
    assert last(f"KENNTNISSE\nExcel\nWord\n{signature}\n") == ["Excel", "Word"]


@pytest.mark.parametrize(
    "text",
    [
        "Erste Hilfe, 03.03.2024\n\nStapler, 04.03.2023",
        "Erste Hilfe\nBerlin, 03.03.2024",
        "Staplerschein\nErste Hilfe, 03.03.2024\nHanna Lindner",
        "Staplerschein\n\nBerlin, 2024",
        "Staplerschein\n\nBerlin, 03.03.2024\nErste Hilfe",
        "Staplerschein\n\nBerlin, 03.03.2024 bestanden",
        "Staplerschein\n\n- Berlin, 03.03.2024",
    ],
)
def test_what_is_dated_at_the_end_is_no_signature(text: str) -> None:
    assert len(last(f"ZERTIFIKATE\n{text}\n")) == len(text.replace("\n\n", "\n").split("\n"))


def test_a_signature_is_no_certificate() -> None:
    draft = parse_here(
        f"{TOP}ZERTIFIKATE\nKassenschein 2012\n\nBerlin, 03.03.2024\nHanna Lindner\n".encode(), "cv.txt"
    ).draft
    assert draft is not None
    assert [(one["name"].text, one["date"].text) for one in draft.sections["certificates"]] == [
        ("Kassenschein", "2012")
    ]
    assert draft.basics["name"].text == "Hanna Lindner"


def test_a_short_cv_is_signed_as_well() -> None:
    text = "Hanna Lindner\n\nZERTIFIKATE\nKassenschein 2012\n\nBerlin, 03.03.2024\nHanna Lindner\n"
    assert [line.text for line in sections_of(document_of(text, "text"))[-1].lines] == ["Kassenschein 2012"]
