"""Setting and showing the most that a client may do."""

from aiohttp import web

from latchkey_contracts import feed
from latchkey_contracts.events.permission import CeilingChanged
from latchkey_contracts.requests import Done
from latchkey_contracts.requests.permissions import CeilingAnswer, CeilingGet, CeilingPut
from latchkey_kit.db import Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import not_found
from latchkey_permissions.catalogue import SharedCatalogue
from latchkey_permissions.floor_courier import FloorCourier
from latchkey_permissions.handlers.named import known_permissions
from latchkey_permissions.store import ceilings, floors

_NO_CLIENT = "This tenant has no such client."


class PutCeiling:
    """The same ceiling again changes nothing. 400 names every model and action that there is not."""

    def __init__(self, database: Database, outbox: Outbox, catalogue: SharedCatalogue, courier: FloorCourier) -> None:
        self._database = database
        self._outbox = outbox
        self._catalogue = catalogue
        self._courier = courier

    async def __call__(self, request: web.Request) -> web.Response:
        asked = await json_body(request, CeilingPut)
        if await self._set(asked):
            await self._courier.deliver()
        return answer(Done())

    async def _set(self, asked: CeilingPut) -> bool:
        async with self._database.transaction() as connection:
            permissions = known_permissions(asked.permissions, await self._catalogue.now(connection))
            revision = await ceilings.put(connection, asked.tenant, asked.client, permissions)
            if revision is None:
                if await ceilings.owner(connection, asked.client) != asked.tenant:
                    raise not_found(_NO_CLIENT)
                return False
            event = CeilingChanged(client=asked.client, revision=revision)
            await self._outbox.add(connection, event, tenant=asked.tenant)
            await floors.add(connection, feed.CEILING, asked.client, revision)
            return True


class GetCeiling:
    """404 when the tenant has no such client."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, request: web.Request) -> web.Response:
        asked = await json_body(request, CeilingGet)
        async with self._database.connection() as connection:
            permissions = await ceilings.get(connection, asked.tenant, asked.client)
        if permissions is None:
            raise not_found(_NO_CLIENT)
        return answer(
            CeilingAnswer(permissions={model: tuple(rights) for model, rights in permissions.plain().items()})
        )
