"""AIDataManager: imports official releases, keeps their versions, and says which knowledge is in use."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from shared_backend.data_management import dataset_store
from shared_backend.data_management.comparison import Comparison, compare_datasets
from shared_backend.data_management.dataset import SOURCES, Dataset, Manifest
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.knowledge_file import base_file, read_knowledge, write_knowledge
from shared_backend.data_management.releases import read_release
from shared_backend.data_management.releases.findings import ImportReport, Progress
from shared_backend.data_management.title_aliases import AliasReader
from shared_backend.database.engine import Database
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity import audit
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.utils.cache_manager import CacheManager
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.exception_handler import InvalidInput, NotFound, StateConflict

# (transaction, source, version, action, actor): tells the other processes; called last in the transaction.
Publish = Callable[[UnitOfWork, str, str, str, Actor], None]

SHIPPED = "shipped"
_SHORTEST_ID = 6
# Old knowledge is kept for who is still at work with it; memory is not for history.
_KEPT = 2


@dataclass(frozen=True)
class DatasetVersion:
    """One version that can be used. `imported_at` is None for what the product ships; `size` is in bytes, packed."""

    manifest: Manifest
    shipped: bool
    in_use: bool
    size: int
    report: dict[str, Any]
    imported_at: datetime | None
    imported_by: str


@dataclass(frozen=True)
class ImportOutcome:
    """What an import did. `already`: these contents were there before, so there is no second version of them."""

    version: DatasetVersion
    report: ImportReport
    already: bool


def _tell_nobody(_uow: UnitOfWork, _source: str, _version: str, _action: str, _actor: Actor) -> None:
    """For who has no one to tell."""


class AIDataManager:
    """The datasets of one database, over those that the product ships. Without a database: the shipped ones alone.

    `aliases` are the company's own titles, which go before what the datasets say.
    """

    def __init__(
        self,
        database: Database | None = None,
        *,
        base: Path | None = None,
        publish: Publish = _tell_nobody,
        clock: Clock = utc_now,
    ) -> None:
        self.aliases = AliasReader(database)
        self._database = database
        self._base_file = base or base_file()
        self._publish = publish
        self._clock = clock
        self._lock = threading.Lock()
        self._base: dict[str, Dataset] | None = None
        self._kept: OrderedDict[tuple[str, ...], Knowledge] = OrderedDict()
        self._compared = CacheManager(8)

    # What is in use

    def current(self) -> Knowledge:
        """The knowledge in use now: one read of a few rows, so that a switch in any process is seen at once."""
        base = self._shipped()
        chosen = {source: dataset.manifest.version for source, dataset in base.items()}
        if self._database is not None:
            with self._database.read() as connection:
                uses = dataset_store.uses(connection)
            chosen |= {source: use.version for source, use in uses.items() if use.version is not None}
        key = tuple(sorted(chosen.values()))
        with self._lock:
            if key not in self._kept:
                earlier = {
                    dataset.manifest.version: dataset for kept in self._kept.values() for dataset in kept.datasets()
                }
                opened = {source: earlier.get(version) or self._open(version) for source, version in chosen.items()}
                self._kept[key] = Knowledge(opened)
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]

    # Versions

    def import_release(
        self,
        source: str,
        folder: Path,
        *,
        actor: Actor,
        progress: Progress = lambda _done, _all, _words: None,
        use: bool = True,
        origin: str = "script",
    ) -> ImportOutcome:
        """Reads and checks a release, and stores it and puts it in use in one transaction: whoever reads sees all or
        nothing.

        Raises ReleaseRefused with everything that is wrong; nothing was changed then. PermissionDenied for an actor
        who may not operate the product.
        """
        report = ImportReport()
        dataset = self.read(source, folder, report, actor=actor, progress=progress)
        added = self._writable().run(
            lambda uow: self.store_in(uow, dataset, report, actor=actor, use=use, origin=origin)
        )
        return ImportOutcome(self.version(dataset.manifest.version), report, not added)

    def read(
        self,
        source: str,
        folder: Path,
        report: ImportReport,
        *,
        actor: Actor,
        progress: Progress = lambda _done, _all, _words: None,
    ) -> Dataset:
        """The first half of an import: reads and checks a release, and changes nothing. Raises as `import_release`."""
        actor.require(Permission.OPERATE, "import data")
        self._writable()
        dataset = read_release(source, folder, report, progress)
        self._look_back(dataset, report)
        return dataset

    def store_in(
        self, uow: UnitOfWork, dataset: Dataset, report: ImportReport, *, actor: Actor, use: bool, origin: str
    ) -> bool:
        """The second half, in the caller's transaction and last in it: the version with its tables, and the switch to
        it. False where these contents were there already."""
        actor.require(Permission.OPERATE, "import data")
        now, by = self._clock(), actor.name or actor.id
        dataset_store.lock(uow, dataset.manifest.source, at=now, by=by)
        added = dataset_store.add(uow, dataset, report.as_dict(), at=now, by=by)
        self._finish(uow, dataset.manifest, actor, "import" if added else "use", origin, use=use)
        return added

    def use(self, version: str, *, actor: Actor, source: str | None = None, origin: str = "script") -> DatasetVersion:
        """Puts a version in use: its id or a beginning of it, or `shipped` with `source`. Raises NotFound."""
        actor.require(Permission.OPERATE, "switch between versions of data")
        database = self._writable()
        found = self._shipped_version(source) if version == SHIPPED else self.version(version)
        is_shipped = found.manifest.version in self._shipped_ids()

        def work(uow: UnitOfWork) -> None:
            dataset_store.lock(uow, found.manifest.source, at=self._clock(), by=actor.name or actor.id)
            if not is_shipped and not dataset_store.has(uow.connection, found.manifest.version):
                raise _gone(found.manifest.version)
            self._finish(uow, found.manifest, actor, "use", origin, use=True)

        database.run(work)
        return self.version(found.manifest.version)

    def remove(self, version: str, *, actor: Actor, origin: str = "script") -> DatasetVersion:
        """Removes an imported version for good, by its id or a beginning of it, and answers what it was. What the
        product ships is never removed.

        Raises StateConflict for the version in use, InvalidInput for the shipped one, NotFound and PermissionDenied.
        """
        actor.require(Permission.OPERATE, "remove versions of data")
        database = self._writable()
        found = self.version(version)
        manifest = found.manifest
        if found.shipped:
            raise InvalidInput(
                f"{manifest.version} comes with the product, and stays as long as this release of it does."
            )

        def work(uow: UnitOfWork) -> None:
            used = dataset_store.lock(uow, manifest.source, at=self._clock(), by=actor.name or actor.id)
            if not dataset_store.has(uow.connection, manifest.version):
                raise _gone(manifest.version)
            if used == manifest.version:
                raise StateConflict(f"{manifest.version} is in use. Put another version in use first.")
            dataset_store.remove(uow, manifest.version)
            before = {"version": manifest.version, "vintage": manifest.vintage, "sha256": manifest.sha256}
            self._record(uow, manifest, actor, "remove", origin, before, {})

        database.run(work)
        return found

    def versions(self, source: str | None = None) -> list[DatasetVersion]:
        """All versions there are, by source, the imported ones newest first and the shipped one last."""
        if source is not None and source not in SOURCES:
            raise InvalidInput(f"{source!r} is no source of knowledge. There is {', '.join(SOURCES)}.")
        base = self._shipped()
        imported: list[dataset_store.Imported] = []
        used = {name: dataset.manifest.version for name, dataset in base.items()}
        if self._database is not None:
            with self._database.snapshot() as connection:
                imported = dataset_store.versions(connection)
                uses = dataset_store.uses(connection)
            used |= {name: use.version for name, use in uses.items() if use.version is not None}
        found = [
            DatasetVersion(
                each.manifest,
                False,
                used.get(each.manifest.source) == each.manifest.version,
                each.size,
                dict(each.report),
                each.imported_at,
                each.imported_by,
            )
            for each in imported
        ]
        known = {each.manifest.version for each in found}
        for dataset in base.values():
            manifest = dataset.manifest
            if manifest.version not in known:
                size = sum(len(dataset.packed(name)) for name in dataset.names)
                in_use = used[manifest.source] == manifest.version
                found.append(DatasetVersion(manifest, True, in_use, size, {}, None, ""))
        order = {name: place for place, name in enumerate(SOURCES)}
        found.sort(key=lambda each: (order.get(each.manifest.source, 99), each.shipped))
        return [each for each in found if source in (None, each.manifest.source)]

    def version(self, given: str) -> DatasetVersion:
        """One version, by its id or a beginning of it. Raises NotFound, and InvalidInput where several begin so."""
        every = self.versions()
        fits = [each for each in every if each.manifest.version == given]
        if not fits and len(given) >= _SHORTEST_ID:
            fits = [each for each in every if each.manifest.version.startswith(given)]
        if len(fits) > 1:
            raise InvalidInput(f"More than one version begins with {given!r}. Give more of its id.")
        if not fits:
            raise NotFound(f"There is no version {given!r}. `intellicv knowledge list` shows those there are.")
        return fits[0]

    def dataset(self, version: str) -> Dataset:
        """The tables of a version, in use or not."""
        return self._open(self.version(version).manifest.version)

    def compare(self, before: str, after: str) -> Comparison:
        """What differs between two versions of one source. Raises InvalidInput for two of different sources."""
        first, second = self.version(before).manifest.version, self.version(after).manifest.version
        # What a version holds never changes.
        return self._compared.get((first, second), (), lambda: compare_datasets(self._open(first), self._open(second)))

    def build(self, path: Path) -> int:
        """Writes the knowledge in use to a file, as the product ships it, and answers its size in bytes."""
        return write_knowledge(path, self.current().datasets())

    # Inside

    def _finish(
        self, uow: UnitOfWork, manifest: Manifest, actor: Actor, action: str, origin: str, *, use: bool
    ) -> None:
        now = self._clock()
        by = actor.name or actor.id
        # What is shipped has no row of its own, unless it was imported as well.
        stored = manifest.version if dataset_store.has(uow.connection, manifest.version) else None
        before: str | None = None
        if use:
            before = dataset_store.put_in_use(uow, manifest.source, stored, at=now, by=by)
            if before == stored and action == "use":
                action = "confirm"
        after = {"version": stored or SHIPPED, "vintage": manifest.vintage}
        self._record(uow, manifest, actor, action, origin, {"version": before or SHIPPED} if use else {}, after)

    def _record(
        self,
        uow: UnitOfWork,
        manifest: Manifest,
        actor: Actor,
        action: str,
        origin: str,
        before: dict[str, str],
        after: dict[str, str],
    ) -> None:
        audit.record(
            uow.connection,
            actor=actor,
            source=origin,
            action=f"dataset_{action}",
            subject=("dataset", manifest.source),
            before=before,
            after=after,
            at=self._clock(),
            correlation_id="",
        )
        self._publish(uow, manifest.source, manifest.version, action, actor)

    def _look_back(self, dataset: Dataset, report: ImportReport) -> None:
        """Much less than before is worth a word: the release may be whole and still be the wrong one."""
        current = self.current()
        source = dataset.manifest.source
        if source not in current:
            return
        before = current[source].manifest.counts
        for name, number in dataset.manifest.counts.items():
            if number < 0.9 * before.get(name, 0):
                report.warn(source, f"{number:,} {name}, where the version in use has {before[name]:,}")

    def _shipped(self) -> dict[str, Dataset]:
        with self._lock:
            if self._base is None:
                self._base = read_knowledge(self._base_file) if self._base_file.exists() else {}
            return self._base

    def _shipped_version(self, source: str | None) -> DatasetVersion:
        if source is None:
            raise InvalidInput(f"Say of which source: {', '.join(SOURCES)}.")
        dataset = self._shipped().get(source)
        if dataset is None:
            raise NotFound(f"This release of IntelliCV ships no {source} dataset.")
        return self.version(dataset.manifest.version)

    def _shipped_ids(self) -> set[str]:
        return {dataset.manifest.version for dataset in self._shipped().values()}

    def _open(self, version: str) -> Dataset:
        for dataset in self._shipped_unlocked():
            if dataset.manifest.version == version:
                return dataset
        return dataset_store.open_version(self._writable(), version)

    def _shipped_unlocked(self) -> list[Dataset]:
        return list((self._base or {}).values())

    def _writable(self) -> Database:
        if self._database is None:
            raise InvalidInput("This needs the database: there is none here, only what the product ships.")
        return self._database


def _gone(version: str) -> NotFound:
    return NotFound(f"The version {version} was removed meanwhile.")
