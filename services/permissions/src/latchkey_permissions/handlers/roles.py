"""Making roles and giving them to users, for the operator."""

from typing import Final

from aiohttp import web

from latchkey_contracts import feed
from latchkey_contracts.events.permission import RoleAssigned, RoleChanged
from latchkey_contracts.requests import Done
from latchkey_contracts.requests.permissions import RoleAnswer, RoleAssign, RolePut
from latchkey_kit.clock import Clock
from latchkey_kit.db import Connection, Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import FieldError, bad_request, not_found
from latchkey_permissions.catalogue import SharedCatalogue
from latchkey_permissions.floor_courier import FloorCourier
from latchkey_permissions.handlers.named import known_permissions
from latchkey_permissions.store import floors, roles
from latchkey_policy.portfolio import Portfolio

_LONGEST_NAME: Final = 80


class PutRole:
    """By name within the tenant; the same role again changes nothing."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        catalogue: SharedCatalogue,
        courier: FloorCourier,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._catalogue = catalogue
        self._courier = courier
        self._clock = clock
        self._entropy = entropy

    async def __call__(self, request: web.Request) -> web.Response:
        asked = await json_body(request, RolePut)
        _check_name(asked.name)
        async with self._database.transaction() as connection:
            changed = await roles.put(
                connection, new_id(self._clock, self._entropy), await self._role(connection, asked)
            )
            if changed is None:
                return answer(RoleAnswer(role=await roles.find(connection, asked.tenant, asked.name)))
            event = RoleChanged(role=changed.id, name=asked.name, revision=changed.revision)
            await self._outbox.add(connection, event, tenant=asked.tenant)
            await floors.add(connection, feed.ROLE, changed.id, changed.revision)
        await self._courier.deliver()
        return answer(RoleAnswer(role=changed.id))

    async def _role(self, connection: Connection, asked: RolePut) -> roles.Role:
        return roles.Role(
            tenant=asked.tenant,
            name=asked.name,
            permissions=known_permissions(asked.permissions, await self._catalogue.now(connection)),
            portfolio=Portfolio(asked.portfolio),
            app_center=asked.app_center,
            settings=asked.settings,
            audit=asked.audit,
        )


class AssignRole:
    """The role replaces the one that the user had in the tenant. 404 for a role of another tenant."""

    def __init__(self, database: Database, outbox: Outbox, courier: FloorCourier) -> None:
        self._database = database
        self._outbox = outbox
        self._courier = courier

    async def __call__(self, request: web.Request) -> web.Response:
        asked = await json_body(request, RoleAssign)
        if await self._assign(asked):
            await self._courier.deliver()
        return answer(Done())

    async def _assign(self, asked: RoleAssign) -> bool:
        async with self._database.transaction() as connection:
            if not await roles.exists(connection, asked.tenant, asked.role):
                raise not_found("This tenant has no such role.")
            revision = await roles.assign(connection, asked.tenant, asked.user, asked.role)
            if revision is None:
                return False
            event = RoleAssigned(role=asked.role, user=asked.user, revision=revision)
            await self._outbox.add(connection, event, tenant=asked.tenant)
            key = feed.assignment_key(asked.tenant, asked.user)
            await floors.add(connection, feed.ASSIGNMENT, key, revision)
            return True


def _check_name(name: str) -> None:
    if not (name.isprintable() and name == name.strip() and 0 < len(name) <= _LONGEST_NAME):
        message = f"A name has 1 to {_LONGEST_NAME} printable characters, and no space around it."
        raise bad_request("The role's name is not valid.", FieldError(pointer="/name", message=message))
