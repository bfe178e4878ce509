"""``GET /oauth/jwks`` for verifiers: the keys that access tokens are signed with (RFC 7517 §5)."""

import msgspec
from aiohttp import web

from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer
from latchkey_token.store import keys as store


class StoredKeySet:
    """The keys as the database has them now: whoever serves them here can open no private key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, _request: web.Request) -> web.Response:
        async with self._database.connection() as connection:
            keys = await store.public_keys(connection)
        return answer({"keys": [msgspec.Raw(key) for key in keys]})
