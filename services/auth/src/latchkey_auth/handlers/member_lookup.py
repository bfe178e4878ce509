"""Who some users of a tenant are, and who of them belongs to it."""

from aiohttp import web

from latchkey_auth.store import members
from latchkey_contracts.requests.console import NamedPerson, PeopleAnswer, PeopleNamed
from latchkey_contracts.requests.members import MembersAnswer, MembersGet
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body


class MemberLookup:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def among(self, request: web.Request) -> web.Response:
        """Who belongs to the tenant: asked before a right is given to somebody."""
        asked = await json_body(request, MembersGet)
        async with self._database.connection() as connection:
            return answer(MembersAnswer(members=await members.among(connection, asked.tenant, asked.users)))

    async def named(self, request: web.Request) -> web.Response:
        """What they are called, former members too, for pages that show ids otherwise."""
        asked = await json_body(request, PeopleNamed)
        async with self._database.connection() as connection:
            found = await members.named(connection, asked.tenant, asked.users)
        return answer(PeopleAnswer(people={one.id: NamedPerson(name=one.name, email=one.email) for one in found}))
