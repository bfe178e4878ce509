"""``token.apply``: an owner tells what it has just committed."""

import datetime as dt
from collections.abc import Mapping

from aiohttp import web

from latchkey_contracts.feed import FLOORS
from latchkey_contracts.requests.grants import Applied, TokenApply
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.callers import caller_of
from latchkey_kit.web.problems import Problem, bad_request
from latchkey_token.clients.gates import Gates
from latchkey_token.kills import turning
from latchkey_token.kills.owners import OWNER_OF
from latchkey_token.store import feed, standing

_OWNER_OF_GATES = "client-registry"
_OWNER_OF_FLOORS = "permissions"
_OWNER_OF_LIMITS = "auth"


class Apply:
    """Each owner may tell only of its own. ``callers`` as in the settings, ``lease`` in seconds."""

    def __init__(self, database: Database, gates: Gates, callers: Mapping[str, str], *, lease: float) -> None:
        self._database = database
        self._gates = gates
        self._callers = callers
        self._lease = dt.timedelta(seconds=lease)

    async def __call__(self, request: web.Request) -> web.Response:
        ask = await json_body(request, TokenApply)
        if _owners(ask) - {caller_of(request, self._callers)}:
            raise Problem(403, "not_the_owner", "That is not yours to tell.")
        if any(floor.kind not in FLOORS for floor in ask.floors):
            raise bad_request("A floor of an unknown kind would leave every verifier without a lease.")
        return answer(await self._apply(ask))

    async def _apply(self, ask: TokenApply) -> Applied:
        gates = [ask.gate] if ask.gate else []
        async with self._database.transaction() as connection:
            if ask.limits is not None:
                await standing.put_limits(connection, ask.limits)
            number = await turning.take(connection, told=gates, standings=ask.standings)
            number = await feed.append_floors(connection, ask.floors) or number
        for client in (*(gate.client for gate in gates), *(one.key for one in ask.standings if one.kind == "client")):
            self._gates.forget(client)
        return Applied(number=number, effective_at=await self._in_force() if number else None)

    async def _in_force(self) -> dt.datetime:
        """One lease after the commit, by the database's clock."""
        async with self._database.connection() as connection:
            return await feed.now(connection) + self._lease


def _owners(ask: TokenApply) -> set[str]:
    """Whose facts these are."""
    owners: set[str] = {OWNER_OF[one.kind] for one in ask.standings}
    if ask.gate:
        owners.add(_OWNER_OF_GATES)
    if ask.limits:
        owners.add(_OWNER_OF_LIMITS)
    if ask.floors:
        owners.add(_OWNER_OF_FLOORS)
    return owners
