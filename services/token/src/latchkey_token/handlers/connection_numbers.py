"""What hangs on an app, in numbers: its living connections, and the use of its secrets."""

import datetime as dt

import msgspec
from aiohttp import web

from latchkey_contracts.ids import Id
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, query
from latchkey_kit.web.problems import not_found
from latchkey_token.clients.gates import Gates
from latchkey_token.store import secret_uses
from latchkey_token.store.counting import living_of
from latchkey_verify.admission import Admission


class AppQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    client: Id


class SecretsUsed(msgspec.Struct, frozen=True):
    """By the id of a secret; one that was never used is left out. True to a minute."""

    secrets: dict[str, dt.datetime]


class ConnectionNumbers:
    """Needs the right ``connection:view``; counts in the manager's own tenant."""

    def __init__(self, admission: Admission, database: Database, gates: Gates) -> None:
        self._admission = admission
        self._database = database
        self._gates = gates

    async def count(self, request: web.Request) -> web.Response:
        """Nobody's connections of an app that there is not are none."""
        manager = await self._admission.bearer(request, "view")
        asked = query(request, AppQuery)
        async with self._database.connection() as connection:
            return answer(await living_of(connection, manager.tenant, asked.client))

    async def secrets_used(self, request: web.Request) -> web.Response:
        """When each working secret was last used; 404 to whoever did not make the app."""
        manager = await self._admission.bearer(request, "view")
        asked = query(request, AppQuery)
        # The registry's word: it alone knows which secret has which id.
        gate = await self._gates.newest(asked.client)
        if gate is None or gate.tenant != manager.tenant:
            raise not_found()
        async with self._database.connection() as connection:
            used = await secret_uses.last(connection, gate.secret_hashes)
        named = zip(gate.secret_ids, gate.secret_hashes, strict=False)
        return answer(SecretsUsed({secret: used[digest] for secret, digest in named if digest in used}))
