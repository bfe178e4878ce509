"""Reading one connection, to judge what was shown."""

from typing import Any

import asyncpg

from latchkey_kit.db import Connection
from latchkey_token.domain.connection import ConnectionState


async def read(connection: Connection, connection_id: str) -> ConnectionState | None:
    """The row as it is now; ``None`` when it was swept, or never committed."""
    row = await connection.fetchrow(
        """
        SELECT id, tenant_id, user_id, client_id, born, document,
            (SELECT scope FROM granted_scope WHERE granted_scope.document = connection.document) AS scope,
            resources, redirect_uri_sent, redirect_hash, challenge, generation, current_hash, nonce, rotated_at,
            unanswered, expires_at, revoked_at, statement_timestamp() AS now
        FROM connection WHERE id = $1
        """,
        connection_id,
    )
    return _state(row) if row else None


async def hold(connection: Connection, *, connection_id: str, generation: int, revision: int) -> bool:
    """Whether a connection is alive, at this generation, and its client's gate at this revision; kept so to the end.

    A kill waits for the transaction, or is seen here.
    """
    found = await connection.fetchval(
        """
        SELECT true FROM connection JOIN gate USING (client_id)
        WHERE connection.id = $1 AND connection.generation = $2 AND gate.revision = $3
          AND connection.revoked_at IS NULL AND connection.expires_at > statement_timestamp()
        FOR SHARE OF connection
        """,
        connection_id, generation, revision,
    )  # fmt: skip
    return found is not None


def granted(row: asyncpg.Record) -> dict[str, Any]:
    """The fields of ``Granted``, from a row that has their columns."""
    return {
        "id": row["id"],
        "tenant": row["tenant_id"],
        "user": row["user_id"],
        "client": row["client_id"],
        "born": row["born"],
        "document": row["document"],
        "scope": row["scope"],
        "resources": tuple(row["resources"]),
        "generation": row["generation"],
    }


def _state(row: asyncpg.Record) -> ConnectionState:
    return ConnectionState(
        **granted(row),
        redirect_uri_sent=row["redirect_uri_sent"],
        redirect_hash=row["redirect_hash"],
        challenge=row["challenge"],
        current_hash=row["current_hash"],
        nonce=row["nonce"],
        rotated_at=row["rotated_at"],
        unanswered=row["unanswered"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        now=row["now"],
    )
