"""The Labs switch of each tenant."""

from collections.abc import Sequence

from latchkey_kit.db import Connection


async def put(connection: Connection, tenant: str, *, enabled: bool) -> bool:
    """Write how it stands; returns whether it stood otherwise. Where nothing was written, it is off."""
    turned: bool = await connection.fetchval(
        """
        INSERT INTO labs (tenant_id, enabled) VALUES ($1, $2)
        ON CONFLICT (tenant_id) DO UPDATE SET enabled = excluded.enabled
        RETURNING coalesce(old.enabled, false) <> new.enabled
        """,
        tenant,
        enabled,
    )
    return turned


async def enabled(connection: Connection) -> list[str]:
    """All tenants where it is on."""
    rows = await connection.fetch("SELECT tenant_id FROM labs WHERE enabled ORDER BY tenant_id")
    return [row["tenant_id"] for row in rows]


async def enabled_among(connection: Connection, tenants: Sequence[str]) -> frozenset[str]:
    rows = await connection.fetch(
        "SELECT tenant_id FROM labs WHERE enabled AND tenant_id = ANY($1::uuid[])", list(tenants)
    )
    return frozenset(row["tenant_id"] for row in rows)
