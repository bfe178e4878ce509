"""Lists of companies: what users see whose portfolio is ``listed``."""

from collections.abc import Collection

from latchkey_kit.db import Connection


async def of_user(connection: Connection, tenant: str, user: str) -> frozenset[str]:
    rows = await connection.fetch(
        "SELECT company_id FROM listed_company WHERE tenant_id = $1 AND user_id = $2", tenant, user
    )
    return frozenset(row["company_id"] for row in rows)


async def put(connection: Connection, tenant: str, user: str, companies: Collection[str]) -> None:
    """Replace a user's list."""
    await connection.execute(
        "DELETE FROM listed_company WHERE tenant_id = $1 AND user_id = $2 AND company_id <> ALL($3::uuid[])",
        tenant,
        user,
        sorted(companies),
    )
    await connection.execute(
        "INSERT INTO listed_company (tenant_id, user_id, company_id) SELECT $1, $2, unnest($3::uuid[])"
        " ON CONFLICT DO NOTHING",
        tenant,
        user,
        sorted(companies),
    )
