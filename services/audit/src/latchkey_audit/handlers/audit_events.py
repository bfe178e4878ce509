"""`GET /v1/audit-events`: what happened in one's own tenant."""

import base64
import binascii
import datetime as dt
from typing import Annotated, Any

import msgspec
from aiohttp import web

from latchkey_audit.store import events
from latchkey_contracts.events import CloudEvent
from latchkey_contracts.ids import Id
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, query
from latchkey_kit.web.problems import FieldError, bad_request
from latchkey_verify.web import Guard

_Moment = Annotated[dt.datetime, msgspec.Meta(tz=True)]


class _Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    since: _Moment | None = None
    until: _Moment | None = None
    action: Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{1,40}\.[a-z_]{1,40}$")] | None = None
    user: Id | None = None
    client: Id | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50


class AuditEvents:
    """Newest first. Filters: ``since``, ``until`` (RFC 3339), ``action``, ``user``, ``client``; ``limit`` ≤ 200."""

    def __init__(self, database: Database, guard: Guard) -> None:
        self._database = database
        self._guard = guard

    async def __call__(self, request: web.Request) -> web.Response:
        bearer = await self._guard.bearer(request)
        await self._guard.require(bearer, "auditlog", "view")
        asked = query(request, _Query)
        wanted = events.Filter(
            since=asked.since, until=asked.until, action=asked.action, user=asked.user, client=asked.client
        )
        after = _read_cursor(asked.cursor) if asked.cursor else None
        async with self._database.connection() as connection:
            found = await events.page(connection, bearer.tenant, wanted, after, asked.limit + 1)
        shown = found[: asked.limit]
        more = len(found) > asked.limit
        return answer(
            {
                "data": [_entry(event) for _, event in shown],
                "next_cursor": _write_cursor(shown[-1][0]) if more else None,
            }
        )


def _entry(event: CloudEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "time": event.time,
        "action": event.type,
        "subject": event.subject,
        "user": event.userid,
        "client": event.clientid,
        "address": event.address,
        "agent": event.agent,
        "request_id": event.requestid,
        "details": event.data,
    }


def _write_cursor(position: events.Position) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def _read_cursor(text: str) -> events.Position:
    try:
        padded = text + "=" * (-len(text) % 4)
        decoded = base64.b64decode(padded, altchars=b"-_", validate=True)
        return msgspec.json.decode(decoded, type=events.Position)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        error = FieldError(pointer="/cursor", message="Not a cursor of this list.")
        raise bad_request("A parameter is not valid.", error) from None
