"""Secrets of a route: written on the primary or not at all, read where their newest version is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import SecretStr

from shared_backend.cloud import secret_places, serving
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import Capability, SecretInfo, SecretVersion
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudError, CloudNotFound, CloudUnavailable
from shared_backend.cloud.local.disk import PROVIDER as HERE
from shared_backend.cloud.names import check_secret_name, check_secret_value
from shared_backend.cloud.outcome import Outcome
from shared_backend.cloud.secret_copies import Copy, KeptCopy, SecretCopies
from shared_backend.cloud.secret_places import KnownSecret, State
from shared_backend.database.engine import Database
from shared_backend.utils.clock import Clock, utc_now


class SecretService:
    """Reads and writes secrets by the primary that the caller names on each call. There is no failover: an older value
    on another provider would pass for the newest. While a provider can't be asked, a copy of this machine's may be
    answered, which says that it is stale."""

    def __init__(
        self, caller: Caller, database: Database, *, copies: SecretCopies | None = None, clock: Clock = utc_now
    ) -> None:
        self._caller = caller
        self._database = database
        self._copies = copies
        self._clock = clock

    def get(self, primary: str, name: str, *, version: str | None, deadline: Deadline) -> Outcome[SecretVersion]:
        """The newest version, or that one. `stale` when its provider could not be asked."""
        check_secret_name(name)
        rows = self._look(name)
        where = self._where(rows, primary, name)

        def read(store: Any, within: Deadline) -> SecretVersion:
            found: SecretVersion = store.get(name, version=version, deadline=within)
            return found

        try:
            outcome = self._first(where, primary, name, read, deadline)
        except CloudNotFound:
            self._drop_copy(name)
            raise
        except CloudError as error:
            copy = self._copy(name, version, where[0], rows) if error.may_fail_over else None
            if copy is None:
                raise
            note = f"{where[0]} can't be asked ({error}): this copy of it is {_age(copy.age_s)} old"
            return Outcome(
                copy.found,
                where[0],
                degraded=True,
                attempts=error.attempts,
                elapsed_ms=deadline.elapsed_ms,
                notes=(note,),
            )
        if version is None:
            self._seen(rows.get(outcome.provider), outcome)
        return outcome

    def set(self, primary: str, name: str, value: SecretStr, *, deadline: Deadline) -> Outcome[SecretInfo]:
        """Writes a new version, on the primary or not at all."""
        check_secret_name(name)
        check_secret_value(value)
        info: SecretInfo
        with _Change(self, primary, name) as change:
            info, attempts = self._caller.on_one(
                primary, Capability.SECRETS, lambda s, d: s.set(name, value, deadline=d), deadline, retry=False
            )
            change.done("known", info.version)
        return Outcome(info, primary, durable_at=(primary,), attempts=attempts, elapsed_ms=deadline.elapsed_ms)

    def list(self, primary: str, *, deadline: Deadline) -> Outcome[Sequence[SecretInfo]]:
        """The newest version of each, without values: the primary's, and what only those have who served before."""
        with self._database.read() as connection:
            known = secret_places.look_at_all(connection)
            formers = [name for name in _history(connection).formers if name != primary]
        listed: dict[str, dict[str, SecretInfo]] = {}
        notes: list[str] = []
        attempts = 0
        for name in (primary, *formers):
            try:
                found, tries = self._caller.on_one(name, Capability.SECRETS, lambda s, d: s.list(deadline=d), deadline)
            except CloudError as error:
                if name == primary:
                    raise
                notes.append(f"{name}, which served before, can't be asked: {error}")
                continue
            attempts += tries
            for info in found:
                listed.setdefault(info.name, {})[name] = info
        shown = []
        for name in sorted(listed):
            there = _shown(listed[name], known.get(name, {}), primary, formers)
            if there is not None:
                shown.append(there)
        return Outcome(
            tuple(shown),
            primary,
            degraded=bool(notes),
            durable_at=(primary,),
            attempts=attempts,
            elapsed_ms=deadline.elapsed_ms,
            notes=tuple(notes),
        )

    def versions(self, primary: str, name: str, *, deadline: Deadline) -> Outcome[Sequence[SecretInfo]]:
        """All versions, newest first, of the provider that has the newest."""
        check_secret_name(name)
        where = self._where(self._look(name), primary, name)
        return self._first(where, primary, name, lambda s, d: s.versions(name, deadline=d), deadline)

    def copies(self) -> Sequence[KeptCopy]:
        """The copies of this machine that may stand in while their provider is away, by name."""
        return self._copies.all() if self._copies is not None else ()

    def delete(self, primary: str, name: str, *, deadline: Deadline) -> Outcome[None]:
        """Removes all versions, on the primary and wherever they are from earlier. Raises CloudError, and has changed
        nothing, where it could not be removed from the primary."""
        check_secret_name(name)
        rows = self._look(name)
        where = self._where(rows, primary, name)
        notes: list[str] = []
        gone: list[str] = []
        attempts = removed = 0
        with _Change(self, primary, name) as change:
            # The primary first: once the newest value elsewhere were gone, an earlier one there would be what is read.
            for provider in dict.fromkeys((primary, *where, *(row for row in rows), *self._formers(primary))):
                try:
                    _, tries = self._caller.on_one(
                        provider, Capability.SECRETS, lambda s, d: s.delete(name, deadline=d), deadline, retry=False
                    )
                    removed, attempts = removed + 1, attempts + tries
                except CloudNotFound:
                    pass
                except CloudError as error:
                    if not removed or provider == primary:
                        raise
                    notes.append(f"{provider} still holds an earlier value, which nothing reads any more: {error}")
                    continue
                gone.append(provider)
            change.done("deleted", "", gone=gone)
        if not removed:
            raise CloudNotFound("There is no secret by that name.", provider=primary)
        return Outcome(
            None,
            primary,
            durable_at=(primary,),
            attempts=attempts,
            elapsed_ms=deadline.elapsed_ms,
            notes=tuple(notes),
        )

    def _where(self, rows: Mapping[str, KnownSecret], primary: str, name: str) -> tuple[str, ...]:
        """Whom to ask, in order; more than one only while it is not known who has it."""
        newest = secret_places.newest(rows, primary)
        if newest is None:
            return (primary, *self._formers(primary))
        if newest.state == "changing":
            # A write is under way, or nobody knows whether it happened: if not, what was before is still the newest.
            before = secret_places.newest({p: row for p, row in rows.items() if row is not newest}, primary)
            others = (before.provider,) if before and before.state != "deleted" else self._formers(primary)
            return tuple(dict.fromkeys((newest.provider, *others)))
        if newest.provider == primary:
            return (primary,)
        if newest.state == "deleted":
            raise CloudNotFound("There is no secret by that name.", provider=primary)
        return (newest.provider,)

    def _first(
        self,
        where: tuple[str, ...],
        primary: str,
        name: str,
        call: Callable[[Any, Deadline], Any],
        deadline: Deadline,
    ) -> Outcome[Any]:
        for provider in where:
            try:
                value, attempts = self._caller.on_one(provider, Capability.SECRETS, call, deadline)
            except CloudNotFound:
                continue
            except CloudError as error:
                if provider == where[0]:
                    raise
                raise CloudUnavailable(
                    f"{name} is not on {primary}, and {provider}, which served before, can't be asked: {error}",
                    provider=provider,
                ) from error
            elsewhere = provider != primary
            note = (f"{primary} does not have it: it is on {provider} and has yet to be carried over",)
            return Outcome(
                value,
                provider,
                degraded=elsewhere,
                durable_at=(provider,),
                attempts=attempts,
                elapsed_ms=deadline.elapsed_ms,
                notes=note if elsewhere else (),
            )
        raise CloudNotFound("There is no secret by that name.", provider=primary)

    def _seen(self, row: KnownSecret | None, outcome: Outcome[SecretVersion]) -> None:
        """Keeps a copy, and notes where what we knew of it is no longer so: it was changed without us."""
        info = outcome.value.info
        if self._copies is not None and outcome.provider != HERE:
            self._copies.keep(outcome.provider, outcome.value)
        if row is not None and (row.state, row.version) != ("known", info.version[:200]):
            self._note(outcome.provider, info.name, info.version, "known", row.generation)

    def _copy(self, name: str, version: str | None, provider: str, rows: Mapping[str, KnownSecret]) -> Copy | None:
        """A copy that nothing speaks against: not another provider's, no older version than one that we know of, not
        of what we deleted or are changing."""
        found = self._copies.find(name) if self._copies is not None else None
        if found is None or found.provider != provider:
            return None
        info = found.found.info
        if version is not None and version != info.version:
            return None
        row = rows.get(provider)
        known = row is None or (row.state == "known" and row.version == info.version[:200])
        return found if known else None

    def _drop_copy(self, name: str) -> None:
        if self._copies is not None:
            self._copies.drop(name)

    def _look(self, name: str) -> Mapping[str, KnownSecret]:
        with self._database.read() as connection:
            return secret_places.look(connection, name)

    def _formers(self, primary: str) -> tuple[str, ...]:
        with self._database.read() as connection:
            return tuple(name for name in _history(connection).formers if name != primary)

    def _note(self, provider: str, name: str, version: str, state: State, generation: int) -> None:
        now = self._clock()
        self._database.run(
            lambda uow: secret_places.note(
                uow.connection, provider, name, version, state, generation=generation, at=now
            )
        )


