"""Which folder the files are in: known to the database, so that another machine's folder is not taken for it.

Several machines on one database need one folder between them. Where each has its own, what one wrote is simply not
there for the others: "not found" would be a lie, and a deletion would leave the file where it is.
"""

from __future__ import annotations

import uuid
from pathlib import Path

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudError, CloudOtherFolder
from shared_backend.cloud.local.disk import PROVIDER, locked, make_folder, meaningful, replace_whole
from shared_backend.database.engine import Database
from shared_backend.database.tables import CloudIdentityRow
from shared_backend.database.unit_of_work import UnitOfWork

FILE = "folder_id"
# Seconds in which somebody else who makes the file at the same moment is done.
_PATIENCE_S = 10.0
_IDENTITY = CloudIdentityRow.__table__  # type: ignore[attr-defined]
_NAME = CloudIdentityRow.LOCAL_FOLDER


class Home:
    """A folder and the database's word for it. The folder says who it is in a file, which is made once; the database
    notes the first folder that is written to. Nothing is noted of, nor refused to, who only reads what is there."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._file = folder / FILE
        self._database = database
        self._is_known = False

    def claim(self) -> None:
        """Before a write. Looks at the database once a process, and again when the file is gone: a volume that is not
        mounted is another folder. Raises CloudOtherFolder."""
        if self._is_known and self._file.exists():
            return
        known = self._known()
        if known is None:
            known = self._note(self._here() or self._made())
        self._settle(known)

    def check(self) -> None:
        """Before what is here is read or deleted: in another folder it may be an earlier state. Looks at the database
        only until the folder is known to be the one. Raises CloudOtherFolder."""
        if not (self._is_known and self._file.exists()):
            self.require()

    def require(self) -> None:
        """Before anybody is told that there is nothing. Raises CloudOtherFolder where that can't be said here."""
        known = self._known()
        if known is not None:
            self._settle(known)

    def problem(self) -> str | None:
        """What is wrong with the folder, in words; None: it is the one, or none was written to so far."""
        try:
            with meaningful(self._folder):
                self.require()
        except CloudError as error:
            return str(error)
        return None

    def adopt(self) -> None:
        """From now on this is the folder, by an operator's hand: what is in the other one is given up. Raises
        CloudError where it can't be used."""
        with meaningful(self._folder):
            here = self._here() or self._made()

        def work(uow: UnitOfWork) -> None:
            uow.connection.execute(delete(_IDENTITY).where(_IDENTITY.c.name == _NAME))
            uow.connection.execute(insert(_IDENTITY), {"name": _NAME, "value": here})

        self._database.run(work)

    def _settle(self, known: str) -> None:
        self._is_known = known == self._here()
        if not self._is_known:
            raise CloudOtherFolder(
                f"{self._folder} is not the folder that the database knows: what is missing in it may be in that of "
                "another machine, or on a disk that is not mounted. Give all machines one folder "
                "(INTELLICV_LOCAL_FOLDER). If the other one is gone for good, make this one the folder: intellicv "
                "cloud adopt-folder.",
                provider=PROVIDER,
            )

    def _here(self) -> str | None:
        try:
            return self._file.read_text(encoding="ascii", errors="replace").strip()[:64]
        except FileNotFoundError:
            return None

    def _made(self) -> str:
        make_folder(self._folder)
        with locked(self._folder, FILE, Deadline(_PATIENCE_S)):
            # Where somebody else was first, it is the same for both of us from here on.
            if (here := self._here()) is not None:
                return here
            made = uuid.uuid4().hex
            replace_whole(self._file, made.encode())
        return made

    def _known(self) -> str | None:
        with self._database.read() as connection:
            found: str | None = connection.execute(select(_IDENTITY.c.value).where(_IDENTITY.c.name == _NAME)).scalar()
            return found

    def _note(self, here: str) -> str:
        try:
            self._database.run(lambda uow: uow.connection.execute(insert(_IDENTITY), {"name": _NAME, "value": here}))
        except IntegrityError:
            return self._known() or here
        return here
