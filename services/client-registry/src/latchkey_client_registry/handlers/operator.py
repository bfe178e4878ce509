"""What the operator's command asks for: the Labs switch, and clients by name. All idempotent."""

from aiohttp import web

from latchkey_client_registry.domain.presets import with_preset
from latchkey_client_registry.registration import Actor, Registration
from latchkey_client_registry.store import clients, labs
from latchkey_contracts.requests import Done
from latchkey_contracts.requests.operator import ClientPut, LabsPut, Put
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body


class Operator:
    def __init__(self, database: Database, registration: Registration) -> None:
        self._database = database
        self._registration = registration

    async def put_labs(self, request: web.Request) -> web.Response:
        asked = await json_body(request, LabsPut)
        async with self._database.transaction() as connection:
            await labs.put(connection, asked.tenant, enabled=asked.on)
        return answer(Done())

    async def put_client(self, request: web.Request) -> web.Response:
        """A client that is there by this name stays as it is."""
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
