"""Pictures of clients, as we have drawn them anew."""

from latchkey_kit.db import Connection


async def put(connection: Connection, client: str, digest: str, png: bytes) -> None:
    """Write a picture; the caller has locked the client's row."""
    await connection.execute(
        """
        INSERT INTO client_logo (client_id, png) VALUES ($1, $2)
        ON CONFLICT (client_id) DO UPDATE SET png = excluded.png
        """,
        client,
        png,
    )
    await connection.execute("UPDATE client SET logo = $2 WHERE id = $1", client, digest)


async def drop(connection: Connection, client: str) -> None:
    await connection.execute("DELETE FROM client_logo WHERE client_id = $1", client)
    await connection.execute("UPDATE client SET logo = NULL WHERE id = $1", client)


async def get(connection: Connection, client: str, digest: str) -> bytes | None:
    """The picture of this digest, of a deleted client too; nothing when another one has taken its place."""
    found: bytes | None = await connection.fetchval(
        """
        SELECT png FROM client_logo JOIN client ON client.id = client_logo.client_id
        WHERE client_id = $1 AND logo = $2
        """,
        client,
        digest,
    )
    return found
