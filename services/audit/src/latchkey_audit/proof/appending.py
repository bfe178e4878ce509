"""A file of JSON lines that is only ever appended to, by one at a time; a line that broke off is left behind."""

import fcntl
import os
import pathlib
from collections.abc import Sequence
from typing import Final

import msgspec

from latchkey_contracts.seals import FileLine

_TAIL: Final = 65536
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


def last_line(file: int) -> FileLine | None:
    """The last whole line, wherever it is."""
    end = os.fstat(file).st_size
    rest = b""
    while end > 0:
        start = max(0, end - _TAIL)
        lines = (os.pread(file, end - start, start) + rest).split(b"\n")
        # The first may have begun before, and what comes after the last newline broke off.
        for line in reversed(lines[0 if start == 0 else 1 : -1]):
            try:
                return msgspec.json.decode(line, type=FileLine)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                continue
        rest, end = lines[0] + (b"\n" if len(lines) > 1 else b""), start
    return None


def append(file: int, lines: Sequence[FileLine]) -> None:
    """Write lines, and see them on the disk.

    Raises:
        OSError: it is full, or gone.

    """
    size = os.fstat(file).st_size
    broken = size > 0 and os.pread(file, 1, size - 1) != b"\n"
    text = (b"\n" if broken else b"") + b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    while text:
        text = text[os.write(file, text) :]
    os.fsync(file)
