"""The operator's requests about resource servers: list, add, remove."""

from aiohttp import web

from latchkey_contracts.ids import is_id
from latchkey_contracts.requests import Done
from latchkey_contracts.requests.resource_servers import (
    ResourceServer,
    ResourceServerAdd,
    ResourceServerAdded,
    ResourceServerCheck,
    ResourceServerKnown,
    ResourceServerRemove,
    ResourceServers,
    ResourceServersList,
)
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import FieldError, Problem, bad_request
from latchkey_oauth.token_string import OPAQUE_SIZE, RESOURCE_SERVER_SECRET_PREFIX, opaque, secret_hash
from latchkey_token.clients.resource_servers import ResourceServers as Known
from latchkey_token.store import resource_servers as store


class CheckResourceServer:
    """Says whether somebody is a resource server, for services that have no list of their own."""

    def __init__(self, known: Known) -> None:
        self._known = known

    async def __call__(self, request: web.Request) -> web.Response:
        asked = await json_body(request, ResourceServerCheck)
        return answer(ResourceServerKnown(known=await self._known.is_one(asked.name, asked.digest)))


class OperatedResourceServers:
    """``known`` are the audiences that access tokens can carry; ``callers`` the names of our own services."""

    def __init__(
        self, database: Database, clock: Clock, entropy: Entropy, *, known: tuple[str, ...], callers: frozenset[str]
    ) -> None:
        self._database = database
        self._clock = clock
        self._entropy = entropy
        self._known = known
        self._callers = callers

    async def list(self, request: web.Request) -> web.Response:
        await json_body(request, ResourceServersList)
        async with self._database.connection() as connection:
            found = await store.everyone(connection)
        shown = (
            ResourceServer(id=one.id, name=one.name, audience=one.audience, created_at=one.created_at) for one in found
        )
        return answer(ResourceServers(resource_servers=tuple(shown), audiences=self._known))

    async def add(self, request: web.Request) -> web.Response:
        asked = await json_body(request, ResourceServerAdd)
        self._check(asked)
        server, secret = new_id(self._clock, self._entropy), self._entropy.bytes(OPAQUE_SIZE)
        text = opaque(RESOURCE_SERVER_SECRET_PREFIX, secret)
        async with self._database.transaction() as connection:
            added = await store.add(
                connection, server, name=asked.name, secret_hash=secret_hash(text), audience=asked.audience
            )
        if not added:
            raise Problem(409, "name_taken", "There is a resource server with this name.")
        return answer(ResourceServerAdded(id=server, secret=text))

    async def remove(self, request: web.Request) -> web.Response:
        asked = await json_body(request, ResourceServerRemove)
        async with self._database.transaction() as connection:
            if not await store.remove(connection, asked.name):
                raise Problem(404, "unknown_resource_server", "There is no resource server with this name.")
        return answer(Done())

    def _check(self, asked: ResourceServerAdd) -> None:
        if asked.audience not in self._known:
            message = f"Access tokens carry {' or '.join(self._known)}, no other audience yet."
            raise bad_request(message, FieldError(pointer="/audience", message=message))
        # Names of clients and of our own services are told apart from it by their looks alone.
        if is_id(asked.name) or asked.name in self._callers:
            message = "This name is taken by a service, or looks like the id of a client."
            raise bad_request(message, FieldError(pointer="/name", message=message))
