"""Log lines of a folder, read once: who was accepted when, and which heads verifiers had."""

import datetime as dt
import pathlib
from collections.abc import Collection, Iterator

import msgspec

from latchkey_cli.errors import CommandError

_REFUSED = (401, 503)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that we read; see docs/operating.md."""

    event: str = ""
    timestamp: dt.datetime | None = None
    service: str = ""
    request_id: str | None = None
    connection: str | None = None
    status: int = 0
    ms: float = 0.0
    instance: str | None = None
    epoch: str | None = None
    head: int | None = None


class Acceptance(msgspec.Struct, frozen=True):
    """A request let in: when it came and when it was answered, and by whom."""

    came: dt.datetime
    answered: dt.datetime
    service: str


class Logs:
    """The latest acceptance of each connection is remembered, and for each head that fell the first time it did."""

    def __init__(self, folder: pathlib.Path) -> None:
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder")
        self._folder = folder
        self.requests = 0
        self.latest: dict[str, Acceptance] = {}
        self.moves = 0
        self.heads: dict[tuple[str, str], int] = {}
        """Verifier and epoch → the highest head so far."""
        self.falls: list[str] = []
        self._applied: list[tuple[int, dt.datetime]] = []
        for line in self._lines():
            self._take(line)

    def answered(self, requests: Collection[str]) -> dict[str, dt.datetime]:
        """When the last answer about each of these requests was given, by whoever had a part in it."""
        found: dict[str, dt.datetime] = {}
        for line in self._lines():
            request, at = line.request_id, line.timestamp
            if line.event == "request" and request in requests and request is not None and at is not None:
                found[request] = max(at, found.get(request, at))
        return found

    def applied(self, number: int) -> dt.datetime | None:
        """When a verifier first had a number of the feed; ``None`` if none tells."""
        return min((at for head, at in self._applied if head >= number), default=None)

    def _lines(self) -> Iterator[Line]:
        decoder = msgspec.json.Decoder(Line)
        for file in sorted(self._folder.rglob("*")):
            if file.is_file():
                with file.open("rb") as lines:
                    yield from _read(lines, decoder)

    def _take(self, line: Line) -> None:
        if line.event == "request" and line.connection and line.timestamp and line.status not in _REFUSED:
            self._accepted(line.connection, line.timestamp, line)
        elif line.event == "feed_applied" and line.instance and line.epoch and line.head is not None:
            self._moved(line.instance, line.epoch, line.head)
            if line.timestamp:
                self._applied.append((line.head, line.timestamp))

    def _accepted(self, connection: str, answered: dt.datetime, line: Line) -> None:
        self.requests += 1
        came = answered - dt.timedelta(milliseconds=line.ms)
        known = self.latest.get(connection)
        if known is None or known.came < came:
            self.latest[connection] = Acceptance(came, answered, line.service)

    def _moved(self, verifier: str, epoch: str, head: int) -> None:
        self.moves += 1
        highest = self.heads.get((verifier, epoch), 0)
        if head < highest:
            self.falls.append(f"verifier {verifier} went from {highest} to {head}")
        self.heads[verifier, epoch] = max(head, highest)


def _read(lines: Iterator[bytes], decoder: "msgspec.json.Decoder[Line]") -> Iterator[Line]:
    for line in lines:
        if line.startswith(b"{"):
            try:
                yield decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                continue  # of another program, or the last one of a process that was killed
