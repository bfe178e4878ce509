"""Setting and showing the most that a client may do."""

from aiohttp import web

from latchkey_contracts import feed
from latchkey_contracts.changes import differences
from latchkey_contracts.events import Change as Changed
from latchkey_contracts.events.permission import CeilingChanged
from latchkey_contracts.requests import Done
from latchkey_contracts.requests.permissions import CeilingAnswer, CeilingGet, CeilingPut
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import not_found
from latchkey_permissions.changes.changing import Change, Changing
from latchkey_permissions.domain import told
from latchkey_permissions.handlers.named import known_permissions, shown_permissions
from latchkey_permissions.store import ceilings
from latchkey_policy.permissions import PermissionSet
from latchkey_verify.admission import Actor

_NO_CLIENT = "This tenant has no such client."


class PutCeiling:
    """The same ceiling again changes nothing.

    400 names every model, action and field that cannot stand there, 403 what is above the actor's own role.
    """

    def __init__(self, changing: Changing) -> None:
        self._changing = changing

    async def __call__(self, request: web.Request) -> web.Response:
        asked = await json_body(request, CeilingPut)
        async with self._changing.change(asked.tenant, Actor(user=asked.actor, client=asked.through)) as change:
            await self._set(change, asked)
        return answer(Done())

    async def _set(self, change: Change, asked: CeilingPut) -> None:
        if await ceilings.owner(change.connection, asked.client) not in {None, asked.tenant}:
            raise not_found(_NO_CLIENT)
        permissions = known_permissions(asked.permissions, change.catalogue)
        before = await ceilings.get(change.connection, asked.tenant, asked.client)
        if before is None or before.permissions != permissions:
            await change.bound_permissions(permissions)
        revision = await ceilings.put(change.connection, asked.tenant, asked.client, permissions, dynamic=asked.dynamic)
        if revision is None:
            return
        await change.tell(
            CeilingChanged(client=asked.client, revision=revision, changes=_changes(before, permissions, asked))
        )
        await change.floor(feed.CEILING, asked.client, revision)


def _changes(before: ceilings.Ceiling | None, permissions: PermissionSet, asked: CeilingPut) -> tuple[Changed, ...]:
    was = None if before is None else told.ceiling(before.permissions, dynamic=before.dynamic)
    stood = before is not None and before.dynamic
    dynamic = stood if asked.dynamic is None else asked.dynamic
    return differences(was, told.ceiling(permissions, dynamic=dynamic))


class GetCeiling:
    """404 when the tenant has no such client."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, request: web.Request) -> web.Response:
        asked = await json_body(request, CeilingGet)
        async with self._database.connection() as connection:
            ceiling = await ceilings.get(connection, asked.tenant, asked.client)
        if ceiling is None:
            raise not_found(_NO_CLIENT)
        return answer(CeilingAnswer(permissions=shown_permissions(ceiling.permissions), dynamic=ceiling.dynamic))
