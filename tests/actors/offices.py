"""A workspace of its own for a test that changes rights: an admin, a member, and the app that the member uses."""

import itertools
import os
from dataclasses import dataclass

from apps import App, Tokens

from latchkey_cli.operator import Operator
from latchkey_cli.roles import ADMIN
from latchkey_contracts.requests.operator import ClientPut, LabsPut, MemberPut, TenantPut, UserPut
from latchkey_contracts.requests.permissions import PlainPermissions, RoleAssign, RolePut

REDIRECTS = ("http://127.0.0.1/callback",)
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Office:
    """``admin`` is a bearer that may manage; ``role`` is the member's."""

    house: object
    tenant: str
    user: str
    role: str
    app: App
    admin: Tokens
    member: object

    async def manage(self, method: str, path: str, body: object = None) -> dict:
        status, answer, _ = await self.house.ask(method, path, self.admin.access, json=body)
        assert status in (200, 201, 204), answer
        return answer

    async def set_role(self, permissions: PlainPermissions) -> None:
        await self.manage("PATCH", f"/v1/roles/{self.role}", {"permissions": permissions})

    async def set_ceiling(self, permissions: PlainPermissions) -> None:
        await self.manage("PATCH", f"/v1/oauth-clients/{self.app.client_id}", {"permissions": permissions})

    async def assign(self, permissions: PlainPermissions) -> None:
        """Give the member another role."""
        name = f"Role {next(_NUMBERS)}"
        made = await self.manage("POST", "/v1/roles", {"name": name, "permissions": permissions, "portfolio": "all"})
        await self.manage("PUT", f"/v1/roles/{made['id']}/members/{self.user}")

    async def connect(self, **asked) -> Tokens:
        return await self.app.connect(self.member, **{"scope": "inclusive", **asked})

    async def company(self, **values) -> str:
        """Make a company as the admin; its id."""
        return (await self.manage("POST", "/v1/companies", {"name": "Initech", **values}))["id"]


async def opened(
    house,
    operator: Operator,
    person,
    *,
    role: PlainPermissions,
    ceiling: PlainPermissions,
    narrowing: bool = False,
    more: PlainPermissions | None = None,
) -> Office:
    """Make it: the member's role has the portfolio ``all``; ``more`` is what the admin may do besides."""
    number = next(_NUMBERS)
    password = f"pw-{os.urandom(12).hex()}"
    house.used.add(password)
    tenant = (await operator.auth.ask(TenantPut(name=f"office-{number}", title=f"Office {number}"))).id
    await operator.client_registry.ask(LabsPut(tenant=tenant, on=True))
    users, roles = [], []
    for name, permissions in (("Admin", {**ADMIN, **(more or {})}), ("Member", role)):
        email = f"{name.lower()}@office-{number}.test"
        user = (await operator.auth.ask(UserPut(email=email, name=name, password=password))).id
        await operator.auth.ask(MemberPut(tenant=tenant, user=user))
        put = RolePut(
            tenant=tenant, name=name, permissions=permissions, portfolio="all", settings=name == "Admin",
            app_center=name == "Admin", audit=name == "Admin",
        )  # fmt: skip
        made = (await operator.permissions.ask(put)).role
        await operator.permissions.ask(RoleAssign(tenant=tenant, user=user, role=made))
        users.append((email, user))
        roles.append(made)
    desk = ClientPut(
        tenant=tenant, name="desk", description="", client_type="public", proof="pkce", redirect_uris=REDIRECTS,
        permissions=ADMIN,
    )  # fmt: skip
    admins = App(house, (await operator.client_registry.ask(desk)).id)
    (admin, _), (member, user) = users
    tokens = await admins.connect(person(admin, password), resource=house.api)
    new = {"name": "App", "type": "public", "redirect_uris": REDIRECTS, "permissions": ceiling, "narrowing": narrowing}
    status, app, _ = await house.ask("POST", "/v1/oauth-clients", tokens.access, json=new)
    assert status == 201, app
    return Office(house, tenant, user, roles[1], App(house, app["id"]), tokens, person(member, password))
