"""One schedule: random steps from a seed, the model told of each, and the verdict at the end."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks.cloud.torture.bucket import Change
from benchmarks.cloud.torture.model import Attempt, Model, Verdict
from benchmarks.cloud.torture.mortal import Killed
from benchmarks.cloud.torture.world import ROUTE, MemoryPrimary, Primary, World, flipped_file, is_beside
from shared_backend.cloud.contract import Condition
from shared_backend.cloud.errors import CloudCorrupted, CloudError, CloudNotFound

PATHS = ("cv/a.pdf", "cv/b.pdf", "c", "d/e/f.txt")
# After so many runs in calm weather nothing may be open.
_RUNS = 6


class Schedule:
    """Steps drawn from `chance`: seeded alike, it gives the same schedule on the same kind of primary."""

    def __init__(self, world: World, chance: random.Random, *, steps: int) -> None:
        self.model = Model()
        self._world = world
        self._chance = chance
        self._steps = steps
        self._etags: dict[str, str] = {}
        self._others = 0
        self._conflicts: set[int] = set()
        self._damage = ExitStack()

    def run(self) -> Verdict:
        """All steps, then calm, and the reckoning."""
        kinds: list[tuple[float, Callable[[], None]]] = [
            (0.30, self._put),
            (0.18, self._get),
            (0.10, self._delete),
            (0.04, self._list),
            (0.12, self._reconcile),
            (0.07, self._other),
            (0.10, self._change_weather),
            (0.03, self._flip),
            (0.03, self._fill_disk),
            (0.03, self._wait),
        ]
        weights, actions = [weight for weight, _ in kinds], [action for _, action in kinds]
        for number in range(self._steps):
            if self._chance.random() < 0.1:
                self._world.life.doom(self._chance.randrange(1, 14))
            action = self._chance.choices(actions, weights)[0]
            self._say(f"{number}: {action.__name__[1:]}")
            action()
            self._world.life.spare()
            if self._world.life.dead:
                self._say("   killed; started again")
                self._world.restart()
        self._reckon()
        verdict = self.model.verdict
        verdict.schedules, verdict.steps = 1, self._steps
        verdict.acknowledged = sum(len(each.content or b"") for each in self.model.attempts if each.acknowledged)
        return verdict

    # Steps

    def _put(self) -> None:
        path = self._chance.choice(PATHS)
        kind = self._chance.choices(("any", "absent", "etag"), (0.7, 0.12, 0.18))[0]
        if kind == "etag" and path not in self._etags:
            kind = "any"
        condition = Condition(kind, self._etags.get(path, "") if kind == "etag" else "")  # type: ignore[arg-type]
        content = self._content("us", len(self.model.attempts), path)
        attempt = self.model.begin(path, content, kind)

        def put() -> None:
            outcome = self._world.blobs.put(ROUTE, path, content, condition=condition, deadline=self._world.deadline())
            self.model.acknowledged(attempt, held=outcome.pending_sync)
            self._etags[path] = outcome.value.etag

        self._write(f"direct {kind}", attempt, put)

    def _delete(self) -> None:
        path = self._chance.choice(PATHS)
        condition = Condition()
        if path in self._etags and self._chance.random() < 0.3:
            condition = Condition("etag", self._etags[path])
        attempt = self.model.begin(path, None, condition.kind)

        def delete() -> None:
            outcome = self._world.blobs.delete(ROUTE, path, condition=condition, deadline=self._world.deadline())
            self.model.acknowledged(attempt, held=outcome.pending_sync)

        self._write(f"direct {condition.kind}", attempt, delete)

    def _write(self, context: str, attempt: Attempt, call: Callable[[], None]) -> None:
        """A write's end is told to the model before what it changed: a change is judged by what was acknowledged."""
        self._world.primary.begin(context)
        error = ""
        try:
            call()
        except Killed:
            attempt.killed = attempt.crashed = True
        except CloudError as caught:
            error = f"{caught.code}: {caught}"
        word = "acknowledged" if attempt.acknowledged else "killed" if attempt.crashed else f"refused ({error})"
        self._say(f"   {context} write {attempt.number} {attempt.path}: {word}, held={attempt.held}")
        self._took()

    def _get(self) -> None:
        path = self._chance.choice(PATHS)
        before = self._world.primary.objects().get(path)
        self._world.primary.begin("get")
        content: bytes | None = None
        absent = False
        try:
            content = self._world.blobs.get(ROUTE, path, deadline=self._world.deadline()).value
        except CloudNotFound:
            absent = "404" not in self._world.primary.met
        except (CloudError, Killed):
            pass
        changes = self._took()
        now = {before, *(change.after for change in changes if change.path == path)}
        if content is not None:
            self.model.read(path, content, now)
        elif absent:
            self.model.not_found(path, now)

    def _list(self) -> None:
        self._world.primary.begin("list")
        paths: set[str] | None = None
        try:
            outcome = self._world.blobs.list(ROUTE, "", after=None, limit=1000, deadline=self._world.deadline())
            if not outcome.degraded:
                paths = {info.path for info in outcome.value.items}
        except (CloudError, Killed):
            pass
        if not self._took() and paths is not None:
            self.model.listed(paths, self._world.primary.objects())

    def _reconcile(self) -> None:
        self._world.primary.begin("reconcile")
        try:
            progress = self._world.reconcile()
            self._say(f"   {progress}")
        except Killed:
            pass
        self._took()
        self._look_at_journal()

    def _other(self) -> None:
        path, content = self._turn()
        self._say(f"   somebody else {'writes' if content else 'deletes'} {path}")
        for change in self._world.primary.by_other(path, content):
            self.model.changed(change)

    def _change_weather(self) -> None:
        chance = self._chance.choices((0.0, 0.12, 0.4, 1.0), (0.4, 0.2, 0.15, 0.25))[0]
        self._say(f"   weather {chance}")
        self._world.primary.weather(chance)
        if chance == 0.0:
            self._world.pass_time(self._chance.choice((1, 200)))

    def _flip(self) -> None:
        """Bits flip where they lie; flipped back before the reckoning, for a lost disk is a lost disk."""
        files = self._world.held_files()
        if files and self._chance.random() < 0.5:
            self._damage.enter_context(flipped_file(self._chance.choice(files)))
            return
        paths = [path for path in sorted(self._world.primary.objects()) if not is_beside(path)]
        if paths:
            self._world.primary.flip(self._chance.choice(paths))

    def _fill_disk(self) -> None:
        self._world.disk_full = not self._world.disk_full

    def _wait(self) -> None:
        self._world.pass_time(self._chance.choice((2, 10, 500)))

    # What holds them together

    def intrusion(self) -> tuple[str, bytes | None] | None:
        """Between two calls of ours somebody else may have a turn."""
        return self._turn() if self._chance.random() < 0.02 else None

    def _turn(self) -> tuple[str, bytes | None]:
        path = self._chance.choice(PATHS)
        self._others += 1
        content = self._content("other", self._others, path) if self._chance.random() < 0.7 else None
        return path, content

    def _content(self, by: str, number: int, path: str) -> bytes:
        size = self._chance.choice((0, 10, 300, 5000))
        return f"{by} {number} {path} ".encode() + self._chance.randbytes(size)

    def _took(self) -> list[Change]:
        changes = self._world.primary.end()
        for change in changes:
            self.model.changed(change)
            self._say(f"   {change.by} changed {change.path}: {_short(change.before)} -> {_short(change.after)}")
        if self._world.primary.met:
            self._say(f"   met {self._world.primary.met}")
        return changes

    def _look_at_journal(self) -> None:
        entries = self._world.journal()
        for entry in entries:
            if entry.state == "conflict" and entry.id not in self._conflicts:
                self._conflicts.add(entry.id)
                if entry.operation == "delete":
                    self.model.conflict_without_path(entry.path)
        if not any(entry.state in ("intent", "pending") for entry in entries):
            self.model.drained()

    def _reckon(self) -> None:
        """The weather clears, what was flipped is mended, and everything must come out."""
        self._say("the reckoning")
        self._damage.close()
        world = self._world
        world.primary.mend()
        world.primary.weather(0.0)
        world.disk_full = False
        if isinstance(world.primary, MemoryPrimary):
            world.primary.intrude = lambda: None
        world.restart()
        for _ in range(_RUNS):
            world.pass_time(3600)
            self._reconcile()
            if not any(entry.state in ("intent", "pending") for entry in world.journal()):
                break
        else:
            self.model.verdict.stuck += 1
            self.model.verdict.words.append("the journal does not drain")
        objects = world.primary.objects()
        readable: dict[str, bytes] = {}
        world.primary.begin("reckoning")
        for path in {*objects, *PATHS}:
            try:
                readable[path] = world.blobs.get(ROUTE, path, deadline=world.deadline()).value
            except CloudNotFound:
                continue
            except CloudCorrupted:
                self.model.verdict.words.append(f"{path} is corrupted although nothing was left flipped")
        self.model.end(objects, readable)

    def _say(self, words: str) -> None:
        self.model.verdict.story.append(words)


def _short(content: bytes | None) -> str:
    return "nothing" if content is None else " ".join(content[:40].decode("latin-1").split(" ")[:3])


def run_seed(
    seed: int,
    template: Path,
    *,
    steps: int = 40,
    checks: bool = True,
    primary: Callable[[random.Random], Primary] | None = None,
    deadline_s: float = 5.0,
) -> Verdict:
    """One schedule on a fresh folder and a copy of the migrated database `template`."""
    chance = random.Random(seed)
    folder = Path(tempfile.mkdtemp(prefix="icv-schedule-"))
    try:
        made: Primary = primary(chance) if primary else MemoryPrimary(chance, checks=checks)
        world = World(folder, template, chance, made, deadline_s)
        try:
            schedule = Schedule(world, chance, steps=steps)
            if isinstance(made, MemoryPrimary):
                made.intrude = schedule.intrusion
            return schedule.run()
        finally:
            world.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
