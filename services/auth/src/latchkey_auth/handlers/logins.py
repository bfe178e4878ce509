"""`/v1/logins`: where somebody is signed in, for themselves at the console."""

import datetime as dt

import msgspec
from aiohttp import web

from latchkey_auth.sign_in.account_events import AccountEvents
from latchkey_auth.store import sessions
from latchkey_auth.store.sessions import Login
from latchkey_contracts.events.auth import UserSessionsEnded
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, path_id
from latchkey_kit.web.problems import not_found
from latchkey_verify.people import People


class ShownLogin(msgspec.Struct, frozen=True, kw_only=True):
    """``address`` and ``agent`` are those of the sign-in; ``current`` is the session that asks."""

    id: str
    created_at: dt.datetime
    last_seen_at: dt.datetime
    address: str | None
    agent: str | None
    current: bool


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    ended: int


class Logins:
    def __init__(self, database: Database, events: AccountEvents, people: People) -> None:
        self._database = database
        self._events = events
        self._people = people

    async def list(self, request: web.Request) -> web.Response:
        claims = await self._people.claims(request)
        async with self._database.connection() as connection:
            found = await sessions.of_user(connection, claims.sub)
        return answer({"data": [_show(one, claims.ses) for one in found]})

    async def end(self, request: web.Request) -> web.Response:
        claims = await self._people.claims(request)
        login = path_id(request, "login_id")
        async with self._database.transaction() as connection:
            if not await sessions.end_one(connection, claims.sub, login):
                raise not_found("This session is over.")
            await self._events.add(connection, UserSessionsEnded(user=claims.sub, sessions=1))
        return web.Response(status=204)

    async def end_others(self, request: web.Request) -> web.Response:
        claims = await self._people.claims(request)
        async with self._database.transaction() as connection:
            ended = await sessions.end_others(connection, claims.sub, claims.ses or None)
            if ended:
                await self._events.add(connection, UserSessionsEnded(user=claims.sub, sessions=ended))
        return answer(Ended(ended=ended))


def _show(login: Login, current: str) -> ShownLogin:
    return ShownLogin(
        id=login.id,
        created_at=login.created_at,
        last_seen_at=login.last_seen_at,
        address=login.address,
        agent=login.agent,
        current=login.id == current,
    )
