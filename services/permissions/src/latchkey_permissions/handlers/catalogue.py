"""`PUT /v1/catalogue`: a resource server registers its data models."""

from collections.abc import Mapping
from typing import Final

import msgspec
from aiohttp import web

from latchkey_contracts.events.permission import CatalogueRegistered
from latchkey_kit.db import Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.callers import caller_of, said
from latchkey_kit.web.problems import Problem, bad_request
from latchkey_kit.web.routes import GUEST, Guests
from latchkey_permissions.domain.registration import clashes
from latchkey_permissions.store import models
from latchkey_policy.catalogue import Catalogue, Model
from latchkey_policy.errors import CatalogueError

RESOURCE_SERVERS: Final = frozenset({"records"})
"""Our own; those of others are guests."""


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    models: tuple[Model, ...]


class PutCatalogue:
    """The models replace all that the same server registered before; the same ones again change nothing.

    The server names itself with its own credential (HTTP Basic), on the public port as on the internal one.
    400 names what is malformed; 409 the name or route that belongs to somebody else.
    """

    def __init__(self, database: Database, outbox: Outbox, callers: Mapping[str, str], guests: Guests) -> None:
        self._database = database
        self._outbox = outbox
        self._callers = callers
        self._guests = guests

    async def __call__(self, request: web.Request) -> web.Response:
        server = await self._server(request)
        body = await json_body(request, _Body)
        try:
            wanted = tuple(Catalogue(body.models))
        except CatalogueError as error:
            raise bad_request(str(error)) from None
        await self._register(server, wanted)
        return answer({"models": [model.name for model in wanted]})

    async def _server(self, request: web.Request) -> str:
        if GUEST in request:
            return request[GUEST]
        caller = said(request)
        if caller is not None and caller.name not in self._callers and await self._guests(*caller):
            return caller.name
        server = caller_of(request, self._callers)
        if server not in RESOURCE_SERVERS:
            raise Problem(403, "caller_not_allowed", "Only a resource server registers data models.")
        return server

    async def _register(self, server: str, wanted: tuple[Model, ...]) -> None:
        async with self._database.transaction() as connection:
            await models.lock(connection)
            stored = await models.stored(connection)
            others = [one for one in stored.models if one.resource_server != server]
            if found := clashes(wanted, others):
                raise Problem(409, "catalogue_clash", "A name or route is taken.", " ".join(found))
            if wanted == tuple(one.model for one in stored.models if one.resource_server == server):
                return
            await models.replace(connection, server, wanted)
            event = CatalogueRegistered(resource_server=server, models=tuple(model.name for model in wanted))
            await self._outbox.add(connection, event, tenant=None)