class _Change:
    """A write of a secret: before it begins, no copy is trusted any more, in any process; after it, what is known."""

    def __init__(self, service: SecretService, primary: str, name: str) -> None:
        self._service = service
        self._primary = primary
        self._name = name
        self._before: KnownSecret | None = None
        self._generation = 0
        self._is_done = False

    def __enter__(self) -> _Change:
        service, now = self._service, self._service._clock()

        def begin(uow: Any) -> None:
            self._before = secret_places.look(uow.connection, self._name).get(self._primary)
            self._generation = serving.begin(uow.connection, Capability.SECRETS, self._primary, at=now)
            # The version before stays known: should the write not have happened, it is still the newest.
            version, at = self._before.version if self._before else "", {"generation": self._generation, "at": now}
            secret_places.note(uow.connection, self._primary, self._name, version, "changing", **at)  # type: ignore[arg-type]

        service._database.run(begin)
        service._drop_copy(self._name)
        return self

    def done(self, state: State, version: str, *, gone: Sequence[str] = ()) -> None:
        """It happened. `gone`: who has nothing of it any more."""

        def work(uow: Any) -> None:
            at, generation = self._service._clock(), self._generation
            for provider in gone:
                if provider != self._primary:
                    secret_places.forget(uow.connection, provider, self._name)
            secret_places.note(uow.connection, self._primary, self._name, version, state, generation=generation, at=at)

        self._service._database.run(work)
        self._service._drop_copy(self._name)
        self._is_done = True

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        """It did not happen, for certain: what was known before is so still. Else nobody knows, and it stays so."""
        if self._is_done or not isinstance(error, CloudError) or error.ambiguous:
            return
        before, service = self._before, self._service

        def undo(uow: Any) -> None:
            secret_places.forget(uow.connection, self._primary, self._name)
            if before is not None:
                secret_places.note(
                    uow.connection,
                    self._primary,
                    self._name,
                    before.version,
                    before.state,
                    generation=before.generation,
                    at=service._clock(),
                )

        service._database.run(undo)


def _history(connection: Any) -> serving.Serving:
    return serving.history(connection, Capability.SECRETS)


def _shown(
    listed: Mapping[str, SecretInfo], known: Mapping[str, KnownSecret], primary: str, formers: Sequence[str]
) -> SecretInfo | None:
    """As `get` would find it."""
    newest = secret_places.newest(known, primary)
    if newest is None:
        return next(listed[name] for name in (primary, *formers) if name in listed)
    if newest.state == "deleted" and newest.provider != primary:
        return None
    return listed.get(newest.provider)


def _age(seconds: float) -> str:
    minutes = seconds / 60
    return f"{seconds:.0f} s" if minutes < 2 else f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"
