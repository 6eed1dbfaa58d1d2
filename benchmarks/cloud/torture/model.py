"""The oracle: a plain model of what was said, held against what is there.

Every content is used once and says whose it is, so that any bytes found anywhere tell which write they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.cloud.torture.bucket import Change

CONFLICT = ".conflict-"


@dataclass
class Attempt:
    """One write of ours. `acknowledged`: the call returned. `content` is None for a deletion."""

    number: int
    path: str
    content: bytes | None
    condition: str = "any"
    acknowledged: bool = False
    # The fallback has it for the primary, or had it until the journal was last empty.
    held: bool = False
    # We were killed in it: what it left behind may take effect, and need not; `crashed` until the journal is empty.
    killed: bool = False
    crashed: bool = False
    # How many changes the primary had seen before it.
    since: int = 0


@dataclass
class Verdict:
    """What went wrong: all zero, or the product is at fault. `lost` counts bytes."""

    lost: int = 0
    false_conflicts: int = 0
    overwrites: int = 0
    corruption: int = 0
    resurrected: int = 0
    stuck: int = 0
    schedules: int = 0
    steps: int = 0
    acknowledged: int = 0
    # What went wrong, and all that was done, step by step.
    words: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list, repr=False)

    @property
    def good(self) -> bool:
        """Whether nothing went wrong."""
        return not self.words


class Model:
    """Told of every attempt, its end, every change on the primary and every read."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []
        self.changes: list[Change] = []
        self.verdict = Verdict()
        self._of: dict[bytes, Attempt] = {}
        self._others: dict[str, set[bytes]] = {}

    def begin(self, path: str, content: bytes | None, condition: str) -> Attempt:
        """We are about to write."""
        attempt = Attempt(len(self.attempts), path, content, condition, since=len(self.changes))
        self.attempts.append(attempt)
        if content is not None:
            self._of[content] = attempt
        return attempt

    def acknowledged(self, attempt: Attempt, *, held: bool) -> None:
        """The call returned; `held`: the fallback has it."""
        attempt.acknowledged, attempt.held = True, held

    def changed(self, change: Change) -> None:
        """The primary has changed. Judges at once what must never happen."""
        self.changes.append(change)
        if change.by == "other":
            if change.after is not None:
                self._others.setdefault(change.path, set()).add(change.after)
            return
        ours = self._of.get(change.after) if change.after is not None else None
        if CONFLICT in change.path:
            self._judge_conflict(change.path.partition(CONFLICT)[0])
            return
        before = self._of.get(change.before) if change.before is not None else None
        if change.before is not None and before is None:
            self._judge_overwrite(change)
        if ours is not None and before is not None and before.acknowledged and before.number > ours.number:
            self._lost(before, f"overwritten by the older write {ours.number}")
        if ours is not None and any(
            each.acknowledged and each.content is None and each.path == change.path and each.number > ours.number
            for each in self.attempts
        ):
            self._resurrected(change.path, f"write {ours.number} came back after its acknowledged deletion")

    def conflict_without_path(self, path: str) -> None:
        """A deletion was called a conflict."""
        self._judge_conflict(path)

    def _judge_conflict(self, path: str) -> None:
        changes = self._changes_of(path)
        if not changes or changes[-1].by != "other":
            self.verdict.false_conflicts += 1
            self.verdict.words.append(f"false conflict at {path}: nobody else wrote last")

    def _judge_overwrite(self, change: Change) -> None:
        # Who writes without a condition while the primary is well has asked to be the last.
        if change.context == "direct any":
            return
        self.verdict.overwrites += 1
        what = "deleted" if change.after is None else "overwrote"
        self.verdict.words.append(f"{change.context} {what} somebody else's object at {change.path}")

    def read(self, path: str, content: bytes, now: set[bytes | None]) -> None:
        """A read gave these bytes; `now` is what the primary held during it."""
        mine = self._of.get(content)
        if (mine is None or mine.path != path) and content not in self._others.get(path, set()):
            self.verdict.corruption += 1
            self.verdict.words.append(f"{path} was read as bytes that nobody wrote")
            return
        allowed = self._readable(path, now)
        if content in allowed:
            return
        last = self._last(path)
        if last is not None and last.content is None:
            self._resurrected(path, "read after its acknowledged deletion")
        elif last is not None and not self._superseded(last):
            self._lost(last, "an older version was read instead")
        else:
            self._resurrected(path, "an older version was read")

    def not_found(self, path: str, now: set[bytes | None]) -> None:
        """A read said that there is nothing."""
        if None in self._readable(path, now):
            return
        last = self._last(path)
        if last is not None and last.content is not None and not self._superseded(last):
            self._lost(last, "read as not found")

    def listed(self, paths: set[str], objects: dict[str, bytes]) -> None:
        """A listing of everything, on which the primary had its say."""
        for path in {attempt.path for attempt in self.attempts}:
            allowed = self._readable(path, {objects.get(path)})
            if (path in paths and allowed == {None}) or (path not in paths and None not in allowed):
                word = "listed although deleted" if path in paths else "missing in the listing"
                last = self._last(path)
                if last is not None and path not in paths:
                    self._lost(last, word)
                elif last is not None:
                    self._resurrected(path, word)

    def _readable(self, path: str, now: set[bytes | None]) -> set[bytes | None]:
        """What a read may give: our newest write until the primary has it; else what the primary has."""
        last = self._last(path)
        number = -1 if last is None else last.number
        crashed = {
            each.content for each in self.attempts if each.path == path and each.number > number and each.crashed
        }
        if last is None or not last.held:
            return now | crashed
        if last.content is None:
            newer = {each for each in now if each is None or not self._older(each, number)}
            return {None} | crashed | newer
        landed = any(change.after == last.content for change in self.changes)
        return {last.content} | crashed | (now if landed else set())

    def _older(self, content: bytes, number: int) -> bool:
        ours = self._of.get(content)
        return ours is not None and ours.number < number

    def drained(self) -> None:
        """The journal is empty: nothing is held, and what a crash left is settled."""
        for attempt in self.attempts:
            attempt.held = attempt.crashed = False

    def end(self, objects: dict[str, bytes], readable: dict[str, bytes]) -> None:
        """All is calm and the journal drained. `objects` are the primary's, `readable` what reads give."""
        for path, content in objects.items():
            if readable.get(path) != content:
                self.verdict.corruption += 1
                self.verdict.words.append(f"{path} reads differently from what is stored")
        found = set(readable.values())
        for attempt in self.attempts:
            if not attempt.acknowledged:
                continue
            if attempt.content is None:
                ours = self._of.get(objects.get(attempt.path, b""))
                if ours is not None and ours.number < attempt.number and not self._superseded(attempt):
                    self._resurrected(attempt.path, f"deletion {attempt.number} did not last")
            elif attempt.content not in found and not self._superseded(attempt):
                self._lost(attempt, "nowhere at the end")

    def _superseded(self, attempt: Attempt) -> bool:
        """Whether a later write took its place by right: ours, or another's that replaced it on the primary."""
        for later in self.attempts[attempt.number + 1 :]:
            if later.path == attempt.path and (later.acknowledged or self._took_effect(later)):
                return True
        return any(
            change.by == "other" and change.path == attempt.path and change.before == attempt.content
            for change in self.changes
        )

    def _took_effect(self, attempt: Attempt) -> bool:
        if attempt.content is not None:
            return any(change.after == attempt.content for change in self.changes)
        # A tombstone shows nowhere but in what it took the place of.
        return attempt.killed or any(
            change.by == "us" and change.path == attempt.path and change.after is None
            for change in self.changes[attempt.since :]
        )

    def _last(self, path: str) -> Attempt | None:
        return next((each for each in reversed(self.attempts) if each.path == path and each.acknowledged), None)

    def _changes_of(self, path: str) -> list[Change]:
        return [change for change in self.changes if change.path == path]

    def _lost(self, attempt: Attempt, how: str) -> None:
        self.verdict.lost += max(1, len(attempt.content or b""))
        self.verdict.words.append(f"lost: write {attempt.number} of {attempt.path}, {how}")

    def _resurrected(self, path: str, how: str) -> None:
        self.verdict.resurrected += 1
        self.verdict.words.append(f"resurrected: {path}, {how}")
