"""``GET /oauth/jwks``: the keys that access tokens are signed with (RFC 7517 §5)."""

import msgspec
from aiohttp import web

from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer
from latchkey_kit.web.published import Published
from latchkey_token.keys.signing import Signer
from latchkey_token.store import keys as store


class SignerKeySet:
    """For everybody: the keys as this instance works with them, while the database is away, too."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    async def __call__(self, request: web.Request) -> web.Response:
        return await Published(self._signer.jwks())(request)


class StoredKeySet:
    """For verifiers: the keys as the database has them now. Whoever serves them here can open no private key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, _request: web.Request) -> web.Response:
        async with self._database.connection() as connection:
            keys = await store.public_keys(connection)
        return answer({"keys": [msgspec.Raw(key) for key in keys]})
