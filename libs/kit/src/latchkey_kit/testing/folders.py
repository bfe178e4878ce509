"""Folders for servers of a test run, in memory where that has room."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "latchkey-test-"
_MEMORY = Path("/dev/shm")  # noqa: S108 - others can't read what we make there
_ROOM = 6 * 1024**3
"""Bytes that must be free: four PostgreSQL servers of one test run take less than two."""


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Make a folder for the time of the block.

    On a disk a test database is made in 50 to 500 ms, in memory in 20. ``TMPDIR`` says where it is to be instead.
    """
    with contextlib.ExitStack() as held:
        name = held.enter_context(_in(_MEMORY) if _has_room() else tempfile.TemporaryDirectory(prefix=_PREFIX))
        made = Path(name)
        made.chmod(0o711)  # PostgreSQL may run as another user
        yield made


def _has_room() -> bool:
    if "TMPDIR" in os.environ or not _MEMORY.is_dir() or not os.access(_MEMORY, os.W_OK):
        return False
    return shutil.disk_usage(_MEMORY).free >= _ROOM


@contextlib.contextmanager
def _in(memory: Path) -> Iterator[str]:
    """A folder that is locked while it is used: one that nobody locks is of a run that was killed, and is removed."""
    with _locked(memory / f"{_PREFIX}lock-{os.getuid()}", os.O_CREAT | os.O_RDWR):
        _sweep(memory)
        temporary = tempfile.TemporaryDirectory(prefix=_PREFIX, dir=memory)
        lock = os.open(temporary.name, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        with temporary as name:
            yield name
    finally:
        os.close(lock)


def _sweep(memory: Path) -> None:
    for old in memory.glob(f"{_PREFIX}*"):
        if old.is_dir() and old.stat().st_uid == os.getuid():
            with contextlib.suppress(BlockingIOError), _locked(old, os.O_RDONLY | os.O_NOFOLLOW, fcntl.LOCK_NB):
                shutil.rmtree(old, ignore_errors=True)


@contextlib.contextmanager
def _locked(path: Path, flags: int, how: int = 0) -> Iterator[None]:
    opened = os.open(path, flags, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | how)
        yield
    finally:
        os.close(opened)
