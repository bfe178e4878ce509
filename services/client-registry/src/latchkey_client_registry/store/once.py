"""Forms that are sent twice."""

from latchkey_kit.db import Connection


async def client_of(connection: Connection, tenant: str, once: str, client: str) -> str:
    """The id that belongs to this form: ``client`` the first time, and the same ever after."""
    found: str = await connection.fetchval(
        """
        INSERT INTO client_once (tenant_id, once, client_id) VALUES ($1, $2, $3)
        ON CONFLICT (tenant_id, once) DO UPDATE SET once = excluded.once
        RETURNING client_id
        """,
        tenant,
        once,
        client,
    )
    return found
