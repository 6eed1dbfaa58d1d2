"""Finds ports that nobody listens on."""

from __future__ import annotations

import errno
import socket
from collections.abc import Container

from shared_backend.config.backend_config import ConfigurationError


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now. Raises ConfigurationError for a host that is not this machine's."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise ConfigurationError(f"INTELLICV_HOST: {host} is not an address of this machine ({error}).") from None
    with socket.socket(family, kind, protocol) as probe:
        # As the servers do: a port whose last connections are still fading out counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except PermissionError:
            raise ConfigurationError(
                f"Port {port} needs more rights than this process has; name a higher one."
            ) from None
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise ConfigurationError(f"INTELLICV_HOST: {host} is not an address of this machine.") from None
            return False
    return True


def next_free(host: str, wanted: int, taken: Container[int] = ()) -> int:
    """`wanted` if it is free, otherwise the next free port that is not in `taken`."""
    for port in range(wanted, min(wanted + 200, 65_536)):
        if port not in taken and is_free(host, port):
            return port
    raise ConfigurationError(f"No port from {wanted} on is free. Stop what listens there, or name another port.")
