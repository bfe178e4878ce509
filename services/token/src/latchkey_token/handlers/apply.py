"""``token.apply``: an owner tells what it has just committed."""

from collections.abc import Mapping

from aiohttp import web

from latchkey_contracts.feed import FLOORS
from latchkey_contracts.requests.grants import Applied, TokenApply
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.callers import caller_of
from latchkey_kit.web.problems import Problem, bad_request
from latchkey_token.clients.gates import Gates
from latchkey_token.store import feed

_OWNER_OF_GATES = "client-registry"
_OWNER_OF_FLOORS = "permissions"


class Apply:
    """Each owner may tell only of its own. ``callers`` as in the settings."""

    def __init__(self, database: Database, gates: Gates, callers: Mapping[str, str]) -> None:
        self._database = database
        self._gates = gates
        self._callers = callers

    async def __call__(self, request: web.Request) -> web.Response:
        ask = await json_body(request, TokenApply)
        caller = caller_of(request, self._callers)
        if (ask.gate and caller != _OWNER_OF_GATES) or (ask.floors and caller != _OWNER_OF_FLOORS):
            raise Problem(403, "not_the_owner", "That is not yours to tell.")
        if any(floor.kind not in FLOORS for floor in ask.floors):
            raise bad_request("A floor of an unknown kind would leave every verifier without a lease.")
        async with self._database.transaction() as connection:
            if ask.gate is not None:
                await self._gates.put(connection, ask.gate)
            number = await feed.append_floors(connection, ask.floors)
        return answer(Applied(number=number))
