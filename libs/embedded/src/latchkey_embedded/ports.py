"""Free TCP ports on the loopback interface."""

import atexit
import collections
import itertools
import os
import socket

LOOPBACK = "127.0.0.1"
# Below the range from which kernels take ports for outgoing connections, which could take one before it is bound.
_FIRST, _COUNT = 10_000, 10_000
_turn = itertools.count(os.getpid() * 101)  # processes side by side begin at places of their own
# A UDP socket on the port says to others who ask here that it is taken, and is in nobody's way who listens by TCP.
_lent: collections.deque[socket.socket] = collections.deque(maxlen=64)
_kept: list[socket.socket] = []


@atexit.register
def _let_go() -> None:
    for mark in (*_lent, *_kept):
        mark.close()


def free_port() -> int:
    """Return a TCP port that nobody listens on at 127.0.0.1.

    No process is given it by this function until it was called 64 times more here, or this process ends.
    """
    port, mark = next(
        (port, mark) for turn in _turn if is_free(port := _FIRST + turn % _COUNT) and (mark := _mark(port))
    )
    if len(_lent) == _lent.maxlen:
        _lent.popleft().close()
    _lent.append(mark)
    return port


def keep_port(port: int) -> bool:
    """Keep a TCP port for this process and its children as long as it lives; says whether nobody else has it."""
    mark = _mark(port) if is_free(port) else None
    if mark is not None:
        _kept.append(mark)
    return mark is not None


def _mark(port: int) -> socket.socket | None:
    mark = socket.socket(type=socket.SOCK_DGRAM)
    try:
        mark.bind((LOOPBACK, port))
    except OSError:
        mark.close()
        return None
    return mark


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
