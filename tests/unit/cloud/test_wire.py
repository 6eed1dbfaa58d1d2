"""The sockets that keep the deadline."""

from __future__ import annotations

import gc
import os
import socket
from typing import Any

import pytest

from shared_backend.cloud.wire import dial


def test_a_connection_that_its_sdk_forgets_is_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        own = dial("127.0.0.1", server.getsockname()[1], 5)
        number = own.fileno()
        # Held by nothing but a cycle, with a file of it open, as an answer that broke off leaves it.
        ring: list[Any] = [own, own.makefile("rb")]
        ring.append(ring)
        del own, ring
        gc.collect()
        with pytest.raises(OSError):
            os.fstat(number)
