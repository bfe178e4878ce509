"""What the token database knows of clients."""

from collections.abc import Sequence

from latchkey_contracts.requests.clients import Gate
from latchkey_kit.db import Connection


async def read(connection: Connection, client: str) -> Gate | None:
    """A client's gate; ``None`` for one that is unknown, or of which we know only that ours is too old."""
    row = await connection.fetchrow(
        """
        SELECT client_id, tenant_id, revision, turn, client_type, proof, secret_hashes, retry_window, default_audience,
            barred, refresh_token_lifetime, connection_lifetime, client_credentials
        FROM gate WHERE client_id = $1 AND revision >= 0
        """,
        client,
    )
    if row is None:
        return None
    return Gate(
        client=row["client_id"],
        tenant=row["tenant_id"],
        revision=row["revision"],
        turn=row["turn"],
        client_type=row["client_type"],
        proof=row["proof"],
        secret_hashes=tuple(digest.hex() for digest in row["secret_hashes"]),
        retry_window=row["retry_window"],
        default_audience=row["default_audience"],
        barred=row["barred"],
        refresh_token_lifetime=row["refresh_token_lifetime"],
        connection_lifetime=row["connection_lifetime"],
        client_credentials=row["client_credentials"],
    )


async def put(connection: Connection, gate: Gate) -> bool:
    """Write a gate unless ours is as new; returns whether it was written."""
    written = await connection.fetchval(
        """
        INSERT INTO gate AS ours (
            client_id, tenant_id, revision, turn, client_type, proof, secret_hashes, retry_window, default_audience,
            barred, refresh_token_lifetime, connection_lifetime, client_credentials
        ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (client_id) DO UPDATE SET
            revision = excluded.revision, turn = excluded.turn, client_type = excluded.client_type,
            proof = excluded.proof, secret_hashes = excluded.secret_hashes, retry_window = excluded.retry_window,
            default_audience = excluded.default_audience, barred = excluded.barred,
            refresh_token_lifetime = excluded.refresh_token_lifetime,
            connection_lifetime = excluded.connection_lifetime, client_credentials = excluded.client_credentials
        WHERE ours.revision < excluded.revision
        RETURNING true
        """,
        gate.client, gate.tenant, gate.revision, gate.turn, gate.client_type, gate.proof,
        [bytes.fromhex(digest) for digest in gate.secret_hashes], gate.retry_window, gate.default_audience,
        gate.barred, gate.refresh_token_lifetime, gate.connection_lifetime, gate.client_credentials,
    )  # fmt: skip
    return written is not None


async def unknown(connection: Connection, clients: Sequence[str]) -> frozenset[str]:
    """Those that were never seen here, so nothing can have been born of them."""
    if not clients:
        return frozenset()
    rows = await connection.fetch(
        """
        SELECT id FROM unnest($1::uuid[]) AS asked (id)
        WHERE NOT EXISTS (SELECT FROM gate WHERE gate.client_id = asked.id)
        """,
        clients,
    )
    return frozenset(row["id"] for row in rows)


async def outdate(connection: Connection, client: str, turn: int | None = None) -> None:
    """Let nobody mint by a gate from before this turn, or by any: the owner is asked before the client is let in."""
    await connection.execute(
        "UPDATE gate SET revision = -1 WHERE client_id = $1 AND (turn < $2 OR $2 IS NULL)", client, turn
    )
