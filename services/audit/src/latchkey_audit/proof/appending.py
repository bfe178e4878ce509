"""A file of JSON lines that is only ever appended to, by one at a time; a line that broke off is left behind."""

import fcntl
import os
import pathlib
from collections.abc import Sequence
from typing import Final

import msgspec

from latchkey_contracts.seals import FileLine

_FLAGS: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC


def open_alone(path: pathlib.Path) -> int | None:
    """Open it for ourselves, made with mode 0600 if need be; ``None`` when somebody else has it.

    Raises:
        OSError: it cannot be.

    """
    is_new = not path.exists()
    file = os.open(path, _FLAGS, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    if is_new:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return file


def append(file: int, lines: Sequence[FileLine]) -> None:
    """Write lines, and see them on the disk.

    Raises:
        OSError: it is full, or gone.

    """
    if not lines:
        return
    size = os.fstat(file).st_size
    broken = size > 0 and os.pread(file, 1, size - 1) != b"\n"
    text = (b"\n" if broken else b"") + b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    while text:
        text = text[os.write(file, text) :]
    os.fsync(file)
