"""What the token database knows of clients."""

from latchkey_contracts.requests.clients import Gate
from latchkey_kit.db import Connection


async def read(connection: Connection, client: str) -> Gate | None:
    row = await connection.fetchrow(
        """
        SELECT client_id, tenant_id, revision, turn, client_type, proof, secret_hashes, retry_window, default_audience
        FROM gate WHERE client_id = $1
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
    )


async def put(connection: Connection, gate: Gate) -> bool:
    """Write a gate unless ours is as new; returns whether it was written."""
    written = await connection.fetchval(
        """
        INSERT INTO gate AS ours (
            client_id, tenant_id, revision, turn, client_type, proof, secret_hashes, retry_window, default_audience
        ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (client_id) DO UPDATE SET
            revision = excluded.revision, turn = excluded.turn, client_type = excluded.client_type,
            proof = excluded.proof, secret_hashes = excluded.secret_hashes, retry_window = excluded.retry_window,
            default_audience = excluded.default_audience
        WHERE ours.revision < excluded.revision
        RETURNING true
        """,
        gate.client, gate.tenant, gate.revision, gate.turn, gate.client_type, gate.proof,
        [bytes.fromhex(digest) for digest in gate.secret_hashes], gate.retry_window, gate.default_audience,
    )  # fmt: skip
    return written is not None
