"""Vectors of subjects, each in its space. A question is answered within one space only: between two models, distances
mean nothing."""

from __future__ import annotations

import base64
import hashlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from shared_backend.cloud.contract import Vectors
from shared_backend.cloud.errors import CloudInvalid
from shared_backend.database.engine import Database
from shared_backend.database.tables import CloudVectorRow
from shared_backend.utils.clock import Clock, utc_now

_ROWS = CloudVectorRow.__table__  # type: ignore[attr-defined]
_CHUNK = 2_000


@dataclass(frozen=True)
class Near:
    """A subject and how near it is: the cosine, -1 to 1."""

    subject: str
    score: float


class VectorStore:
    """One vector a subject and space. `kind` says what the subjects are: user_profile, job_title, …"""

    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def put(self, kind: str, texts: Mapping[str, str], found: Vectors) -> None:
        """Keeps the vectors of texts by subject, in the order in which they were embedded. Raises CloudInvalid for
        vectors that are not of the space they name."""
        if len(texts) != len(found.vectors) or any(len(vector) != found.dimension for vector in found.vectors):
            raise CloudInvalid(f"These vectors are not one for each text with {found.dimension} numbers.")
        now = self._clock()
        rows = [
            {
                "space": found.space,
                "kind": kind,
                "subject": subject,
                "text_sha256": digest(text),
                "vector": _packed(vector),
                "made_at": now,
            }
            for (subject, text), vector in zip(texts.items(), found.vectors, strict=True)
        ]
        if rows:
            self._database.run(lambda uow: uow.connection.execute(self._upsert(), rows))

    def up_to_date(self, kind: str, space: str, texts: Mapping[str, str]) -> set[str]:
        """The subjects whose vector in a space is of that very text."""
        found: set[str] = set()
        subjects = list(texts)
        with self._database.read() as connection:
            for start in range(0, len(subjects), 500):
                some = subjects[start : start + 500]
                query = select(_ROWS.c.subject, _ROWS.c.text_sha256).where(_ROWS.c.space == space)
                query = query.where(_ROWS.c.kind == kind, _ROWS.c.subject.in_(some))
                found |= {
                    row.subject for row in connection.execute(query) if row.text_sha256 == digest(texts[row.subject])
                }
        return found

    def nearest(self, kind: str, space: str, vector: Sequence[float], *, limit: int = 10) -> list[Near]:
        """The nearest subjects to a vector of `space`, best first. Raises CloudInvalid for one of another dimension."""
        import numpy as np

        wanted = np.asarray(vector, dtype="<f4")
        length = float(np.linalg.norm(wanted))
        if not np.isfinite(length) or length == 0.0:
            return []
        best: list[Near] = []
        query = select(_ROWS.c.subject, _ROWS.c.vector).where(_ROWS.c.space == space, _ROWS.c.kind == kind)
        with self._database.snapshot() as connection:
            rows = connection.execution_options(yield_per=_CHUNK).execute(query)
            for chunk in rows.partitions(_CHUNK):
                held = [np.frombuffer(base64.b64decode(row.vector), dtype="<f4") for row in chunk]
                if any(each.shape != wanted.shape for each in held):
                    raise CloudInvalid(f"The vectors of {space} have {len(held[0])} numbers, this one {len(wanted)}.")
                matrix = np.stack(held)
                lengths = np.linalg.norm(matrix, axis=1)
                scores = matrix @ wanted / np.where(lengths == 0, 1, lengths) / length
                best += [Near(row.subject, float(score)) for row, score in zip(chunk, scores, strict=True)]
                best = sorted(best, key=lambda near: (-near.score, near.subject))[:limit]
        return best

    def spaces(self, kind: str) -> dict[str, int]:
        """How many subjects of a kind have a vector, by space."""
        query = select(_ROWS.c.space, func.count()).where(_ROWS.c.kind == kind).group_by(_ROWS.c.space)
        with self._database.read() as connection:
            return {space: count for space, count in connection.execute(query)}

    def subjects(self, kind: str, space: str) -> set[str]:
        """Who has a vector in a space."""
        query = select(_ROWS.c.subject).where(_ROWS.c.space == space, _ROWS.c.kind == kind)
        with self._database.read() as connection:
            return set(connection.execute(query).scalars())

    def forget(self, kind: str, subjects: Sequence[str]) -> int:
        """Removes the vectors of subjects in all spaces; answers how many."""
        there = (_ROWS.c.kind == kind) & _ROWS.c.subject.in_(list(subjects))
        return self._database.run(lambda uow: int(uow.connection.execute(delete(_ROWS).where(there)).rowcount))

    def forget_space(self, kind: str, space: str) -> int:
        """Removes all vectors of a space; answers how many."""
        there = (_ROWS.c.kind == kind) & (_ROWS.c.space == space)
        return self._database.run(lambda uow: int(uow.connection.execute(delete(_ROWS).where(there)).rowcount))

    def _upsert(self) -> Any:
        insert = (sqlite if self._database.dialect == "sqlite" else postgresql).insert(_ROWS)
        changed = {name: insert.excluded[name] for name in ("text_sha256", "vector", "made_at")}
        return insert.on_conflict_do_update(index_elements=["space", "kind", "subject"], set_=changed)


def digest(text: str) -> str:
    """By which a text is known again."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _packed(vector: Sequence[float]) -> str:
    import sys

    numbers = array("f", vector)
    if sys.byteorder == "big":
        numbers.byteswap()
    return base64.b64encode(numbers.tobytes()).decode()
