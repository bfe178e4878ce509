"""What a person may do by themselves: their role, as it is now."""

import msgspec
from aiohttp import web

from latchkey_contracts.requests.console import PersonRights, PersonRightsGet
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body
from latchkey_permissions.store import roles

_NOBODY = PersonRights(
    role=None,
    role_name="",
    permissions=msgspec.Raw(b"{}"),
    portfolio="own",
    app_center=False,
    settings=False,
    audit=False,
)


class PersonRightsOf:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, request: web.Request) -> web.Response:
        asked = await json_body(request, PersonRightsGet)
        return answer(await self.of(asked.tenant, asked.user))

    async def of(self, tenant: str, user: str) -> PersonRights:
        async with self._database.connection() as connection:
            role = await roles.of_user(connection, tenant, user)
        if role is None:
            return _NOBODY
        reach = role.reach
        return PersonRights(
            role=role.id,
            role_name=role.name,
            permissions=msgspec.Raw(reach.permissions.encode()),
            portfolio=reach.portfolio.value,
            app_center=reach.app_center,
            settings=reach.settings,
            audit=reach.audit,
        )
