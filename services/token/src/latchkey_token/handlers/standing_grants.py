"""What a user has granted to a client already and what still lives, for auth."""

from aiohttp import web

from latchkey_contracts.requests.console import GrantsStanding, StandingAnswer, StandingGrant
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body
from latchkey_token.store.own_connections import standing


class StandingGrants:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, request: web.Request) -> web.Response:
        asked = await json_body(request, GrantsStanding)
        async with self._database.connection() as connection:
            found = await standing(connection, tenant=asked.tenant, user=asked.user, client=asked.client)
        if found is None:
            return answer(StandingAnswer(grant=None))
        grant = StandingGrant(
            document=found.document, resources=found.resources, connected_at=found.connected_at
        )  # fmt: skip
        return answer(StandingAnswer(grant=grant))
