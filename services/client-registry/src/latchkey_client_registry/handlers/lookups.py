"""What other services look up: a client for the authorization endpoint, and its gate for the token endpoint."""

from aiohttp import web

from latchkey_client_registry.domain.usable import usable_in
from latchkey_client_registry.registration import Registration
from latchkey_client_registry.store import clients, labs
from latchkey_contracts.ids import is_id
from latchkey_contracts.requests.clients import ClientAnswer, ClientsGet, GateAnswer, GateGet
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body


class Lookups:
    """An unknown client is an answer (``None``), not an error: only our silence is one."""

    def __init__(self, database: Database, registration: Registration) -> None:
        self._database = database
        self._registration = registration

    async def client(self, request: web.Request) -> web.Response:
        """``clients.get``: a client, and in which of some tenants it may be used."""
        asked = await json_body(request, ClientsGet)
        if not is_id(asked.client):
            return answer(ClientAnswer(client=None))
        async with self._database.connection() as connection:
            stored = await clients.get(connection, asked.client)
            enabled = await labs.enabled_among(connection, asked.tenants)
        if stored is None:
            return answer(ClientAnswer(client=None))
        usable = usable_in(asked.tenants, maker=stored.client.tenant, published=stored.published, labs=enabled)
        return answer(ClientAnswer(client=stored.client, usable_in=usable))

    async def gate(self, request: web.Request) -> web.Response:
        """What minting must know: type, proof, secret hashes, retry window, revision and turn."""
        asked = await json_body(request, GateGet)
        return answer(GateAnswer(gate=await self._registration.gate(asked.client)))
