"""Programs beside us: tesseract and LibreOffice, as stand-ins that know their command lines, and the real tesseract."""

from __future__ import annotations

import io
import os
import sys
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pypdfium2
import pytest

from shared_backend.data_management.complete_data_parser import CompleteDataParser
from shared_backend.data_management.documents import helpers
from shared_backend.data_management.documents.errors import Outcome
from shared_backend.data_management.documents.limits import Limits
from shared_backend.data_management.parse_here import parse_here
from shared_backend.data_management.parse_result import ParseResult
from tests.support.cv import CV, docx, paragraphs, pdf
from tests.support.missing import missing

DOC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "WordDocument".encode("utf-16-le") + b"\0" * 600

# As `soffice -env:UserInstallation=URL --headless … --convert-to docx --outdir FOLDER FILE` is used, and no other way.
SOFFICE = """
import pathlib, shutil, sys, urllib.parse
given = sys.argv[1:]
home = next(one for one in given if one.startswith("-env:UserInstallation=")).partition("=")[2]
assert urllib.parse.urlparse(home).scheme == "file" and "--headless" in given
rules = pathlib.Path(urllib.parse.urlparse(home).path, "user", "registrymodifications.xcu").read_text()
assert "DisableMacrosExecution" in rules and "BlockUntrustedRefererLinks" in rules
assert given[given.index("--convert-to") + 1] == "docx"
folder, source = pathlib.Path(given[given.index("--outdir") + 1]), pathlib.Path(given[-1])
assert source.read_bytes()[:4] == bytes.fromhex("d0cf11e0")
shutil.copy(pathlib.Path(sys.argv[0]).with_name("made.docx"), folder / (source.stem + ".docx"))
"""
# As `tesseract --list-langs` and `tesseract stdin stdout -l LANGS --psm 3` are used.
TESSERACT = """
import pathlib, sys
if sys.argv[1:] == ["--list-langs"]:
    print("List of available languages (2):\\neng\\nosd")
    sys.exit(0)
assert sys.argv[1:] == ["stdin", "stdout", "-l", "eng", "--psm", "3"], sys.argv
assert sys.stdin.buffer.read(8) == bytes.fromhex("89504e470d0a1a0a")
sys.stdout.buffer.write(pathlib.Path(sys.argv[0]).with_name("read.txt").read_bytes() + bytes([12]))
"""


def _program(folder: Path, name: str, code: str) -> str:
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{code}")
    path.chmod(0o755)
    return str(path)


def scan(text: str) -> bytes:
    """A PDF that shows a text and holds none: a picture of each page."""
    document = pypdfium2.PdfDocument(pdf(text))
    pictures = [page.render(scale=200 / 72, grayscale=True).to_pil() for page in document]
    document.close()
    file = io.BytesIO()
    pictures[0].save(file, "PDF", resolution=200, save_all=True, append_images=pictures[1:])
    return file.getvalue()


def test_the_old_word_format_is_converted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made.docx").write_bytes(docx(paragraphs(CV)))
    program = _program(tmp_path, "soffice", SOFFICE)
    monkeypatch.setattr(helpers, "libreoffice", lambda: program)
    result = parse_here(DOC, "cv.doc")
    assert result.outcome is Outcome.PARSED and result.kind == "docx" and result.draft is not None
    assert result.draft.profile()["basics"]["name"] == "Maria Lindqvist"


def test_without_a_converter_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helpers, "libreoffice", lambda: None)
    assert parse_here(DOC, "cv.doc").outcome is Outcome.NEEDS_CONVERTER


@pytest.mark.parametrize(("code", "outcome"), [("import sys; sys.exit(3)", Outcome.BROKEN), ("", Outcome.BROKEN)])
def test_what_can_t_be_converted_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, outcome: Outcome
) -> None:
    program = _program(tmp_path, "soffice", code)
    monkeypatch.setattr(helpers, "libreoffice", lambda: program)
    assert parse_here(DOC, "cv.doc").outcome is outcome


def test_a_program_that_takes_too_long_is_ended_with_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "pid"
    code = f"""
import pathlib, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path({str(note)!r}).write_text(str(child.pid))
child.wait()
"""
    program = _program(tmp_path, "soffice", code)
    monkeypatch.setattr(helpers, "libreoffice", lambda: program)
    assert parse_here(DOC, "cv.doc", Limits(seconds=3)).outcome is Outcome.TOO_SLOW
    assert _gone(int(note.read_text()))


def _gone(pid: int) -> bool:
    for _ in range(200):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_a_worker_that_is_ended_takes_its_programs_with_it(tmp_path: Path) -> None:
    from shared_backend.data_management.worker.process import WorkerProcess

    worker = WorkerProcess(Limits())
    # Whatever runs in the worker's group, as every program that it starts does.
    group = os.getpgid(worker._process.pid)
    assert group == worker._process.pid != os.getpgid(0)
    worker.close()
    assert _gone(group)


def test_a_scan_is_read_through_its_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "read.txt").write_text(CV, encoding="utf-8")
    program = _program(tmp_path, "tesseract", TESSERACT)
    monkeypatch.setattr(helpers, "tesseract", lambda: program)
    _is_the_cv(parse_here(scan(CV), "scan.pdf"))


def test_without_tesseract_a_scan_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helpers, "tesseract", lambda: None)
    assert parse_here(scan(CV), "scan.pdf").outcome is Outcome.SCANNED


def test_tesseract_itself_reads_a_scan_in_the_worker() -> None:
    if helpers.tesseract() is None:
        missing("tesseract is not installed: install tesseract-ocr.")
    with CompleteDataParser(limits=Limits(seconds=120)) as parser:
        _is_the_cv(parser.parse(scan(CV.replace("•", "-")), "scan.pdf"))


def _is_the_cv(result: ParseResult) -> None:
    assert result.outcome is Outcome.PARSED and result.draft is not None
    assert "recognised from the picture" in result.notes[0]
    profile = result.draft.profile()
    assert profile["basics"]["name"] == "Maria Lindqvist"
    assert profile["basics"]["email"] == "maria.lindqvist@example.org"
    assert [(job["position"], job["startDate"]) for job in profile["work"]] == [
        ("Senior Data Engineer", "2019-05"), ("Data Analyst", "2015"),
    ]  # fmt: skip
    assert all("read_from_picture" in one.flags and one.confidence <= 0.7 for _, one in result.draft.values())
