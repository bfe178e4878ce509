"""Ceilings: the most that a client may do."""

from latchkey_kit.db import Connection
from latchkey_policy.permissions import PermissionSet


async def put(connection: Connection, tenant: str, client: str, permissions: PermissionSet) -> int | None:
    """Set a ceiling; returns its new revision, or ``None`` when it stands like that already.

    The ceiling of another tenant's client is left alone, too: see ``owner``.
    """
    found: int | None = await connection.fetchval(
        """
        INSERT INTO ceiling (client_id, tenant_id, permissions, revision) VALUES ($1, $2, $3, 1)
        ON CONFLICT (client_id) DO UPDATE
        SET permissions = excluded.permissions, revision = ceiling.revision + 1
        WHERE ceiling.tenant_id = excluded.tenant_id AND ceiling.permissions <> excluded.permissions
        RETURNING revision
        """,
        client,
        tenant,
        permissions.encode().decode(),
    )
    return found


async def owner(connection: Connection, client: str) -> str | None:
    """The tenant that a client's ceiling belongs to."""
    found: str | None = await connection.fetchval("SELECT tenant_id FROM ceiling WHERE client_id = $1", client)
    return found


async def get(connection: Connection, tenant: str, client: str) -> PermissionSet | None:
    text = await connection.fetchval(
        "SELECT permissions FROM ceiling WHERE client_id = $1 AND tenant_id = $2", client, tenant
    )
    return None if text is None else PermissionSet.decode(text)
