"""A worker process that reads documents of the tests' format and writes down each one that it begins to read."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from shared_backend.config.backend_config import load_settings
from shared_backend.services.backend import Backend
from tests.support.documents import TextReader
from tests.support.jobs import QUICK

if __name__ == "__main__":
    begun, pause_s = Path(sys.argv[1]), float(sys.argv[2])

    def before(content: bytes) -> None:
        with begun.open("ab", buffering=0) as file:
            file.write(content.partition(b"\n")[0] + b"\n")
        time.sleep(pause_s)

    backend = Backend.open(load_settings(), portal="worker")
    reader = TextReader(before)
    backend.parser._make = lambda: reader
    runner = backend.jobs.runner(pace=QUICK)
    runner.start()
    print("up", flush=True)
    sys.stdin.read()
    runner.stop()
    backend.close()
    os._exit(0)
