"""What other services and the operator ask of the registry."""

from aiohttp import web

from latchkey_client_registry.domain.presets import with_preset
from latchkey_client_registry.domain.usable import usable_in
from latchkey_client_registry.registration import Actor, Registration
from latchkey_client_registry.store import clients, labs
from latchkey_contracts.ids import is_id
from latchkey_contracts.requests import Done
from latchkey_contracts.requests.clients import ClientAnswer, ClientsGet, GateAnswer, GateGet
from latchkey_contracts.requests.operator import ClientPut, LabsPut, Put
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body


class Requests:
    """The internal routes."""

    def __init__(self, database: Database, registration: Registration) -> None:
        self._database = database
        self._registration = registration

    async def clients_get(self, request: web.Request) -> web.Response:
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

    async def gate_get(self, request: web.Request) -> web.Response:
        asked = await json_body(request, GateGet)
        return answer(GateAnswer(gate=await self._registration.gate(asked.client)))

    async def labs_put(self, request: web.Request) -> web.Response:
        asked = await json_body(request, LabsPut)
        async with self._database.transaction() as connection:
            await labs.put(connection, asked.tenant, enabled=asked.on)
        return answer(Done())

    async def client_put(self, request: web.Request) -> web.Response:
        """Idempotent by name: a client that is there stays as it is."""
        asked = await json_body(request, ClientPut)
        async with self._database.connection() as connection:
            known = await clients.find_by_operator_name(connection, asked.tenant, asked.name)
        if known is not None:
            return answer(Put(id=known, created=False))
        draft = clients.Draft(
            id=self._registration.new_id(),
            tenant=asked.tenant,
            name=asked.name,
            description=asked.description,
            client_type=asked.client_type,
            proof=asked.proof,
            preset=asked.preset,
            redirect_uris=with_preset(asked.preset, asked.redirect_uris),
            operator_name=asked.name,
            published=asked.published,
        )
        await self._registration.create(draft, asked.permissions, Actor(), secret=asked.secret)
        return answer(Put(id=draft.id, created=True))
