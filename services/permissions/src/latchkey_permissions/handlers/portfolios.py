"""`/v1/portfolios/{user_id}`: the companies that a user sees whose portfolio is ``listed``."""

from typing import Annotated, Final

import msgspec
from aiohttp import web

from latchkey_contracts.ids import Id
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body, path_id
from latchkey_permissions.changes.changing import Changing
from latchkey_permissions.changes.teams import put_list
from latchkey_permissions.handlers.members import Members
from latchkey_permissions.store import lists
from latchkey_verify.admission import Admission

MOST_LISTED: Final = 1000


class ShownList(msgspec.Struct, frozen=True, kw_only=True):
    user: str
    companies: tuple[str, ...]


class _Put(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    companies: Annotated[tuple[Id, ...], msgspec.Meta(max_length=MOST_LISTED)]


class Portfolios:
    def __init__(self, database: Database, admission: Admission, changing: Changing, members: Members) -> None:
        self._database = database
        self._admission = admission
        self._changing = changing
        self._members = members

    async def get(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "view")
        user = path_id(request, "user_id")
        await self._members.require(bearer.tenant, user)
        async with self._database.connection() as connection:
            companies = await lists.of_user(connection, bearer.tenant, user)
        return answer(_show(user, companies))

    async def put(self, request: web.Request) -> web.Response:
        """Replace the list. An id that is no company of the tenant shows nothing."""
        bearer = await self._admission.bearer(request, "update")
        user = path_id(request, "user_id")
        companies = frozenset((await json_body(request, _Put)).companies)
        await self._members.require(bearer.tenant, user)
        async with self._changing.change(bearer.tenant, self._admission.actor(bearer)) as change:
            await put_list(change, user, companies)
        return answer(_show(user, companies))


def _show(user: str, companies: frozenset[str]) -> ShownList:
    return ShownList(user=user, companies=tuple(sorted(companies)))
