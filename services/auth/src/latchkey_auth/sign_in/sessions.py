"""Whose browser it is."""

import base64
import datetime as dt
import hashlib

from aiohttp import web

from latchkey_auth.domain.people import Person, User
from latchkey_auth.store import people
from latchkey_auth.store import sessions as store
from latchkey_auth.store.sessions import Begun
from latchkey_kit.clock import Clock
from latchkey_kit.db import Connection, Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.telemetry import facts
from latchkey_look.cookies import Cookies

_SIZE = 32


class Sessions:
    """Starts, finds and ends sessions. A new sign-in is always a new session (no fixation)."""

    def __init__(
        self, database: Database, clock: Clock, entropy: Entropy, cookies: Cookies, life: dt.timedelta
    ) -> None:
        self._database = database
        self._clock = clock
        self._entropy = entropy
        self._life = life
        self.cookies = cookies

    async def person(self, request: web.Request) -> Person | None:
        """Who is signed in here."""
        value = request.cookies.get(self.cookies.session)
        return await self.person_of(value) if value else None

    async def person_of(self, value: str) -> Person | None:
        """Whose session it is, by the value of its cookie."""
        id_hash = _hashed(value)
        async with self._database.connection() as connection:
            found = await store.living(connection, id_hash)
            if found is None:
                return None
            if found.long_unseen:
                await store.seen(connection, id_hash)
            tenants = await people.tenants_of(connection, found.user.id)
        return Person(
            user=found.user,
            tenants=tenants,
            session=id_hash,
            login=found.id,
            csrf_secret=found.csrf_secret,
            age=found.age,
            staff=found.staff,
        )

    async def start(self, connection: Connection, request: web.Request, user: User, password_hash: str) -> str | None:
        """Begin a session instead of the browser's former one; returns the value of its cookie.

        ``None`` for a user who has just been disabled, or has another password than the one that was checked.
        """
        if not await store.may_begin(connection, user.id, password_hash):
            return None
        former = self._id_hash(request)
        if former is not None:
            await store.end(connection, former)
        value = self.random()
        about = facts.current()
        begun = Begun(
            id=new_id(self._clock, self._entropy),
            id_hash=_hashed(value),
            csrf_secret=self._entropy.bytes(_SIZE),
            address=about.address,
            agent=about.agent,
        )
        await store.add(connection, user.id, begun, self._life)
        return value

    async def renew(self, connection: Connection, person: Person) -> str | None:
        """Give a session another id: whoever has a copy of its cookie has nothing; returns the new value.

        Forms that it was shown before are good no more. ``None`` when it is over.
        """
        value = self.random()
        renewed = await store.renew(connection, person.session, _hashed(value), self._entropy.bytes(_SIZE))
        return value if renewed else None

    def random(self) -> str:
        """256 random bits, fit for a cookie."""
        return base64.urlsafe_b64encode(self._entropy.bytes(_SIZE)).rstrip(b"=").decode()

    def _id_hash(self, request: web.Request) -> bytes | None:
        value = request.cookies.get(self.cookies.session)
        return _hashed(value) if value else None


def _hashed(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()
