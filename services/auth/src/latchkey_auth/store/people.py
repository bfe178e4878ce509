"""Tenants and users."""

import msgspec

from latchkey_auth.domain.people import Tenant, User
from latchkey_kit.db import Connection


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """A user with what their password is checked against. Who is disabled does not sign in, however right it is."""

    user: User
    password_hash: str
    disabled: bool


async def add_tenant(connection: Connection, tenant: Tenant) -> bool:
    """Add a tenant; false when its name is taken."""
    status = await connection.execute(
        "INSERT INTO tenant (id, name, title) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
        tenant.id, tenant.name, tenant.title,
    )  # fmt: skip
    return status == "INSERT 0 1"


async def tenant_named(connection: Connection, name: str) -> Tenant | None:
    row = await connection.fetchrow("SELECT id, name, title FROM tenant WHERE name = $1", name)
    return None if row is None else Tenant(id=row["id"], name=row["name"], title=row["title"])


async def tenant_title(connection: Connection, tenant: str) -> str | None:
    title: str | None = await connection.fetchval("SELECT title FROM tenant WHERE id = $1", tenant)
    return title


async def add_user(connection: Connection, user: User, password_hash: str, *, staff: bool) -> bool:
    """Add a user; false when the address is taken."""
    status = await connection.execute(
        "INSERT INTO app_user (id, email, name, password_hash, staff) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (email) DO NOTHING",
        user.id, user.email, user.name, password_hash, staff,
    )  # fmt: skip
    return status == "INSERT 0 1"


async def credentials(connection: Connection, email: str) -> Credentials | None:
    """Look a user up by folded address."""
    row = await connection.fetchrow(
        "SELECT id, email, name, password_hash, disabled FROM app_user WHERE email = $1", email
    )
    if row is None:
        return None
    user = User(id=row["id"], email=row["email"], name=row["name"])
    return Credentials(user=user, password_hash=row["password_hash"], disabled=row["disabled"])


async def tenants_of(connection: Connection, user: str) -> tuple[Tenant, ...]:
    """The tenants that a user is a member of, by title; those that are off-boarded are left out."""
    rows = await connection.fetch(
        "SELECT tenant.id, tenant.name, tenant.title FROM membership JOIN tenant ON tenant.id = membership.tenant"
        " WHERE membership.app_user = $1 AND membership.removed_at IS NULL AND NOT tenant.off_boarded"
        " ORDER BY tenant.title, tenant.name",
        user,
    )
    return tuple(Tenant(id=row["id"], name=row["name"], title=row["title"]) for row in rows)


async def change_password(connection: Connection, user: str, former_hash: str, password_hash: str) -> bool:
    """Set another password; false when the former one was replaced meanwhile, or the user disabled."""
    status = await connection.execute(
        "UPDATE app_user SET password_hash = $3 WHERE id = $1 AND password_hash = $2 AND NOT disabled",
        user, former_hash, password_hash,
    )  # fmt: skip
    return status == "UPDATE 1"
