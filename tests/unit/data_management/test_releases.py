"""The releases as published: what is read of them, and what is refused."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import python_calamine

from shared_backend.data_management.dataset import SOURCES, Dataset
from shared_backend.data_management.knowledge_file import base_file, read_knowledge, write_knowledge
from shared_backend.data_management.releases import read_release
from shared_backend.data_management.releases.bls import AT_TOP
from shared_backend.data_management.releases.findings import ImportReport, ReleaseRefused
from shared_backend.utils.exception_handler import InvalidInput
from tests.support.knowledge import linked, quiet, release, replace, words_of

BIGGEST_SHIPPED = 8 * 1024 * 1024


def read(source: str, folder: Path) -> tuple[Dataset, ImportReport]:
    report = ImportReport()
    return read_release(source, folder, report, quiet), report


def refusal(source: str, folder: Path) -> str:
    report = ImportReport()
    with pytest.raises(ReleaseRefused, match="Nothing was changed"):
        read_release(source, folder, report, quiet)
    return words_of(report)


@pytest.fixture(scope="module")
def datasets() -> dict[str, Dataset]:
    """Every release, read once."""
    return {source: read(source, release(source))[0] for source in SOURCES}


def test_what_is_shipped_is_what_the_releases_say_byte_for_byte(datasets: dict[str, Dataset], tmp_path: Path) -> None:
    size = write_knowledge(tmp_path / "built.zip", datasets.values())
    assert size < BIGGEST_SHIPPED
    shipped = read_knowledge(base_file())
    assert {source: dataset.manifest for source, dataset in shipped.items()} == {
        source: dataset.manifest for source, dataset in datasets.items()
    }
    for dataset in shipped.values():
        dataset.verify()
    # The contents are equal whatever packs them; the bytes are, where the library that packs is the same.
    with zipfile.ZipFile(tmp_path / "built.zip") as built, zipfile.ZipFile(base_file()) as base:
        assert built.namelist() == base.namelist()


def test_suppressed_wages_are_no_numbers(datasets: dict[str, Dataset]) -> None:
    wages = datasets["bls"].table("wages")
    employment, hourly, mean, p10, _p25, median, p75, p90 = wages["11-1011"]
    assert (employment, mean, p10, median) == (211_850, 262_930, 73_710, 206_420)
    assert (hourly, p75, p90) == (99.24, AT_TOP, AT_TOP)
    actors = wages["27-2011"]
    assert actors[2:] == [None] * 6
    assert actors[1] is not None, "actors are paid by the hour, and that is published"
    assert all(isinstance(value, int | float) or value is None for row in wages.values() for value in row)


def test_a_sector_says_its_wages_too(datasets: dict[str, Dataset]) -> None:
    table = datasets["bls"].table("sector_wages")
    assert table["sectors"]["54"] == "Professional, Scientific, and Technical Services"
    assert len(table["wages"]["54"]["15-1252"]) == 4


def test_washington_is_by_the_hour_and_new_york_by_the_year(datasets: dict[str, Dataset]) -> None:
    table = datasets["bls"].table("state_wages")
    state = next(key for key, (name, *_rest) in table["areas"].items() if name == "Washington")
    assert table["wages"][state]["11-1021"] == [48_024, 134_690, 83_366, 119_454, 163_779]
    assert table["wages"]["NY-36"]["11-0000"] == [567_480, 173_530, 77_836, 142_285, 221_378]


def test_no_descriptive_sentence_is_shipped() -> None:
    """Names, codes and numbers only: the longest text of any table is a title or a category of education."""
    for source, dataset in read_knowledge(base_file()).items():
        for name in dataset.names:
            texts = [text for text in _texts(dataset.table(name)) if len(text) > 160]
            if (source, name) == ("onet", "education"):
                continue
            assert not [text for text in texts if text.endswith(".")], (source, name)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in (*value.keys(), *value.values()) for text in _texts(each)]
    return [text for each in value for text in _texts(each)] if isinstance(value, list) else []


@pytest.fixture(scope="module")
def onet_as_text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """O*NET with Skills and Knowledge as text, as later releases have them: much quicker to read."""
    folder = linked(release("onet"), tmp_path_factory.mktemp("onet"))
    for name in ("Skills", "Knowledge"):
        book = folder / f"{name} (29.0).xlsx"
        rows = python_calamine.CalamineWorkbook.from_path(str(book.resolve())).get_sheet_by_index(0).to_python()
        text = "".join("\t".join(str(cell) for cell in row) + "\r\n" for row in rows)
        (folder / f"{name}.txt").write_text(text, encoding="utf-8", newline="")
        book.unlink()
    return folder


def test_a_spreadsheet_and_a_text_of_the_same_say_the_same(onet_as_text: Path, datasets: dict[str, Dataset]) -> None:
    dataset, _report = read("onet", onet_as_text)
    for name in ("skills", "knowledge"):
        assert dataset.table(name) == datasets["onet"].table(name)
    assert dataset.manifest.vintage == "O*NET 30.1, December 2025"


def cut_in_half(body: bytes) -> bytes:
    return body[: len(body) // 2]


def cut_at_a_line(body: bytes) -> bytes:
    return body[: body.rindex(b"\r\n", 0, len(body) // 2) + 2]


Breakage = tuple[str, Callable[[bytes], bytes], str]
# What is broken at the same time is told at the same time.
BROKEN: dict[str, list[Breakage]] = {
    "half copied": [
        ("Alternate Titles.txt", cut_at_a_line, "lacks .* occupations, as if it were half copied"),
        ("Related Occupations.txt", cut_at_a_line, "lacks .* occupations"),
        ("Skills.txt", cut_at_a_line, "occupations with skills"),
        ("Job Zones.txt", lambda body: body.replace(b"11-1011.00", b"99-9999.99"), "are not known: 99-9999.99"),
        ("Technology Skills.txt", lambda body: body.replace(b"Commodity Code", b"Something"), "lacks the columns"),
    ],
    "other codes": [
        ("Alternate Titles.txt", cut_in_half, "ends within a line"),
        ("Job Zones.txt", lambda body: body.replace(b"\t4\t", b"\t9\t", 1), "zones that are not 1 to 5: .* 9"),
        ("Skills.txt", lambda body: body.replace(b"\t4.12\t", b"\t7.12\t", 1), "out of their range: 11-1011.00"),
        ("Occupation Data.txt", cut_at_a_line, "occupations, where a release has"),
    ],
    "no text": [
        ("Occupation Data.txt", lambda body: body.replace(b"Chief Executives", b"\xff\xfe"), "is not utf-8 text"),
        ("Read Me.txt", lambda _body: b"nothing\n", "which release"),
        ("Job Zones.txt", lambda _body: b"", "lacks the columns|ends within a line"),
    ],
}


@pytest.mark.parametrize("breakages", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_or_half_copied_release_is_refused_by_name(
    breakages: list[Breakage], onet_as_text: Path, tmp_path: Path
) -> None:
    folder = linked(onet_as_text, tmp_path / "onet")
    for file, breaking, _words in breakages:
        replace(folder / file, breaking((folder / file).read_bytes()))
    found = refusal("onet", folder).splitlines()
    for file, _breaking, words in breakages:
        assert any(_has(line, file, words) for line in found), (file, found)


def _has(line: str, file: str, words: str) -> bool:
    return line.startswith(file) and re.search(words, line) is not None


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = linked(release("industries"), tmp_path / "industries")
    (folder / "isic4_en.json").unlink()
    assert "isic4_en.json: is missing" in refusal("industries", folder)


@pytest.mark.parametrize("keep", [0.3, 0.999])
def test_half_a_spreadsheet_is_none(keep: float, tmp_path: Path) -> None:
    folder = linked(release("bls"), tmp_path / "bls")
    body = (folder / "occupation.xlsx").read_bytes()
    replace(folder / "occupation.xlsx", body[: int(len(body) * keep)])
    assert "occupation.xlsx: is no spreadsheet, as if it were half copied" in refusal("bls", folder)


@pytest.mark.parametrize("source", ["industries", "market"])
def test_half_of_any_other_file_is_refused(source: str, tmp_path: Path) -> None:
    folder = linked(release(source), tmp_path / source)
    broken = [path for path in folder.rglob("*.*") if path.suffix in (".csv", ".json") and "examples" not in path.name]
    for path in broken:
        body = path.read_bytes()
        replace(path, body[: body.rindex(b"\n", 0, len(body) // 2) + 1])
    found = refusal(source, folder)
    assert [path.name for path in broken if path.name not in found] == []


def test_two_versions_of_esco_the_newer_is_read_and_its_crosswalk_found(datasets: dict[str, Dataset]) -> None:
    esco = datasets["esco"]
    assert esco.manifest.vintage == "ESCO v1.2, crosswalk of November 2020"
    assert (len(esco.table("occupations")), len(esco.table("skills"))) == (3_039, 13_939)


def test_no_folder_and_no_such_source_are_said() -> None:
    with pytest.raises(InvalidInput, match="There is no folder"):
        read("onet", Path("nowhere"))
    with pytest.raises(InvalidInput, match="is no source of knowledge"):
        read("lore", Path("."))
