"""What somebody looks for, as it stands in the page's address, and how the log is asked for it."""

import datetime as dt
import zoneinfo
from typing import Final
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from latchkey_contracts.ids import is_id
from latchkey_kit.web.problems import FieldError, bad_request
from latchkey_look.readable import readable

USUAL: Final = "30d"
RANGES: Final = {
    "1h": dt.timedelta(hours=1), "24h": dt.timedelta(days=1), "7d": dt.timedelta(days=7),
    "30d": dt.timedelta(days=30), "90d": dt.timedelta(days=90),
}  # fmt: skip
"""Presets; there are ``all`` and ``custom`` besides."""
_ELSEWHERE: Final = {"since": "from", "until": "to"}
"""Parameters of the owner → fields of ours."""


class Filters(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """Empty ones leave a condition out. ``first`` and ``last`` are days, both included, in the time zone ``zone``.

    ``app`` and ``about`` find what has to do with an id, whoever did it; ``user`` what was done with an account.
    """

    range: str = USUAL
    first: str = ""
    last: str = ""
    zone: str = ""
    action: str = ""
    user: str = ""
    app: str = ""
    result: str = ""
    q: str = ""
    about: str = ""
    connection: str = ""
    address: str = ""

    def but(self, **changes: str) -> "Filters":
        return msgspec.structs.replace(self, **changes)

    @property
    def given(self) -> dict[str, str]:
        """Those that are not as they would be anyway, by their names in addresses."""
        said = msgspec.to_builtins(self)
        if self.range != "custom":
            said |= {"from": "", "to": "", "zone": ""}
        return {name: value for name, value in said.items() if value and (name, value) != ("range", USUAL)}

    @property
    def narrow(self) -> dict[str, str]:
        """Those that leave something out, beyond the time: for the reader to take back one by one."""
        return {name: value for name, value in self.given.items() if name not in ("range", "from", "to", "zone")}

    def query(self, **more: str) -> str:
        return urlencode(self.given | more, safe="*,")

    def params(self, now: dt.datetime, *, app: str = "") -> dict[str, str]:
        """How the owner is asked; ``app`` for a page that is about one.

        Raises:
            Problem: 400 with the field, for days that are none.

        """
        since, until = self._bounds(now)
        ids = [one for one in (app or self.app, self.about) if one]
        asked = {
            "since": since, "until": until, "action": self.action, "user": self.user, "result": self.result,
            "connection": self.connection, "address": self.address, "about": ids[0] if ids else "",
            "q": " ".join((*([self.q] if self.q else []), *ids[1:])),
        }  # fmt: skip
        return {name: value for name, value in asked.items() if value}

    def _bounds(self, now: dt.datetime) -> tuple[str, str]:
        if self.range in RANGES:
            return _written(now - RANGES[self.range]), ""
        if self.range != "custom":
            return "", ""
        first, last = _day("from", self.first), _day("to", self.last)
        if first and last and first > last:
            raise _wrong("from", "This day is after the last one.")
        zone = _zone(self.zone)
        return _midnight(first, zone), _midnight(last and last + dt.timedelta(days=1), zone)


def read(request: web.Request) -> Filters:
    """Read the address of a page. What it does not know is passed over, and an unknown range is the usual one."""
    names = [field.encode_name for field in msgspec.structs.fields(Filters)]
    given = {name: readable(request.query.get(name, "").strip(), 1000) for name in names}
    if given["range"] not in (*RANGES, "all", "custom"):
        given["range"] = "custom" if given["from"] or given["to"] else USUAL
    given["app"] = given["app"] if is_id(given["app"]) else ""
    return msgspec.convert(given, Filters)


def fields_of(errors: tuple[FieldError, ...]) -> dict[str, str]:
    """What is wrong with which field of ours."""
    named = ((error.pointer.strip("/"), error.message) for error in errors)
    return {_ELSEWHERE.get(name, name): message for name, message in named}


def _day(name: str, text: str) -> dt.date | None:
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise _wrong(name, "Expected a day, such as 2026-10-02.") from None
    if not dt.date(1971, 1, 1) <= day <= dt.date(8999, 1, 1):
        raise _wrong(name, "Expected a day that the log may have.")
    return day


def _zone(name: str) -> dt.tzinfo:
    """The reader's zone; UTC where none, or an unknown one, is told."""
    try:
        return zoneinfo.ZoneInfo(name) if name else dt.UTC
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return dt.UTC


def _midnight(day: dt.date | None, zone: dt.tzinfo) -> str:
    return "" if day is None else _written(dt.datetime.combine(day, dt.time(), zone))


def _written(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _wrong(name: str, message: str) -> Exception:
    return bad_request("A filter is not valid.", FieldError(pointer=f"/{name}", message=message))
