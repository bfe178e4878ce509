"""What bars users and tenants, and tenants' own limits. Rows are held until the transaction ends."""

import msgspec

from latchkey_kit.db import Connection


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A user or tenant; ``barred`` is *disabled* or *off-boarded*."""

    id: str
    turn: int
    barred: bool


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's own limits on connections, in seconds; ``None`` where it has none."""

    refresh_token_lifetime: int | None
    connection_lifetime: int | None


class Limited(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant and its limits, by revision."""

    id: str
    revision: int
    limits: Limits


async def hold_user(connection: Connection, email: str) -> Account | None:
    """By folded address."""
    row = await connection.fetchrow("SELECT id, turn, disabled FROM app_user WHERE email = $1 FOR NO KEY UPDATE", email)
    return None if row is None else Account(id=row["id"], turn=row["turn"], barred=row["disabled"])


async def turn_user(connection: Connection, user: str, *, disabled: bool) -> int:
    """Disable or enable; gives the new turn."""
    turn: int = await connection.fetchval(
        "UPDATE app_user SET disabled = $2, turn = turn + 1 WHERE id = $1 RETURNING turn", user, disabled
    )
    return turn


async def hold_tenant(connection: Connection, name: str) -> Account | None:
    row = await connection.fetchrow("SELECT id, turn, off_boarded FROM tenant WHERE name = $1 FOR NO KEY UPDATE", name)
    return None if row is None else Account(id=row["id"], turn=row["turn"], barred=row["off_boarded"])


async def turn_tenant(connection: Connection, tenant: str, *, off_boarded: bool) -> int:
    """Off-board or restore; gives the new turn."""
    turn: int = await connection.fetchval(
        "UPDATE tenant SET off_boarded = $2, turn = turn + 1 WHERE id = $1 RETURNING turn", tenant, off_boarded
    )
    return turn


async def hold_limits(connection: Connection, name: str) -> Limited | None:
    row = await connection.fetchrow(
        "SELECT id, revision, refresh_token_lifetime, connection_lifetime FROM tenant WHERE name = $1"
        " FOR NO KEY UPDATE",
        name,
    )
    if row is None:
        return None
    limits = Limits(
        refresh_token_lifetime=row["refresh_token_lifetime"], connection_lifetime=row["connection_lifetime"]
    )
    return Limited(id=row["id"], revision=row["revision"], limits=limits)


async def limit(connection: Connection, tenant: str, limits: Limits) -> int:
    """Set both limits; gives the new revision."""
    revision: int = await connection.fetchval(
        "UPDATE tenant SET refresh_token_lifetime = $2, connection_lifetime = $3, revision = revision + 1"
        " WHERE id = $1 RETURNING revision",
        tenant, limits.refresh_token_lifetime, limits.connection_lifetime,
    )  # fmt: skip
    return revision
