"""``/v1/my/connections``: what somebody has connected themselves, in every workspace; it takes no right to end that."""

import datetime as dt

import msgspec
from aiohttp import web

from latchkey_contracts import feed
from latchkey_contracts.events.token import UserDisconnected
from latchkey_contracts.ids import Id
from latchkey_kit.db import Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.bodies import answer, query
from latchkey_kit.web.problems import not_found
from latchkey_token.store import kills
from latchkey_token.store.feed import now
from latchkey_token.store.kills import Cut
from latchkey_token.store.own_connections import apps_of, tie
from latchkey_verify.people import People


class PartQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tenant: Id
    client: Id


class Parted(msgspec.Struct, frozen=True):
    """In force everywhere at ``effective_at``, at the latest."""

    effective_at: dt.datetime


class OwnConnections:
    """For a person at the console. ``lease`` in seconds."""

    def __init__(self, people: People, database: Database, outbox: Outbox, *, lease: float) -> None:
        self._people = people
        self._database = database
        self._outbox = outbox
        self._lease = dt.timedelta(seconds=lease)

    async def list(self, request: web.Request) -> web.Response:
        """One row for each app and workspace, of what lives."""
        user = await self._people.user(request)
        async with self._database.connection() as connection:
            return answer({"data": await apps_of(connection, user)})

    async def disconnect(self, request: web.Request) -> web.Response:
        """Part from an app in a workspace. Once more changes nothing, and is no error; 404 if there was never a tie.

        It needs no membership: who was removed has no living connection.
        """
        user = await self._people.user(request)
        asked = query(request, PartQuery)
        whose = {"tenant": asked.tenant, "user": user, "client": asked.client}
        async with self._database.connection() as connection:
            found = await tie(connection, **whose)
        if found.living:
            await self._part(**whose)
        elif not found.cut:
            raise not_found("You have not connected this app in this workspace.")
        async with self._database.connection() as connection:
            return answer(Parted(await now(connection) + self._lease))

    async def _part(self, *, tenant: str, user: str, client: str) -> None:
        cut = Cut(
            kind=feed.TENANT_USER_CLIENT, key=tenant + user + client, source="token", reason=UserDisconnected.type,
            by=user,
        )  # fmt: skip
        async with self._database.transaction() as connection:
            await kills.begin(connection)
            if not (await tie(connection, tenant=tenant, user=user, client=client)).living:
                return  # another tab was faster
            event = UserDisconnected(user=user, client=client)
            await self._outbox.add(connection, event, tenant=tenant, user=user)
            await kills.kill_many(connection, [cut])
