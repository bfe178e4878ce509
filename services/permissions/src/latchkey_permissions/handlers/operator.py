"""Making roles and giving them to users, for the operator, whom nothing bounds."""

from aiohttp import web

from latchkey_contracts.requests import Done
from latchkey_contracts.requests.permissions import RoleAnswer, RoleAssign, RolePut
from latchkey_kit.web.bodies import answer, json_body
from latchkey_permissions.changes.assigning import assign
from latchkey_permissions.changes.changing import Changing
from latchkey_permissions.changes.roles import Roles
from latchkey_permissions.domain.bounds import Reach
from latchkey_permissions.handlers.named import check_name, known_permissions
from latchkey_permissions.store import roles
from latchkey_permissions.store.roles import Role
from latchkey_policy.catalogue import Catalogue
from latchkey_policy.portfolio import Portfolio
from latchkey_verify.admission import OPERATOR


class Operator:
    def __init__(self, changing: Changing, roles: Roles) -> None:
        self._changing = changing
        self._roles = roles

    async def put_role(self, request: web.Request) -> web.Response:
        """By name within the tenant; the same role again changes nothing."""
        asked = await json_body(request, RolePut)
        check_name(asked.name)
        async with self._changing.change(asked.tenant, OPERATOR) as change:
            wanted = Role(name=asked.name, reach=_reach(asked, change.catalogue))
            before = await roles.named(change.connection, asked.tenant, asked.name)
            if before is None:
                role = await self._roles.create(change, wanted)
            else:
                role = await self._roles.edit(change, before, Role(id=before.id, name=asked.name, reach=wanted.reach))
        return answer(RoleAnswer(role=role.id))

    async def assign_role(self, request: web.Request) -> web.Response:
        """The role replaces the one that the user had in the tenant. 404 for a role of another tenant."""
        asked = await json_body(request, RoleAssign)
        async with self._changing.change(asked.tenant, OPERATOR) as change:
            await assign(change, asked.user, asked.role)
        return answer(Done())


def _reach(asked: RolePut, catalogue: Catalogue) -> Reach:
    return Reach(
        permissions=known_permissions(asked.permissions, catalogue),
        portfolio=Portfolio(asked.portfolio),
        app_center=asked.app_center,
        settings=asked.settings,
        audit=asked.audit,
    )
