"""Whose browser it is: cookies and sessions."""

import base64
import datetime as dt
import hashlib
from urllib.parse import urlsplit

from aiohttp import web

from latchkey_auth.domain.people import Person, User
from latchkey_auth.store import people
from latchkey_auth.store import sessions as store
from latchkey_kit.db import Connection, Database
from latchkey_kit.entropy import Entropy

_SIZE = 32


class Cookies:
    """Names and properties of our cookies, by the origin of the pages.

    On https the ``__Host-`` prefix keeps other hosts of the domain from planting one. On http, which is one machine,
    the port is part of the name: cookies do not know ports, and stacks stand side by side.
    """

    def __init__(self, origin: str) -> None:
        parts = urlsplit(origin)
        self._secure = parts.scheme == "https"
        pattern = "__Host-latchkey_{}" if self._secure else f"latchkey_{{}}_{parts.port or 80}"
        self.session = pattern.format("session")
        self.sign_in = pattern.format("sign_in")

    def put(self, response: web.Response, name: str, value: str) -> None:
        response.set_cookie(name, value, path="/", httponly=True, samesite="Lax", secure=self._secure)

    def drop(self, response: web.Response, name: str) -> None:
        response.del_cookie(name, path="/", httponly=True, samesite="Lax", secure=self._secure)


class Sessions:
    """Starts, finds and ends sessions. A new sign-in is always a new session (no fixation)."""

    def __init__(self, database: Database, entropy: Entropy, cookies: Cookies, life: dt.timedelta) -> None:
        self._database = database
        self._entropy = entropy
        self._life = life
        self.cookies = cookies

    async def person(self, request: web.Request) -> Person | None:
        """Who is signed in here."""
        id_hash = self._id_hash(request)
        if id_hash is None:
            return None
        async with self._database.connection() as connection:
            found = await store.living(connection, id_hash)
            if found is None:
                return None
            tenants = await people.tenants_of(connection, found.user.id)
        return Person(user=found.user, tenants=tenants, session=id_hash, csrf_secret=found.csrf_secret)

    async def start(self, connection: Connection, request: web.Request, user: User) -> str | None:
        """Begin a session instead of the browser's former one; returns the value of its cookie.

        ``None`` for a user who has just been disabled.
        """
        if not await store.may_begin(connection, user.id):
            return None
        former = self._id_hash(request)
        if former is not None:
            await store.end(connection, former)
        value = self.random()
        await store.add(connection, _hashed(value), user.id, self._entropy.bytes(_SIZE), self._life)
        return value

    def random(self) -> str:
        """256 random bits, fit for a cookie."""
        return base64.urlsafe_b64encode(self._entropy.bytes(_SIZE)).rstrip(b"=").decode()

    def _id_hash(self, request: web.Request) -> bytes | None:
        value = request.cookies.get(self.cookies.session)
        return _hashed(value) if value else None


def _hashed(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()
