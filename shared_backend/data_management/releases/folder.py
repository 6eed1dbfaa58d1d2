"""The folder of a release as it was published: finds its files, reads them whole, and says what is wrong with them."""

from __future__ import annotations

import csv
import fnmatch
import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from shared_backend.data_management.dataset import ReleaseFile
from shared_backend.data_management.releases.findings import ImportReport, Progress, shown
from shared_backend.utils.exception_handler import InvalidInput

# The largest single file of any of the releases has 4 MB; unpacked spreadsheets have 40.
_LARGEST = 200 * 1024 * 1024

Row = tuple[str, ...]


class ReleaseFolder:
    """One folder, read with a report. Each file that was read is in `files`, with its checksum."""

    def __init__(self, path: Path, report: ImportReport, progress: Progress, *, steps: int = 1) -> None:
        if not path.is_dir():
            raise InvalidInput(f"There is no folder {path}. Give the folder that the release's files are in.")
        self.path = path
        self.report = report
        self.files: list[ReleaseFile] = []
        self.headers: dict[str, list[str]] = {}
        self._progress = progress
        self._steps = steps
        self._done = 0

    def find(self, *patterns: str, required: bool = True) -> Path | None:
        """The first file that fits a pattern, nearest to the folder and first by name. None, and an error in the
        report when it is required, where there is none."""
        for pattern in patterns:
            found = [path for path in self.path.rglob(pattern) if path.is_file()]
            if found:
                return min(found, key=lambda path: (len(path.parts), path.as_posix()))
        if required:
            self.report.error(patterns[0], f"is missing in {self.path}")
        return None

    def find_all(self, pattern: str) -> list[Path]:
        """All files that fit a pattern, by path."""
        return sorted(path for path in self.path.rglob(pattern) if path.is_file())

    def text_rows(
        self, path: Path, columns: Sequence[str], *, delimiter: str = "\t", encoding: str = "utf-8", exact: bool = True
    ) -> list[Row]:
        """The named columns of a file with a header, as text without surrounding white space.

        A row with more or fewer fields than the header is an error, as is a file that ends within a line; `exact=False`
        lets rows be ragged at their end.
        """
        body = self._read(path)
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError as error:
            self.report.error(path.name, f"is not {encoding} text: {error.reason} at byte {error.start:,}")
            return []
        if not text.endswith("\n"):
            self.report.error(path.name, "ends within a line, as if it were half copied")
        quoting: Literal[0, 3] = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True))
        except csv.Error as error:
            self.report.error(path.name, f"can't be read: {error}")
            return []
        picked = self._pick(path, rows, columns, exact=exact)
        self._note(path, body, len(picked))
        return picked

    def sheet_rows(self, path: Path, columns: Sequence[str], *, sheet: str | None = None) -> list[tuple[Any, ...]]:
        """The named columns of a spreadsheet; the header is the first of the first five rows that has them all.

        Values are numbers or text. A column may be given as a pattern, as years and footnotes change from release to
        release; the same pattern twice means two columns. `headers` keeps the columns' real names.
        """
        body = self._read(path)
        rows = self._sheet(path, body, sheet)
        for number, row in enumerate(rows[:5]):
            names = [str(cell).strip() for cell in row]
            chosen = _places(names, columns)
            if chosen is not None:
                self.headers[path.name] = [names[place] for place in chosen]
                picked = [tuple(_cell(row[place]) for place in chosen) for row in rows[number + 1 :] if any(row)]
                self._note(path, body, len(picked))
                return picked
        if rows:
            there = [str(cell).strip() for row in rows[:5] for cell in row]
            lacking = [column for column in columns if not fnmatch.filter(there, column)]
            self.report.error(path.name, f"lacks the columns {shown(lacking)}" if lacking else "lacks its header")
        return []

    def json_value(self, path: Path) -> Any:
        """A file of JSON; None, and an error in the report, where it is none."""
        body = self._read(path)
        try:
            value = json.loads(body)
        except ValueError as error:
            self.report.error(path.name, f"is not JSON, as if it were half copied: {error}")
            return None
        self._note(path, body, len(value) if isinstance(value, list | dict) else 1)
        return value

    def whole(self, path: Path) -> bytes:
        """A file as it is, for who knows its form."""
        body = self._read(path)
        self._note(path, body, 0)
        return body

    def _read(self, path: Path) -> bytes:
        self._progress(min(self._done, self._steps), self._steps, f"reading {path.name}")
        self._done += 1
        try:
            if path.stat().st_size > _LARGEST:
                self.report.error(path.name, f"is larger than {_LARGEST // 2**20} MB")
                return b""
            return path.read_bytes()
        except OSError as error:
            self.report.error(path.name, f"can't be read: {error.strerror or error}")
            return b""

    def _sheet(self, path: Path, body: bytes, sheet: str | None) -> list[list[Any]]:
        # Only who imports a spreadsheet loads the reader of spreadsheets.
        import python_calamine

        try:
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
                    self.report.error(path.name, f"unpacks to more than {_LARGEST // 2**20} MB")
                    return []
                if (bad := archive.testzip()) is not None:
                    self.report.error(path.name, f"is damaged: {bad}")
                    return []
            book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(body))
            name = sheet if sheet is not None else book.sheet_names[0]
            if name not in book.sheet_names:
                self.report.error(path.name, f"has no sheet {name}")
                return []
            return book.get_sheet_by_name(name).to_python()
        except (zipfile.BadZipFile, OSError, EOFError, python_calamine.CalamineError) as error:
            self.report.error(path.name, f"is no spreadsheet, as if it were half copied: {error}")
            return []

    def _pick(self, path: Path, rows: list[list[str]], columns: Sequence[str], *, exact: bool) -> list[Row]:
        header = [name.strip().removeprefix("\ufeff") for name in rows[0]] if rows else []
        lacking = [column for column in columns if column not in header]
        if lacking:
            self.report.error(path.name, f"lacks the columns {shown(lacking)}")
            return []
        places = [header.index(column) for column in columns]
        picked, ragged = [], []
        for number, row in enumerate(rows[1:], start=2):
            if not row:
                continue
            if len(row) != len(header) and exact:
                ragged.append(str(number))
                continue
            picked.append(tuple(row[place].strip() if place < len(row) else "" for place in places))
        if ragged:
            self.report.error(path.name, f"has {len(ragged):,} rows of another width, in line {shown(ragged)}")
        return picked

    def _note(self, path: Path, body: bytes, rows: int) -> None:
        name = path.relative_to(self.path).as_posix() if path.is_relative_to(self.path) else path.name
        if any(file.name == name for file in self.files):
            return
        self.files.append(ReleaseFile(name, hashlib.sha256(body).hexdigest(), len(body), rows))


def _places(names: list[str], columns: Sequence[str]) -> list[int] | None:
    """Where each column is; None unless all are there."""
    places: list[int] = []
    for column in columns:
        fits = (number for number, name in enumerate(names) if fnmatch.fnmatchcase(name, column))
        place = next((number for number in fits if number not in places), None)
        if place is None:
            return None
        places.append(place)
    return places


def _cell(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
