"""``POST /logout``."""

from aiohttp import web

from latchkey_auth.domain.forms import safe_next
from latchkey_auth.handlers.forms import check_csrf, read_form
from latchkey_auth.sign_in.account_events import AccountEvents
from latchkey_auth.sign_in.sessions import Sessions
from latchkey_auth.store import sessions as store
from latchkey_contracts.events.auth import UserSignedOut
from latchkey_kit.db import Database
from latchkey_look.pages import see_other


class SignOut:
    def __init__(self, database: Database, sessions: Sessions, events: AccountEvents, origin: str) -> None:
        self._database = database
        self._sessions = sessions
        self._events = events
        self._origin = origin

    async def submit(self, request: web.Request) -> web.Response:
        form = await read_form(request, self._origin)
        person = await self._sessions.person(request)
        response = see_other(safe_next(form.get("next")) or "/login")
        if person is not None:
            check_csrf(form, person.csrf_secret, "sign-out")
            async with self._database.transaction() as connection:
                await store.end(connection, person.session)
                await self._events.add(connection, UserSignedOut(user=person.user.id))
        self._sessions.cookies.drop(response, self._sessions.cookies.session)
        return response
