"""A client as the token service must know it."""

from latchkey_client_registry.domain.presets import PRESETS
from latchkey_contracts.requests.clients import Gate
from latchkey_kit.db import Connection


async def read(connection: Connection, client: str) -> Gate | None:
    """Give the gate, in one snapshot: revision and secrets belong together. That of a deleted client stays, barred."""
    row = await connection.fetchrow(
        """
        SELECT
            tenant_id, revision, turn, client_type, proof, preset, retry_window, turn_reason, turned_by,
            disabled OR compromised OR deleted_at IS NOT NULL AS barred,
            refresh_token_lifetime, connection_lifetime, client_credentials,
            secrets.hashes AS secret_hashes, secrets.ids AS secret_ids
        FROM client CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(encode(hash, 'hex') ORDER BY created_at, id), '{}') AS hashes,
                coalesce(array_agg(id ORDER BY created_at, id), '{}') AS ids
            FROM client_secret
            WHERE client_id = client.id AND (ends_at IS NULL OR ends_at > clock_timestamp())
        ) AS secrets
        WHERE id = $1
        """,
        client,
    )
    if row is None:
        return None
    facts = PRESETS[row["preset"]]
    return Gate(
        client=client,
        tenant=row["tenant_id"],
        revision=row["revision"],
        turn=row["turn"],
        client_type=row["client_type"],
        proof=row["proof"],
        secret_hashes=tuple(row["secret_hashes"]),
        secret_ids=tuple(row["secret_ids"]),
        retry_window=facts.retry_window if row["retry_window"] is None else row["retry_window"],
        default_audience=facts.default_audience,
        barred=row["barred"],
        reason=row["turn_reason"],
        by=row["turned_by"],
        refresh_token_lifetime=row["refresh_token_lifetime"],
        connection_lifetime=row["connection_lifetime"],
        client_credentials=row["client_credentials"],
    )
