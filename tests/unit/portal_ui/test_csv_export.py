from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from shared_backend.portal_ui.csv_export import cell, csv_bytes


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
def test_what_could_be_a_formula_is_text(text: str) -> None:
    assert cell(text) == f"'{text}"


def test_other_values_stay_what_they_are() -> None:
    assert [cell(value) for value in (None, True, False, -3, 1.5, "a=b")] == ["", "yes", "no", "-3", "1.5", "a=b"]
    assert cell(datetime(2030, 5, 1, 12, tzinfo=UTC)) == "2030-05-01T12:00:00+00:00"


def test_a_file_is_read_back_as_it_was_written() -> None:
    rows = [["שלום, 👩🏽‍💻", 'say "hi"\nthere', 7]]
    content = csv_bytes(["name", "text", "count"], rows)
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) == [
        ["name", "text", "count"],
        ["שלום, 👩🏽‍💻", 'say "hi"\nthere', "7"],
    ]
