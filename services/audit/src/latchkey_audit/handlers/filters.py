"""Parameters of whoever reads a log: what to look for, and in whose log."""

import datetime as dt
import ipaddress
import re
from typing import Annotated, TypeVar

import msgspec
from aiohttp import web

from latchkey_audit.domain.entry import sought
from latchkey_audit.domain.search import Wanted
from latchkey_contracts.events import Result
from latchkey_contracts.ids import is_id
from latchkey_contracts.moments import Moment, in_utc
from latchkey_kit.web.bodies import query
from latchkey_kit.web.exporting import Format
from latchkey_kit.web.lists import Cursor, Limit, PageQuery
from latchkey_kit.web.problems import FieldError, Problem, bad_request

_MOST_WORDS = 10
_NO_FILTER = frozenset({"cursor", "limit", "format", "last_event_id", "tenant"})
_ACTION = re.compile(r"[a-z_]{1,40}\.(?:[a-z_]{1,40}|\*)")
_Actions = Annotated[str, msgspec.Meta(max_length=1000)]
_Text = Annotated[str, msgspec.Meta(max_length=200)]
_Id = Annotated[str, msgspec.Meta(max_length=200, extra_json_schema={"pattern": "^[0-9a-f]{32}$"})]
"""Looked at by hand, so that what is wrong is said in words."""
AskedT = TypeVar("AskedT", bound="OfLog")


class OfLog(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``tenant`` is for the operator: everybody else reads their own tenant's log."""

    tenant: _Id | None = None


class Filters(OfLog, frozen=True, kw_only=True):
    """All that are given must hold."""

    since: Moment | None = None
    until: Moment | None = None
    action: _Actions | None = None
    user: _Id | None = None
    client: _Id | None = None
    connection: _Id | None = None
    about: _Id | None = None
    address: Annotated[str, msgspec.Meta(max_length=45)] | None = None
    result: Result | None = None
    q: _Text | None = None

    def wanted(self) -> Wanted:
        """Read them.

        Raises:
            Problem: 400 with the name of what is wrong.

        """
        given = [] if self.action is None else _codes(self.action)
        since, until = _moment("since", self.since), _moment("until", self.until)
        if since is not None and until is not None and since > until:
            raise _wrong("since", "Expected a moment that is not after `until`.")
        about = _id("about", self.about)
        words = sought(self.q or "")
        if self.q is not None and not 0 < len(words.ids) + len(words.beginnings) <= _MOST_WORDS:
            raise _wrong("q", f"Expected one word to {_MOST_WORDS}.")
        return Wanted(
            since=since,
            until=until,
            actions=tuple(one for one in given if not one.endswith(".*")),
            aggregates=tuple(one.removesuffix(".*") for one in given if one.endswith(".*")),
            user=_id("user", self.user),
            client=_id("client", self.client),
            connection=_id("connection", self.connection),
            address=_address(self.address),
            result=self.result,
            ids=tuple(dict.fromkeys((*([about] if about else []), *words.ids))),
            beginnings=words.beginnings,
        )


class PageAsked(Filters, frozen=True, kw_only=True):
    cursor: Cursor | None = None
    limit: Limit = 50

    @property
    def paging(self) -> PageQuery:
        return PageQuery(cursor=self.cursor, limit=self.limit)


class ExportAsked(Filters, frozen=True, kw_only=True):
    format: Format = "csv"


class StreamAsked(Filters, frozen=True, kw_only=True):
    last_event_id: Annotated[str, msgspec.Meta(max_length=40)] | None = None


def told_filter(request: web.Request) -> dict[str, str]:
    """What somebody looked for, as it is told of."""
    return {name: value for name, value in request.query.items() if name not in _NO_FILTER}


def asked(request: web.Request, kind: type[AskedT]) -> AskedT:
    """Read the query; raises as `latchkey_kit.web.bodies.query`."""
    return query(request, kind)


def too_wide() -> Problem:
    advice = "Narrow the filter: to a shorter time, or to rarer words."
    return Problem(400, "search_too_wide", "This would take too long to find.", advice)


def _codes(text: str) -> list[str]:
    given = text.split(",")
    if not all(map(_ACTION.fullmatch, given)):
        raise _wrong("action", "Expected codes such as token.reused or token.*, separated by commas.")
    return given


def _id(name: str, text: str | None) -> str | None:
    if text is not None and not is_id(text):
        raise _wrong(name, "Expected an id of 32 hexadecimal digits, in lower case.")
    return text


def _moment(name: str, moment: dt.datetime | None) -> dt.datetime | None:
    try:
        return None if moment is None else in_utc(moment)
    except ValueError as error:
        raise _wrong(name, str(error)) from None


def _address(text: str | None) -> str | None:
    try:
        return None if text is None else str(ipaddress.ip_address(text))
    except ValueError:
        raise _wrong("address", "Expected an IP address.") from None


def _wrong(name: str, message: str) -> Problem:
    return bad_request("A parameter is not valid.", FieldError(pointer=f"/{name}", message=message))
