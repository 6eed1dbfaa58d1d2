"""Making all vectors of a kind anew in another space: after a switch of models, resumable at any point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from shared_backend.cloud.contract import Vectors
from shared_backend.cloud.errors import CloudUnavailable
from shared_backend.cloud.vector_store import VectorStore

_BATCH = 64


@dataclass
class Reembedded:
    """How far it has come: subjects looked at, embedded, up to date already, and forgotten as they are no more."""

    space: str = ""
    looked_at: int = 0
    embedded: int = 0
    up_to_date: int = 0
    forgotten: int = 0
    complete: bool = False


def reembed(
    store: VectorStore,
    kind: str,
    texts: Iterable[tuple[str, str]],
    *,
    space: str,
    embed: Callable[[Sequence[str]], Vectors],
    on_progress: Callable[[Reembedded], None] = lambda _done: None,
    keep_going: Callable[[], bool] = lambda: True,
    batch: int = _BATCH,
) -> Reembedded:
    """Embeds what has no vector of its present text in `space`. `texts`: (subject, text) of all subjects.

    Those of other spaces stay, so that going back needs nothing. Raises CloudUnavailable when `embed` answers in
    another space (somebody switched meanwhile): what was kept until then is right, and the next run goes on in the new
    one.
    """
    done = Reembedded(space)
    seen: set[str] = set()
    remaining = iter(texts)
    while some := dict(islice(remaining, batch)):
        if not keep_going():
            return done
        seen |= set(some)
        done.looked_at += len(some)
        fresh = store.up_to_date(kind, space, some)
        due = {subject: text for subject, text in some.items() if subject not in fresh and text.strip()}
        if due:
            found = embed(list(due.values()))
            if found.space != space:
                raise CloudUnavailable(
                    f"The vectors come from {found.space} by now, not from {space} any more. Begin again."
                )
            store.put(kind, due, found)
        done.up_to_date += len(fresh)
        done.embedded += len(due)
        on_progress(done)
    gone = sorted(store.subjects(kind, space) - seen)
    done.forgotten = store.forget(kind, gone) if gone else 0
    done.complete = True
    on_progress(done)
    return done
