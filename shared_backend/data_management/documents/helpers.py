"""Programs that are used where they are installed: tesseract for pictures of text, LibreOffice for old Word files."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from shared_backend.data_management.documents.document import Document, Page
from shared_backend.data_management.documents.errors import Outcome, UnreadableDocument
from shared_backend.data_management.documents.limits import Limits
from shared_backend.data_management.documents.pdf import LOCK, opened
from shared_backend.data_management.documents.plain import lines_of

SEARCH = os.pathsep.join(
    ("/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin", "/Applications/LibreOffice.app/Contents/MacOS")
)
# Sharp enough for 9 point text.
_DOTS_PER_INCH = 200
# Of a document that is converted, no macro is run, and no picture or page that it refers to is fetched: LibreOffice
# does both by itself where its profile does not forbid it, and what it starts is beyond the worker's own guards.
_FORBIDDEN = ("DisableMacrosExecution", "BlockUntrustedRefererLinks")
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">{}</oor:items>
"""
_ITEM = (
    '<item oor:path="/org.openoffice.Office.Common/Security/Scripting">'
    '<prop oor:name="{}" oor:op="fuse"><value>true</value></prop></item>'
)
_LANGUAGES = ("eng", "deu", "fra", "spa", "por")


def tesseract() -> str | None:
    """Where it is; None where it is not installed."""
    return shutil.which("tesseract", path=SEARCH)


def libreoffice() -> str | None:
    """Where it is; None where it is not installed."""
    return shutil.which("soffice", path=SEARCH) or shutil.which("libreoffice", path=SEARCH)


def recognised(content: bytes, limits: Limits) -> Document:
    """The text of a scanned PDF. Raises UnreadableDocument: scanned, where tesseract is not there or reads nothing."""
    program = tesseract()
    if program is None:
        raise UnreadableDocument(Outcome.SCANNED)
    document = Document("pdf", ocr=True)
    languages = _installed(program)
    with LOCK:
        file = opened(content)
        pictures = []
        sizes = []
        for number in range(min(len(file), limits.ocr_pages)):
            page = file[number]
            buffer = io.BytesIO()
            page.render(scale=_DOTS_PER_INCH / 72, grayscale=True).to_pil().save(buffer, "PNG")
            pictures.append(buffer.getvalue())
            sizes.append(page.get_size())
        count = len(file)
        file.close()
    for number, (picture, (width, height)) in enumerate(zip(pictures, sizes, strict=True), 1):
        done = _run([program, "stdin", "stdout", "-l", "+".join(languages), "--psm", "3"], limits, picture)
        text = done.decode("utf-8", errors="replace").replace("\f", "").rstrip()
        document.pages.append(Page(number, text, lines_of(text, number), width, height))
    if not any(page.text.strip() for page in document.pages):
        raise UnreadableDocument(Outcome.SCANNED)
    document.notes.append("This is a scan. Its text was recognised from the picture and may hold errors.")
    if count > limits.ocr_pages:
        document.notes.append(f"Only the first {limits.ocr_pages} of {count} pages were recognised.")
    return document


def _installed(program: str) -> list[str]:
    done = subprocess.run(
        [program, "--list-langs"], stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False
    )
    there = done.stdout.decode("utf-8", errors="replace").split()
    return [one for one in _LANGUAGES if one in there] or ["eng"]


def converted(content: bytes, limits: Limits) -> bytes:
    """A .doc as DOCX. Raises UnreadableDocument: needs_converter without LibreOffice, broken where it can't."""
    program = libreoffice()
    if program is None:
        raise UnreadableDocument(Outcome.NEEDS_CONVERTER)
    with tempfile.TemporaryDirectory(prefix="intellicv-doc-") as folder:
        source = Path(folder, "document.doc")
        source.write_bytes(content)
        profile = Path(folder, "profile", "user", "registrymodifications.xcu")
        profile.parent.mkdir(parents=True)
        profile.write_text(_PROFILE.format("".join(map(_ITEM.format, _FORBIDDEN))), encoding="utf-8")
        _run(
            [
                program, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore", "--nolockcheck",
                "--convert-to", "docx", "--outdir", folder, str(source),
            ],
            limits,
        )  # fmt: skip
        made = Path(folder, "document.docx")
        if not made.exists():
            raise UnreadableDocument(Outcome.BROKEN)
        return made.read_bytes()


def _run(command: list[str], limits: Limits, given: bytes | None = None) -> bytes:
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        told, _ = process.communicate(given, timeout=limits.seconds)
    except subprocess.TimeoutExpired:
        _end(process)
        raise UnreadableDocument(Outcome.TOO_SLOW) from None
    if process.returncode:
        raise UnreadableDocument(Outcome.BROKEN)
    return told


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends it with all that it has started: LibreOffice's program is a starter of another one."""
    import psutil  # type: ignore[import-untyped]

    with contextlib.suppress(psutil.NoSuchProcess):
        for one in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
    process.kill()
    process.communicate()
