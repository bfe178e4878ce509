"""`latchkey bootstrap`: the first tenant, its admin, a staff member. Running it again changes nothing."""

import getpass
import os
import sys

from latchkey_cli.errors import CommandError
from latchkey_cli.operator import Operator, ask, operating
from latchkey_cli.roles import ADMIN
from latchkey_contracts.requests.operator import ClientPut, LabsPut, MemberPut, TenantPut, UserPut
from latchkey_contracts.requests.permissions import RoleAssign, RolePut

_SHORTEST = 12
_CLIENT = "management"
_REDIRECT = "http://127.0.0.1/callback"


async def run(tenant: str, admin: str, staff: str | None) -> None:
    password = _password("ADMIN_PASSWORD", admin)
    staff_password = _password("STAFF_PASSWORD", staff) if staff else ""
    async with operating() as operator:
        made = await ask(operator.auth, TenantPut(name=tenant, title=tenant))
        await _admin(operator, made.id, admin, password)
        if staff:
            await ask(operator.auth, UserPut(email=staff, name=staff, password=staff_password, staff=True))
        client = await _management_client(operator, made.id)
    _tell(operator.settings.origin, tenant, admin, client)


async def _admin(operator: Operator, tenant: str, email: str, password: str) -> None:
    user = await ask(operator.auth, UserPut(email=email, name=email, password=password))
    await ask(operator.auth, MemberPut(tenant=tenant, user=user.id))
    role = await ask(
        operator.permissions,
        RolePut(
            tenant=tenant, name="Admin", permissions=ADMIN, portfolio="all", app_center=True, settings=True, audit=True
        ),
    )
    await ask(operator.permissions, RoleAssign(tenant=tenant, user=user.id, role=role.role))


async def _management_client(operator: Operator, tenant: str) -> str:
    """A public client for the management API, so that the admin can make the first real one."""
    await ask(operator.client_registry, LabsPut(tenant=tenant, on=True))
    client = await ask(
        operator.client_registry,
        ClientPut(
            tenant=tenant,
            name=_CLIENT,
            description="Manages this workspace through the API.",
            client_type="public",
            proof="pkce",
            redirect_uris=(_REDIRECT,),
            permissions=ADMIN,
        ),
    )
    return client.id


def _password(variable: str, email: str | None) -> str:
    """From the environment, else asked for twice on the terminal. It is never an argument: those are seen by others."""
    given = os.environ.get(variable)
    if given is None:
        if not sys.stdin.isatty():
            raise CommandError(f"set {variable}, or run this on a terminal to be asked for a password")
        given = getpass.getpass(f"Password for {email}: ")
        if given != getpass.getpass("Again: "):
            raise CommandError("the passwords differ; nothing was made")
    if len(given) < _SHORTEST:
        raise CommandError(f"a password has at least {_SHORTEST} characters; nothing was made")
    return given


def _tell(origin: str, tenant: str, admin: str, client: str) -> None:
    sys.stdout.write(
        f"{tenant} is there, and {admin} is its admin.\n"
        f"Management client (public, PKCE): {client}, redirect URL {_REDIRECT} with any port.\n"
        f"Authorize it at {origin}/oauth/authorize, then POST {origin}/v1/oauth-clients makes your first client.\n"
    )
