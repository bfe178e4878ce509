"""What somebody looks for in a log, and the one shape in which an entry is shown."""

import datetime as dt
import re
from typing import Any, Final

import msgspec

from latchkey_contracts.events import EVENTS, CloudEvent, Result
from latchkey_contracts.ids import Id
from latchkey_contracts.moments import Moment, in_utc

COLUMNS: Final = (
    "id", "time", "recorded_at", "position", "action", "title", "result", "subject", "user", "client", "connection",
    "address", "agent", "staff", "source", "request_id", "details", "hash",
)  # fmt: skip
"""Members of an entry as it is shown, in this order."""
_TITLES: Final = {event.type: event.title for event in EVENTS.values()}
_FIRST, _LAST = dt.datetime(1970, 1, 2, tzinfo=dt.UTC), dt.datetime(9000, 1, 1, tzinfo=dt.UTC)
_ODD = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]")
"""What JSON lets pass and some take for the end of a line, or for an order to the terminal; in UTF-8."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions that all must hold; ``None`` and empty ones leave one out. ``since`` is included, ``until`` is not.

    Of ``actions`` and ``aggregates`` (``token`` for ``token.*``) one must fit. Each of ``ids`` is of the user, client,
    connection or event, of its subject, or stands in its details; each of ``beginnings`` begins a word.
    """

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    actions: tuple[str, ...] = ()
    aggregates: tuple[str, ...] = ()
    user: str | None = None
    client: str | None = None
    connection: str | None = None
    address: str | None = None
    result: Result | None = None
    ids: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: the next one starts right behind it."""

    at: Moment
    id: Id

    def __post_init__(self) -> None:
        in_utc(self.at)  # a place that the database cannot be asked about is no place


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a tenant's log."""

    position: int
    recorded: dt.datetime
    result: str
    connection: str | None
    hash: bytes
    event: CloudEvent

    @property
    def place(self) -> Place:
        return Place(self.event.time, self.event.id)


def show(entry: Entry) -> dict[str, Any]:
    event = entry.event
    values = (
        event.id, event.time, entry.recorded, entry.position, event.type, _TITLES.get(event.type, event.type),
        entry.result, event.subject, event.userid, event.clientid, entry.connection, event.address, event.agent,
        event.bystaff, event.source, event.requestid, msgspec.json.decode(event.data), entry.hash.hex(),
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def one_line(value: object) -> bytes:
    """Write JSON that is one line to everybody, without its end."""
    return _ODD.sub(_escaped, msgspec.json.encode(value))


def moment_of(event_id: str) -> dt.datetime | None:
    """When an event was made, by its id (RFC 9562 §5.7); ``None`` for an id that does not tell."""
    if event_id[12] != "7":
        return None
    try:
        at = dt.datetime.fromtimestamp(int(event_id[:12], 16) / 1000, dt.UTC)
    except (ValueError, OverflowError):
        return None
    return at if _FIRST < at < _LAST else None


def _escaped(match: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(match.group().decode())
