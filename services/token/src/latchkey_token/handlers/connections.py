"""``/v1/connections``: a tenant's connections, for those who manage them; to see, and to cut one or many."""

import datetime as dt
from typing import Annotated, Final, Literal

import msgspec
from aiohttp import web

from latchkey_contracts import feed
from latchkey_contracts.events.token import UserDisconnected
from latchkey_contracts.ids import Id
from latchkey_kit.db import Connection, Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.bodies import answer, path_id, query
from latchkey_kit.web.lists import PageQuery, listed
from latchkey_kit.web.problems import bad_request, not_found
from latchkey_token.domain.connection_status import Status, status
from latchkey_token.store import kills
from latchkey_token.store.connection_list import ListedConnection, connections_of, one_of
from latchkey_token.store.counting import living_by_app
from latchkey_token.store.feed import now
from latchkey_token.store.kills import Cut, kill_connection
from latchkey_verify.admission import Admission
from latchkey_verify.management import Manager


class ListQuery(PageQuery, frozen=True, kw_only=True):
    """``ended``: only the expired and revoked, or only the others; without it, all."""

    client: Id | None = None
    user: Id | None = None
    ended: bool | None = None


MOST_APPS: Final = 100
_Clients = Annotated[
    str,
    msgspec.Meta(  # `$` alone lets a line feed follow
        pattern=rf"^[0-9a-f]{{32}}(,[0-9a-f]{{32}}){{0,{MOST_APPS - 1}}}(?!\s)$", max_length=MOST_APPS * 33 - 1
    ),
]


class SummaryQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``clients``: the ids of 1 to 100 clients, parted by commas."""

    clients: _Clients


class CutQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose connections: all of a client, all of a user, or a user's with a client."""

    client: Id | None = None
    user: Id | None = None


class ShownConnection(msgspec.Struct, frozen=True, kw_only=True):
    """``last_used_at`` is when its last tokens were made; ``None`` while its code was not exchanged.

    ``expires_by`` says what ends it at ``expires_at``: ``unused``, as it was left so for too long, or ``lifetime``,
    the limit on the whole of its life. ``revoked_reason`` is that of its event ``connection.revoked``, or of the
    ``connection.all_cut`` that it was ended by with others; ``revoked_by`` the person who disconnected user and app
    (``user.disconnected``), where that is still known.
    ``effective_at``: since when no verifier accepts anything of a revoked one; ``None`` until that is known.
    """

    id: str
    client: str
    user: str
    scope: tuple[str, ...]
    status: Status
    created_at: dt.datetime
    last_used_at: dt.datetime | None
    expires_at: dt.datetime
    expires_by: Literal["unused", "lifetime"]
    revoked_at: dt.datetime | None
    revoked_reason: str | None
    revoked_by: str | None
    effective_at: dt.datetime | None


class Many(msgspec.Struct, frozen=True):
    """``number`` of the kill in the feed. In force everywhere at ``effective_at``, at the latest."""

    number: int
    effective_at: dt.datetime


