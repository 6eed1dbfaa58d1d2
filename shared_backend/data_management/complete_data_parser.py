"""CompleteDataParser: a document in, a draft of a profile with its evidence out, in a process that can be lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import TracebackType

from shared_backend.data_management.documents.errors import Outcome
from shared_backend.data_management.documents.limits import Limits
from shared_backend.data_management.extraction.skill_links import SkillLinker, link_skills
from shared_backend.data_management.parse_result import ParseResult
from shared_backend.data_management.worker.pool import WorkerPool


class CompleteDataParser:
    """Parses CVs. One instance a process, shared by its threads; `close()` it, or use it in a `with`.

    `workers` documents are read at the same time. `linker` gives what ties skills to ESCO and O*NET, and is asked for
    each document, so that it may follow a switch of datasets; without one skills stay words. Linking is done in this
    process: the taxonomies need not be in every worker, and only words of the draft are looked up.
    """

    def __init__(
        self, *, workers: int = 1, limits: Limits | None = None, linker: Callable[[], SkillLinker] | None = None
    ) -> None:
        self._pool = WorkerPool(workers, limits)
        self._workers = max(1, workers)
        self._linker = linker

    @property
    def limits(self) -> Limits:
        """How much of a file is read at most."""
        return self._pool.limits

    @property
    def peak_rss_mb(self) -> float:
        """The most memory that a worker was seen to hold after a document, in MB."""
        return self._pool.peak_rss_mb

    def warm(self) -> None:
        """Starts a worker ahead of the first document; that takes about a second."""
        self._pool.warm()

    def parse(self, document: bytes | Path, name: str = "", *, as_of: date | None = None) -> ParseResult:
        """The result, whatever the document is; it raises for nothing that a document does.

        `as_of` ends what "goes on" for the sum of experience; without it the newest date of the document does.
        """
        if isinstance(document, Path):
            name = name or document.name
            try:
                # One more than is read, so that a file too large is told without being held.
                with document.open("rb") as file:
                    content = file.read(self.limits.file_bytes + 1)
            except OSError as error:
                return ParseResult.failed(Outcome.BROKEN, f"it can't be opened: {error.strerror}", name=name)
        else:
            content = document
        result = self._pool.parse(content, name, as_of.isoformat() if as_of else None)
        if result.draft is not None and self._linker is not None:
            link_skills(result.draft, self._linker(), as_of)
        return result if result.name else replace(result, name=name)

    def parse_many(self, documents: Iterable[Path]) -> Iterator[ParseResult]:
        """The results in the order of the files, as many at a time as there are workers."""
        with ThreadPoolExecutor(self._workers, thread_name_prefix="parse") as threads:
            waiting: list[Future[ParseResult]] = []
            for document in documents:
                waiting.append(threads.submit(self.parse, document))
                if len(waiting) > 2 * self._workers:
                    yield waiting.pop(0).result()
            for one in waiting:
                yield one.result()

    def close(self) -> None:
        """Ends the workers."""
        self._pool.close()

    def __enter__(self) -> CompleteDataParser:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()
