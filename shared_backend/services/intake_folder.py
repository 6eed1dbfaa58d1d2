"""Files of an intake on the server: which a folder has, one's bytes, and what is said of a duplicate."""

from __future__ import annotations

import os
import stat
from datetime import datetime
from pathlib import Path
from typing import Final

from shared_backend.data_management import document_store
from shared_backend.data_management.intellicv_data_manager import MOST_BYTES
from shared_backend.utils.exception_handler import InvalidInput

MOST_FILES: Final = 10_000
_SUFFIXES: Final = frozenset(
    {"pdf", "docx", "docm", "doc", "odt", "rtf", "txt", "text", "md", "markdown", "html", "htm", "json"}
)


def duplicate_words(there: document_store.Document) -> str:
    """What is said of a file whose bytes are there already."""
    when: datetime = there.created_at
    whose = "a candidate has" if there.owner_id else "nobody has been given"
    return f"The very same file was taken in on {when:%d %b %Y}; {whose} it."


def read_server_file(root: str, name: str) -> bytes:
    """A file below a folder. Raises InvalidInput where it is none, or leads out of the folder."""
    base = Path(root).resolve()
    try:
        path = (base / name).resolve(strict=True)
        if base not in path.parents:
            raise InvalidInput("The file leads out of the folder.")
        with path.open("rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise InvalidInput("This is no file.")
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InvalidInput("The file can't be read any more.") from error


def files_in(folder: Path) -> list[str]:
    """The CVs in a folder and in those below it, by their path from there. Links to folders are not followed."""
    found = []
    for here, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for name in names:
            path = Path(here, name)
            if name.rpartition(".")[2].casefold() in _SUFFIXES and not name.startswith(".") and path.is_file():
                found.append(path.relative_to(folder).as_posix())
            if len(found) > MOST_FILES:
                return found
    return sorted(found)
