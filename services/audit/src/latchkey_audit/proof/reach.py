"""How far a checkpoint file has come with each tenant."""

import os
from collections.abc import Iterator
from typing import Final

import msgspec

from latchkey_contracts.seals import FileLine

_CHUNK: Final = 1 << 20
_LAST: Final = 256


class Reach:
    """``kid`` is that of our key: what others write into the file is no reason to write less. Reads a line once."""

    def __init__(self, kid: str) -> None:
        self.positions: dict[str, int] = {}
        self._kid = kid
        self._file = (0, 0)
        self._read = 0
        self._last = b""

    def see(self, file: int) -> None:
        """Read the lines that are new; all, when it is another file than before, or was made shorter.

        Raises:
            OSError: it cannot be.

        """
        about = os.fstat(file)
        if (about.st_dev, about.st_ino) != self._file or self._last != os.pread(
            file, len(self._last), self._read - len(self._last)
        ):
            self.positions, self._read, self._last = {}, 0, b""
            self._file = about.st_dev, about.st_ino
        for line in self._new(file, about.st_size):
            try:
                said = msgspec.json.decode(line, type=FileLine)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                continue
            if said.key.kid == self._kid:
                self.note(said.tenant, said.position)

    def note(self, tenant: str, position: int) -> None:
        """Nothing up to there needs to be looked for."""
        self.positions[tenant] = max(position, self.positions.get(tenant, 0))

    def _new(self, file: int, size: int) -> Iterator[bytes]:
        """Whole lines: what comes after the last newline broke off, or is not there yet."""
        rest, start = b"", self._read
        while start < size and (chunk := os.pread(file, _CHUNK, start)):
            start += len(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._read += len(line) + 1
                self._last = line[-_LAST:] + b"\n"
                yield line
