"""Who of some users belongs to a tenant: asked before a right is given to somebody."""

from aiohttp import web

from latchkey_auth.store import members
from latchkey_contracts.requests.members import MembersAnswer, MembersGet
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body


class MemberLookup:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, request: web.Request) -> web.Response:
        asked = await json_body(request, MembersGet)
        async with self._database.connection() as connection:
            return answer(MembersAnswer(members=await members.among(connection, asked.tenant, asked.users)))
