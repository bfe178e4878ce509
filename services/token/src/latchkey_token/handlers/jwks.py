"""``GET /oauth/jwks``: the keys that access tokens are signed with (RFC 7517 §5)."""

import msgspec
from aiohttp import web

from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer
from latchkey_token.signing import Jwks
from latchkey_token.store import keys as store

_CACHE = {"Cache-Control": "public, max-age=300"}
"""Shorter than any key is published before it signs."""


class KeySet:
    def __init__(self, jwks: Jwks) -> None:
        self._jwks = jwks

    async def get(self, _request: web.Request) -> web.Response:
        return answer(self._jwks, headers=_CACHE)


class StoredKeySet:
    """The same, for verifiers, as the database has it now: whoever serves it can open no private key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, _request: web.Request) -> web.Response:
        async with self._database.connection() as connection:
            keys = await store.public_keys(connection)
        return answer({"keys": [msgspec.Raw(key) for key in keys]})
