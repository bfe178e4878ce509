"""What other services look up: a client for the authorization endpoint, and its gate for the token endpoint."""

from aiohttp import web

from latchkey_client_registry.domain.usable import usable_in
from latchkey_client_registry.store import clients, everywhere, gates, labs, tenant_clients
from latchkey_contracts.ids import is_id
from latchkey_contracts.requests.clients import Client, ClientAnswer, ClientsGet, GateAnswer, GateGet
from latchkey_contracts.requests.console import ClientsAnswer, ClientsNamed, LabsAnswer, LabsOf, NamedClient
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body


class Lookups:
    """An unknown client is an answer (``None``), not an error: only our silence is one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def client(self, request: web.Request) -> web.Response:
        """``clients.get``: a client, and in which of some tenants it may be used. A barred one is unknown."""
        asked = await json_body(request, ClientsGet)
        if not is_id(asked.client):
            return answer(ClientAnswer(client=None))
        async with self._database.connection() as connection:
            # Turns are read first: should one move now, the consent knows an older turn, and is asked for again.
            stands = await tenant_clients.among(connection, asked.client, asked.tenants)
            stored = await clients.get(connection, asked.client)
            enabled = await labs.enabled_among(connection, asked.tenants)
        if stored is None or stored.bars.barred:
            return answer(ClientAnswer(client=None))
        blocked = [tenant for tenant, stand in stands.items() if stand.barred]
        usable = usable_in(
            asked.tenants, maker=stored.client.tenant, published=stored.client.published, labs=enabled, blocked=blocked
        )
        turns = {tenant: stands[tenant].turn for tenant in usable if tenant in stands}
        return answer(ClientAnswer(client=stored.client, usable_in=usable, turns_in=turns))

    async def named(self, request: web.Request) -> web.Response:
        """``clients.named``: what some clients are called, deleted ones too; unknown ones are left out."""
        asked = await json_body(request, ClientsNamed)
        async with self._database.connection() as connection:
            found = await everywhere.named(connection, asked.clients)
        return answer(ClientsAnswer(clients={one.client.id: _named(one.client) for one in found}))

    async def labs(self, request: web.Request) -> web.Response:
        """Whether the Labs switch of a workspace is on."""
        asked = await json_body(request, LabsOf)
        async with self._database.connection() as connection:
            return answer(LabsAnswer(on=bool(await labs.enabled_among(connection, [asked.tenant]))))

    async def gate(self, request: web.Request) -> web.Response:
        """What minting must know, of a deleted client too: type, proof, secret hashes, terms, revision and turn."""
        asked = await json_body(request, GateGet)
        async with self._database.connection() as connection:
            return answer(GateAnswer(gate=await gates.read(connection, asked.client)))


def _named(client: Client) -> NamedClient:
    return NamedClient(
        name=client.name,
        description=client.description,
        logo=client.logo,
        published=client.published,
        tenant=client.tenant,
    )
