"""Which roles some users have, for pages that list people."""

from aiohttp import web

from latchkey_contracts.requests.console import RoleOf, RolesAnswer, RolesOf
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body
from latchkey_permissions.store import roles


class RolesOfUsers:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, request: web.Request) -> web.Response:
        asked = await json_body(request, RolesOf)
        async with self._database.connection() as connection:
            found = await roles.names_of(connection, asked.tenant, asked.users)
        return answer(RolesAnswer(roles={user: RoleOf(id=role, name=name) for user, (role, name) in found.items()}))
