"""Who supervises a data folder: a lock that the kernel drops when its holder dies, however it dies."""

import contextlib
import fcntl
import os
from pathlib import Path


class Lock:
    """Held by the supervisor from start to end."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def take(self) -> bool:
        """Take it if nobody has it, and write our process id into it."""
        if not _try(self._descriptor, fcntl.LOCK_EX):
            return False
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, str(os.getpid()).encode(), 0)
        return True


def holder(path: Path) -> int | None:
    """Return the process id of the living supervisor, or None. A number left by a dead one does not count."""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        if not _try(file.fileno(), fcntl.LOCK_SH):
            return int(file.read() or 0)
    return None


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
