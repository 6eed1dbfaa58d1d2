"""What test_killed.py and test_disk_full.py run in processes of their own, to be killed or starved.

`python killed_script.py write|reconcile URL FOLDER TAG`: two folders are the clouds; while FOLDER/away is there the
primary can't be reached. A line on standard output is an acknowledgement.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from shared_backend.cloud.blob_service import BlobService
from shared_backend.cloud.breaker import Breaker
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudError, CloudNotFound, CloudUnavailable
from shared_backend.cloud.local.blobs import LocalBlobs
from shared_backend.cloud.reconcile import Reconciler
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.database.engine import Database
from shared_backend.utils.clock import utc_now
from shared_backend.utils.exception_handler import IntelliCVError

ROUTE = ("primary", "fallback")
PATHS = 5
# Every so manieth step deletes.
DELETES = 7


class Place:
    """A folder as a cloud."""

    def __init__(self, name: str, folder: Path, away: Path | None = None) -> None:
        self.name = name
        self.blobs = LocalBlobs(folder, base_url="http://127.0.0.1", secret_key="x" * 40)
        self._away = away

    def offer(self, _capability: Capability) -> Any:
        if self._away is not None and self._away.exists():
            raise CloudUnavailable("away", provider=self.name)
        return self.blobs


def caller(folder: Path) -> Caller:
    """Over both places."""
    primary, fallback = Place("primary", folder / "primary", folder / "away"), Place("fallback", folder / "fallback")
    register = ProviderRegister(factories={"primary": lambda: primary, "fallback": lambda: fallback})  # type: ignore[dict-item, return-value]
    return Caller(register, breaker=lambda: Breaker(threshold=10**9))


def path_of(number: int) -> str:
    return f"p{number % PATHS}"


def content_of(tag: str, number: int) -> bytes:
    return f"{tag} {number} ".encode() + bytes([number % 251]) * (3000 * (number % 4))


def write(database: Database, folder: Path, tag: str) -> None:
    """Writes and deletes until it is killed."""
    blobs, number = BlobService(caller(folder), database), 0
    while True:
        number += 1
        try:
            if number % DELETES == 0:
                blobs.delete(ROUTE, path_of(number), deadline=Deadline(20))
            else:
                blobs.put(ROUTE, path_of(number), content_of(tag, number), deadline=Deadline(20))
        except CloudNotFound:
            # As good as deleted.
            pass
        print(number, flush=True)


def reconcile(database: Database, folder: Path) -> None:
    """Runs until all is settled; its writers are dead, so no intent belongs to a call under way."""
    reconciler = Reconciler(caller(folder), database, lease_s=0.05)
    print("begun", flush=True)
    for _ in range(100):
        progress = reconciler.run(settle_intents_before=utc_now() + timedelta(hours=1))
        if not progress.busy and not progress.total:
            return


def starve(database: Database, folder: Path, tag: str) -> None:
    """Writes ever larger objects until nothing goes any more, and says which went."""
    blobs = BlobService(caller(folder), database)
    failed = 0
    for number in range(1, 200):
        content = f"{tag} {number} ".encode() + bytes([number % 251]) * (number * 4000)
        try:
            blobs.put(ROUTE, f"s{number}", content, deadline=Deadline(20))
        except CloudError as error:
            failed += 1
            print(f"refused {error.code} {error}", flush=True)
        except IntelliCVError as error:
            failed += 1
            print(f"refused {error.code} {error}", flush=True)
        else:
            print(number, flush=True)
        if failed > 5:
            return


def main() -> None:
    """See the module."""
    what, url, folder, tag = sys.argv[1:5]
    if what == "limited":
        import resource

        limit = int(sys.argv[5])
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    database = Database(url)
    if what == "write":
        write(database, Path(folder), tag)
    elif what == "reconcile":
        reconcile(database, Path(folder))
    else:
        starve(database, Path(folder), tag)
    database.dispose()


if __name__ == "__main__":
    main()
