"""Ceilings: the most that a client may do."""

import msgspec

from latchkey_kit.db import Connection
from latchkey_policy.permissions import PermissionSet


class Ceiling(msgspec.Struct, frozen=True):
    """``dynamic``: users pick from their whole role instead."""

    permissions: PermissionSet
    dynamic: bool


async def put(
    connection: Connection, tenant: str, client: str, permissions: PermissionSet, *, dynamic: bool | None
) -> int | None:
    """Set a ceiling; returns its new revision, or ``None`` when it stands like that already.

    ``dynamic`` of ``None`` stays as it is. The ceiling of another tenant's client is left alone, too: see ``owner``.
    """
    found: int | None = await connection.fetchval(
        """
        INSERT INTO ceiling (client_id, tenant_id, permissions, dynamic, revision)
        VALUES ($1, $2, $3, coalesce($4, false), 1)
        ON CONFLICT (client_id) DO UPDATE
        SET permissions = excluded.permissions, dynamic = coalesce($4, ceiling.dynamic), revision = ceiling.revision + 1
        WHERE ceiling.tenant_id = excluded.tenant_id
          AND (ceiling.permissions, ceiling.dynamic) <> (excluded.permissions, coalesce($4, ceiling.dynamic))
        RETURNING revision
        """,
        client,
        tenant,
        permissions.encode().decode(),
        dynamic,
    )
    return found


async def owner(connection: Connection, client: str) -> str | None:
    """The tenant that a client's ceiling belongs to."""
    found: str | None = await connection.fetchval("SELECT tenant_id FROM ceiling WHERE client_id = $1", client)
    return found


async def get(connection: Connection, tenant: str, client: str) -> Ceiling | None:
    row = await connection.fetchrow(
        "SELECT permissions, dynamic FROM ceiling WHERE client_id = $1 AND tenant_id = $2", client, tenant
    )
    return None if row is None else Ceiling(PermissionSet.decode(row["permissions"]), row["dynamic"])
