"""Free TCP ports on the loopback interface."""

import collections
import itertools
import os
import socket

LOOPBACK = "127.0.0.1"
# Below the range from which kernels take ports for outgoing connections, which could take one before it is bound.
_FIRST, _COUNT = 10_000, 10_000
_turn = itertools.count(os.getpid() * 101)  # processes side by side begin at places of their own
# A UDP socket on the port says to others who ask here that it is taken, and is in nobody's way who listens by TCP.
_held: collections.deque[socket.socket] = collections.deque(maxlen=64)


def free_port() -> int:
    """Return a TCP port that nobody listens on at 127.0.0.1.

    No process is given it by this function until it was called 64 times more here, or this process ends.
    """
    return next(port for turn in _turn if is_free(port := _FIRST + turn % _COUNT) and _hold(port))


def _hold(port: int) -> bool:
    held = socket.socket(type=socket.SOCK_DGRAM)
    try:
        held.bind((LOOPBACK, port))
    except OSError:
        held.close()
        return False
    if len(_held) == _held.maxlen:
        _held.popleft().close()
    _held.append(held)
    return True


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Say whether `host`:`port` can be bound now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            # As servers do it: connections of a former listener in TIME_WAIT do not make a port "in use".
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError:
        return False
    return True
