"""Carrying secrets from one provider to another: their newest values; none is ever logged, shown or kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shared_backend.cloud import secret_places, serving
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.carry_over import Carried
from shared_backend.cloud.contract import Capability, SecretInfo, SecretVersion
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.difference import Difference, Standing
from shared_backend.cloud.errors import CloudError
from shared_backend.cloud.secret_places import KnownSecret
from shared_backend.database.engine import Database
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.utils.clock import Clock, utc_now

_LIST_S = 30.0
_ONE_S = 20.0


class SecretCarryOver:
    """Copies the newest version of each secret that the target lacks."""

    def __init__(self, caller: Caller, database: Database, *, clock: Clock = utc_now) -> None:
        self._caller = caller
        self._database = database
        self._clock = clock

    def summary(self, source: str, target: str) -> Difference:
        """The difference in figures. Raises CloudError."""
        found = self._standings(source, target)
        missing = [name for name, standing in found.items() if standing in ("missing", "older")]
        return Difference(
            str(Capability.SECRETS),
            source,
            target,
            objects=len(missing),
            differing=sum(standing == "differs" for standing in found.values()),
            same=sum(standing == "same" for standing in found.values()),
            examples=tuple(missing[:10]),
        )

    def run(
        self,
        source: str,
        target: str,
        *,
        on_progress: Callable[[Carried], None] = lambda _carried: None,
        keep_going: Callable[[], bool] = lambda: True,
    ) -> Carried:
        """Carries them; `complete` when the source has none alone any more. Raises CloudError where one of them can't
        be listed."""
        carried = Carried()
        with self._database.read() as connection:
            served = serving.history(connection, Capability.SECRETS)
        for name, standing in self._standings(source, target).items():
            if not keep_going():
                return carried
            carried.looked_at += 1
            carried.path = name
            if standing in ("missing", "older"):
                try:
                    carried.copied += self._carry(source, target, name)
                except CloudError as error:
                    carried.failed += 1
                    carried.last_error = f"{name}: {error}"
            on_progress(carried)
        if not carried.failed:
            carried.complete = True
            now = self._clock()
            self._database.run(
                lambda uow: serving.carried(uow.connection, Capability.SECRETS, source, up_to=served.generation, at=now)
            )
        return carried

    def _standings(self, source: str, target: str) -> dict[str, Standing]:
        mine, theirs = self._list(source), self._list(target)
        with self._database.read() as connection:
            known = secret_places.look_at_all(connection)
        return {name: _standing(known.get(name, {}), source, target, name in theirs) for name in sorted(mine)}

    def _list(self, provider: str) -> dict[str, SecretInfo]:
        found, _ = self._caller.on_one(provider, Capability.SECRETS, lambda s, d: s.list(deadline=d), Deadline(_LIST_S))
        return {info.name: info for info in found}

    def _carry(self, source: str, target: str, name: str) -> bool:
        """Copies one; False when it was written or deleted meanwhile, which counts and not our copy."""
        deadline = Deadline(_ONE_S)
        before = self._expect(source, name)
        value = self._get(source, name, None, deadline)
        if not self._is_still(source, target, name, before):
            return False
        made, _ = self._caller.on_one(
            target, Capability.SECRETS, lambda s, d: s.set(name, value.value, deadline=d), deadline, retry=False
        )

        def note(uow: UnitOfWork) -> bool:
            newest = secret_places.newest(secret_places.look(uow.connection, name), source)
            if newest != before:
                return False
            secret_places.note(
                uow.connection, target, name, made.version, "known", generation=before.generation, at=self._clock()
            )
            return True

        if self._database.run(note):
            return True
        self._make_way(target, name, made, deadline)
        return False

    def _make_way(self, target: str, name: str, made: SecretInfo, deadline: Deadline) -> None:
        """Somebody wrote or deleted it on the target while we did: theirs is to be the newest."""
        with self._database.read() as connection:
            row = secret_places.look(connection, name).get(target)
        if row is None or row.state == "changing":
            return
        if row.state == "deleted":
            self._caller.on_one(
                target, Capability.SECRETS, lambda s, d: s.delete(name, deadline=d), deadline, retry=False
            )
            return
        newest = self._get(target, name, None, deadline)
        if newest.info.version == made.version and row.version != made.version:
            theirs = self._get(target, name, row.version, deadline)
            again, _ = self._caller.on_one(
                target, Capability.SECRETS, lambda s, d: s.set(name, theirs.value, deadline=d), deadline, retry=False
            )
            self._database.run(
                lambda uow: secret_places.note(
                    uow.connection, target, name, again.version, "known", generation=row.generation, at=self._clock()
                )
            )

    def _expect(self, source: str, name: str) -> KnownSecret:
        """Notes the source's before anything is copied, so that a write from now on leaves its trace."""

        def work(uow: UnitOfWork) -> KnownSecret:
            known = secret_places.look(uow.connection, name).get(source)
            if known is None:
                term = max(1, serving.newest_term(uow.connection, Capability.SECRETS, source))
                secret_places.note(uow.connection, source, name, "", "known", generation=term, at=self._clock())
                known = secret_places.look(uow.connection, name)[source]
            return known

        return self._database.run(work)

    def _is_still(self, source: str, target: str, name: str, before: KnownSecret) -> bool:
        with self._database.read() as connection:
            rows = secret_places.look(connection, name)
        return secret_places.newest(rows, source) == before and before.state == "known"

    def _get(self, provider: str, name: str, version: str | None, deadline: Deadline) -> SecretVersion:
        found: SecretVersion
        found, _ = self._caller.on_one(
            provider, Capability.SECRETS, lambda s, d: s.get(name, version=version, deadline=d), deadline
        )
        return found


def _standing(rows: Mapping[str, KnownSecret], source: str, target: str, there: bool) -> Standing:
    newest = secret_places.newest(rows, target)
    if newest is None:
        return "differs" if there else "missing"
    if newest.provider != source or newest.state == "deleted":
        return "same" if newest.provider == target and newest.state == "known" and there else "superseded"
    return "older" if there else "missing"
