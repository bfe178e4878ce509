"""`GET /v1/audit-events`: what happened in one's own tenant."""

from typing import Annotated, Any

import msgspec
from aiohttp import web

from latchkey_audit.store import events
from latchkey_contracts.events import CloudEvent
from latchkey_contracts.ids import Id
from latchkey_contracts.moments import Moment, in_utc
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import query
from latchkey_kit.web.lists import PageQuery, listed
from latchkey_verify.admission import Admission
from latchkey_verify.web import Guard


class _Query(PageQuery, frozen=True, kw_only=True):
    since: Moment | None = None
    until: Moment | None = None
    action: Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{1,40}\.[a-z_]{1,40}$")] | None = None
    user: Id | None = None
    client: Id | None = None

    def __post_init__(self) -> None:
        for moment in filter(None, (self.since, self.until)):
            in_utc(moment)


class AuditEvents:
    """Newest first. Filters: ``since``, ``until`` (RFC 3339), ``action``, ``user``, ``client``; ``limit`` ≤ 200."""

    def __init__(self, database: Database, guard: Guard) -> None:
        self._database = database
        self._admission = Admission(guard, "auditlog")

    async def __call__(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "view")
        asked = query(request, _Query)
        wanted = events.Filter(
            since=asked.since, until=asked.until, action=asked.action, user=asked.user, client=asked.client
        )
        after = asked.after(events.Position)
        async with self._database.connection() as connection:
            found = await events.page(connection, bearer.tenant, wanted, after, asked.to_fetch)
        return listed(found, asked, show=_entry, place=events.position)


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
