"""`/v1/roles`: a tenant's admins make, see and change its roles."""

from typing import Any

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType

from latchkey_contracts.ids import Id
from latchkey_contracts.requests.permissions import PlainPermissions, PortfolioKind
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body, path_id, query
from latchkey_kit.web.lists import PageQuery, listed
from latchkey_kit.web.problems import Problem, not_found
from latchkey_permissions.changes.changing import Changing
from latchkey_permissions.changes.roles import Roles
from latchkey_permissions.domain.bounds import FLAGS, Reach
from latchkey_permissions.handlers.named import check_name, known_permissions, shown_permissions
from latchkey_permissions.store import roles
from latchkey_permissions.store.roles import Role
from latchkey_policy.catalogue import Catalogue
from latchkey_policy.portfolio import Portfolio
from latchkey_verify.admission import Admission


class ShownRole(msgspec.Struct, frozen=True, kw_only=True):
    """``revision`` counts its changes, and is its ETag."""

    id: str
    revision: int
    name: str
    permissions: PlainPermissions
    portfolio: PortfolioKind
    app_center: bool
    settings: bool
    audit: bool


class _New(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    permissions: PlainPermissions = {}
    portfolio: PortfolioKind = "own"
    app_center: bool = False
    settings: bool = False
    audit: bool = False


class _Changed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str | UnsetType = UNSET
    permissions: PlainPermissions | UnsetType = UNSET
    portfolio: PortfolioKind | UnsetType = UNSET
    app_center: bool | UnsetType = UNSET
    settings: bool | UnsetType = UNSET
    audit: bool | UnsetType = UNSET


class RolesApi:
    def __init__(self, database: Database, admission: Admission, changing: Changing, roles: Roles) -> None:
        self._database = database
        self._admission = admission
        self._changing = changing
        self._roles = roles

    async def create(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "create")
        wanted = await json_body(request, _New)
        check_name(wanted.name)
        async with self._changing.change(bearer.tenant, self._admission.actor(bearer)) as change:
            reach = _changed(Reach(), wanted, change.catalogue)
            role = await self._roles.create(change, Role(name=wanted.name, reach=reach))
        return _answer(role, 201, {"Location": f"/v1/roles/{role.id}"})

    async def list(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "view")
        asked = query(request, PageQuery)
        after = asked.after(Id)
        async with self._database.connection() as connection:
            found = await roles.page(connection, bearer.tenant, after, asked.to_fetch)
        return listed(found, asked, show=_show, place=lambda role: role.id)

    async def get(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "view")
        async with self._database.connection() as connection:
            role = await roles.get(connection, bearer.tenant, path_id(request, "role_id"))
        if role is None:
            raise not_found()
        return _answer(role)

    async def edit(self, request: web.Request) -> web.Response:
        """Members that are left out stay as they are; ``permissions`` are replaced as a whole.

        With ``If-Match`` (RFC 9110 §13.1.1), 412 when the role is not as it was any more.
        """
        bearer = await self._admission.bearer(request, "update")
        wanted = await json_body(request, _Changed)
        role = path_id(request, "role_id")
        if wanted.name is not UNSET:
            check_name(wanted.name)
        async with self._changing.change(bearer.tenant, self._admission.actor(bearer)) as change:
            before = await self._roles.get(change, role)
            _refuse_stale(request, before)
            name = before.name if wanted.name is UNSET else wanted.name
            reach = _changed(before.reach, wanted, change.catalogue)
            after = await self._roles.edit(change, before, Role(id=role, name=name, reach=reach))
        return _answer(after)

    async def remove(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "remove")
        role = path_id(request, "role_id")
        async with self._changing.change(bearer.tenant, self._admission.actor(bearer)) as change:
            await self._roles.remove(change, role)
        return web.Response(status=204)


def _changed(before: Reach, wanted: _New | _Changed, catalogue: Catalogue) -> Reach:
    changes: dict[str, Any] = {flag: getattr(wanted, flag) for flag in FLAGS if getattr(wanted, flag) is not UNSET}
    if wanted.portfolio is not UNSET:
        changes["portfolio"] = Portfolio(wanted.portfolio)
    if wanted.permissions is not UNSET:
        changes["permissions"] = known_permissions(wanted.permissions, catalogue)
    return msgspec.structs.replace(before, **changes)


def _etag(role: Role) -> str:
    return f'"{role.revision}"'


def _refuse_stale(request: web.Request, role: Role) -> None:
    wanted = request.headers.get("If-Match")
    if wanted is not None and wanted not in ("*", _etag(role)):
        raise Problem(412, "changed_meanwhile", "Somebody changed this role meanwhile.", "Look at it again first.")


def _answer(role: Role, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return answer(_show(role), status, headers={"ETag": _etag(role), **(headers or {})})


def _show(role: Role) -> ShownRole:
    reach = role.reach
    return ShownRole(
        id=role.id,
        revision=role.revision,
        name=role.name,
        permissions=shown_permissions(reach.permissions),
        portfolio=reach.portfolio.value,
        app_center=reach.app_center,
        settings=reach.settings,
        audit=reach.audit,
    )