class Connections:
    """Needs the rights ``connection:view`` and ``connection:remove``; sees the bearer's own tenant only.

    ``lease`` in seconds.
    """

    def __init__(self, admission: Admission, database: Database, outbox: Outbox, *, lease: float) -> None:
        self._admission = admission
        self._database = database
        self._outbox = outbox
        self._lease = lease

    async def list(self, request: web.Request) -> web.Response:
        """The newest first. ``ended=false`` leaves out the expired and the revoked, ``ended=true`` all others."""
        bearer = await self._admission.bearer(request, "view")
        asked = query(request, ListQuery)
        before = asked.after(Id)
        async with self._database.connection() as connection:
            found = await connections_of(
                connection,
                bearer.tenant,
                client=asked.client,
                user=asked.user,
                ended=asked.ended,
                before=before,
                limit=asked.to_fetch,
            )
        return listed(found, asked, show=_show, place=lambda one: one.id)

    async def summary(self, request: web.Request) -> web.Response:
        """How many living connections each of these clients has in the tenant, and when it was last used.

        In the order of ``clients``, each once. A client that there is not has none. Of each the newest 200 are looked
        at that nobody has ended: where there may be others, ``more`` is true, and ``last_used_at`` may be later.
        """
        bearer = await self._admission.bearer(request, "view")
        asked = query(request, SummaryQuery)
        async with self._database.connection() as connection:
            found = await living_by_app(connection, bearer.tenant, tuple(dict.fromkeys(asked.clients.split(","))))
        return answer({"data": found, "next_cursor": None})

    async def get(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "view")
        wanted = path_id(request, "id")
        async with self._database.connection() as connection:
            found = await one_of(connection, bearer.tenant, wanted)
        if found is None:
            raise not_found()
        return answer(_show(found))

    async def disconnect(self, request: web.Request) -> web.Response:
        """End a connection; to end a dead one again changes nothing and is no error."""
        bearer = await self._admission.bearer(request, "remove")
        wanted = path_id(request, "id")
        async with self._database.transaction() as connection:
            if await one_of(connection, bearer.tenant, wanted) is None:
                raise not_found()
            await kills.begin_one(connection)
            await kill_connection(
                connection,
                connection_id=wanted,
                reason="disconnected",
                by=bearer.user,
                through=bearer.client,
                outbox=self._outbox,
                lease=self._lease,
            )
        return web.Response(status=204)

    async def disconnect_many(self, request: web.Request) -> web.Response:
        """End all connections in the tenant of a client, of a user, or of a user with a client, at the cost of one."""
        bearer = await self._admission.bearer(request, "remove")
        asked = query(request, CutQuery)
        cut = _cut(asked, bearer)
        async with self._database.transaction() as connection:
            await kills.begin(connection)
            await self._tell(connection, asked, bearer)
            number = await kills.kill_many(connection, [cut])
        async with self._database.connection() as connection:
            in_force = await now(connection) + dt.timedelta(seconds=self._lease)
        assert number is not None  # noqa: S101 - there was one to kill
        return answer(Many(number, in_force))

    async def _tell(self, connection: Connection, asked: CutQuery, bearer: Manager) -> None:
        """That a user parted from an app is told at once; how many connections a cut ended, when they are counted."""
        if asked.user and asked.client:
            event = UserDisconnected(user=asked.user, client=asked.client)
            await self._outbox.add(connection, event, tenant=bearer.tenant, user=bearer.user, client=bearer.client)


def _cut(asked: CutQuery, bearer: Manager) -> Cut:
    def cut(kind: str, key: str, reason: str) -> Cut:
        whole = bearer.tenant + key
        return Cut(kind=kind, key=whole, source="token", reason=reason, by=bearer.user, through=bearer.client)

    match asked.user, asked.client:
        case None, None:
            raise bad_request("Name a client, a user, or both.")
        case None, str(client):
            return cut(feed.TENANT_CLIENT, client, "app.cut")
        case str(user), None:
            return cut(feed.TENANT_USER, user, "user.cut")
        case user, client:
            return cut(feed.TENANT_USER_CLIENT, f"{user}{client}", UserDisconnected.type)


def _show(listed: ListedConnection) -> ShownConnection:
    return ShownConnection(
        id=listed.id,
        client=listed.client,
        user=listed.user,
        scope=tuple(listed.scope.split()),
        status=status(generation=listed.generation, cut_at=listed.cut_at, ends=listed.ends, now=listed.now),
        created_at=listed.created_at,
        last_used_at=listed.rotated_at,
        expires_at=listed.ends,
        expires_by="lifetime" if listed.outlasts else "unused",
        revoked_at=listed.cut_at,
        revoked_reason=listed.reason,
        revoked_by=listed.cut_by,
        effective_at=listed.effective_at,
    )
