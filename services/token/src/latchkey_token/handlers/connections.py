"""``GET /v1/connections`` and ``DELETE /v1/connections/{id}``: a tenant's connections, for those who manage them."""

import datetime as dt

import msgspec
from aiohttp import web

from latchkey_contracts.ids import Id
from latchkey_kit.db import Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.bodies import path_id, query
from latchkey_kit.web.lists import PageQuery, listed
from latchkey_kit.web.problems import not_found
from latchkey_token.domain.connection_status import Status, status
from latchkey_token.store.connection_list import ListedConnection, connections_of, is_of_tenant
from latchkey_token.store.kills import kill_connection
from latchkey_verify.web import Guard

_MODEL = "connection"


class ListQuery(PageQuery, frozen=True, kw_only=True):
    client: Id | None = None
    user: Id | None = None


class ShownConnection(msgspec.Struct, frozen=True, kw_only=True):
    """``last_used_at`` is when its last tokens were made; ``None`` while its code was not exchanged."""

    id: str
    client: str
    user: str
    scope: tuple[str, ...]
    status: Status
    created_at: dt.datetime
    last_used_at: dt.datetime | None
    expires_at: dt.datetime


class Connections:
    """Needs the rights ``connection:view`` and ``connection:remove``; sees the bearer's own tenant only."""

    def __init__(self, guard: Guard, database: Database, outbox: Outbox) -> None:
        self._guard = guard
        self._database = database
        self._outbox = outbox

    async def list(self, request: web.Request) -> web.Response:
        bearer = await self._guard.bearer(request)
        await self._guard.require(bearer, _MODEL, "view")
        asked = query(request, ListQuery)
        before = asked.after(Id)
        async with self._database.connection() as connection:
            found = await connections_of(
                connection, bearer.tenant, client=asked.client, user=asked.user, before=before, limit=asked.to_fetch
            )
        return listed(found, asked, show=_show, place=lambda one: one.id)

    async def disconnect(self, request: web.Request) -> web.Response:
        """Cut a connection; to cut a dead one again changes nothing and is no error."""
        bearer = await self._guard.bearer(request)
        await self._guard.require(bearer, _MODEL, "remove")
        wanted = path_id(request, "id")
        async with self._database.transaction() as connection:
            if not await is_of_tenant(connection, bearer.tenant, wanted):
                raise not_found()
            await kill_connection(
                connection, connection_id=wanted, reason="disconnected", by=bearer.user, outbox=self._outbox
            )
        return web.Response(status=204)


def _show(listed: ListedConnection) -> ShownConnection:
    return ShownConnection(
        id=listed.id,
        client=listed.client,
        user=listed.user,
        scope=tuple(listed.scope.split()),
        status=status(
            generation=listed.generation,
            revoked_at=listed.revoked_at,
            expires_at=listed.expires_at,
            now=listed.now,
        ),
        created_at=listed.created_at,
        last_used_at=listed.rotated_at,
        expires_at=listed.expires_at,
    )
