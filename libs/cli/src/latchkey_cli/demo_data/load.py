"""`latchkey demo-data`: makes the cast by the owners' own requests, and writes `demo.json`. Safe to run again."""

import json
import os
import pathlib
from typing import Any

from latchkey_cli.demo_data import cast
from latchkey_cli.demo_data.records import batches
from latchkey_cli.errors import CommandError
from latchkey_cli.operator import Operator, ask, home, operating
from latchkey_contracts.requests.operator import ClientPut, LabsPut, MemberPut, TenantPut, UserPut
from latchkey_contracts.requests.permissions import RoleAssign, RolePut
from latchkey_contracts.requests.records import RecordsLoad
from latchkey_kit.entropy import Entropy, SystemEntropy
from latchkey_oauth.token_string import CLIENT_SECRET_PREFIX, OPAQUE_SIZE, opaque


async def run() -> None:
    """Make everything.

    Raises:
        CommandError: outside local mode, or when a service refuses.

    """
    async with operating() as operator:
        if not operator.settings.local_mode:
            raise CommandError("demo data is for a one-machine stack only (LOCAL_MODE is not set)")
        secrets = _secrets(home() / "demo-secrets.json", SystemEntropy())
        tenants = {
            name: (await ask(operator.auth, TenantPut(name=name, title=title))).id
            for name, title in cast.TENANTS.items()
        }
        for name, tenant in tenants.items():
            await ask(operator.client_registry, LabsPut(tenant=tenant, on=name == cast.LABS_ON))
        users = await _people(operator, tenants)
        for name, tenant in tenants.items():
            for model, records in batches(name, tenant, users):
                await ask(operator.records, RecordsLoad(tenant=tenant, model=model, records=records))
        clients = await _apps(operator, tenants[cast.LABS_ON], secrets)
        _write(home() / "demo.json", _demo_json(operator.settings.origin, clients))


async def _people(operator: Operator, tenants: dict[str, str]) -> dict[str, str]:
    """E-mail address → user id."""
    roles = {(tenant, name): await _role(operator, tenants[tenant], name) for tenant in tenants for name in cast.ROLES}
    users = {}
    for person in cast.PEOPLE:
        put = UserPut(email=person.email, name=person.name, password=cast.PASSWORD, staff=person.staff)
        user = users[person.email] = (await ask(operator.auth, put)).id
        for tenant, role in person.roles.items():
            await ask(operator.auth, MemberPut(tenant=tenants[tenant], user=user))
            assign = RoleAssign(tenant=tenants[tenant], user=user, role=roles[tenant, role])
            await ask(operator.permissions, assign)
    return users


async def _role(operator: Operator, tenant: str, name: str) -> str:
    role = cast.ROLES[name]
    put = RolePut(
        tenant=tenant,
        name=name,
        permissions=role.permissions,
        portfolio=role.portfolio,
        app_center=role.administrative,
        settings=role.administrative,
        audit=role.administrative,
    )
    return (await ask(operator.permissions, put)).role


async def _apps(operator: Operator, tenant: str, secrets: dict[str, str]) -> dict[str, Any]:
    made = {}
    for app in cast.APPS:
        secret = secrets[app.name] if app.client_type == "confidential" else None
        put = ClientPut(
            tenant=tenant,
            name=app.name,
            description=app.description,
            client_type=app.client_type,
            proof=app.proof,
            preset=app.preset,
            redirect_uris=(cast.LOOPBACK,),
            permissions=app.permissions,
            secret=secret,
        )
        client = await ask(operator.client_registry, put)
        presets = cast.PRESET_REDIRECTS.get(app.preset, ())
        made[app.name] = {
            "client_id": client.id,
            "client_secret": secret,
            "type": app.client_type,
            "redirect_uris": [*presets, cast.LOOPBACK],
        }
    return made


def _demo_json(origin: str, clients: dict[str, Any]) -> dict[str, Any]:
    people = {person.email: {"password": cast.PASSWORD, "roles": person.roles} for person in cast.PEOPLE}
    return {
        "origin": origin,
        "issuer": origin,
        "mcp_url": f"{origin}/v1/mcp",
        "nats_url": os.environ.get("STREAMS_URL", ""),
        "users": people,
        "clients": clients,
    }


def _secrets(file: pathlib.Path, entropy: Entropy) -> dict[str, str]:
    """The apps' secrets, drawn once and written down first, so that an interrupted run can be repeated."""
    try:
        known: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {app.name: opaque(CLIENT_SECRET_PREFIX, entropy.bytes(OPAQUE_SIZE)) for app in cast.APPS}
        _write(file, known)
    return known


def _write(file: pathlib.Path, value: object) -> None:
    """Whole or not at all, and for nobody else to read."""
    part = file.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
    part.replace(file)
