"""Reading one connection, to judge what was shown."""

from typing import Any

import asyncpg

from latchkey_kit.db import Connection
from latchkey_token.domain.connection import ConnectionState
from latchkey_token.store.alive import ALIVE, ENDS, KILLED


async def read(connection: Connection, connection_id: str) -> ConnectionState | None:
    """The row as it is now; ``None`` when it was swept, or never committed."""
    row = await connection.fetchrow(
        f"""
        SELECT ours.id, ours.tenant_id, user_id, ours.client_id, born, document,
            (SELECT scope FROM granted_scope WHERE granted_scope.document = ours.document) AS scope,
            resources, redirect_uri_sent, redirect_hash, challenge, generation, current_hash, nonce, rotated_at,
            unanswered, {ENDS} AS ends, revoked_at IS NOT NULL OR {KILLED} AS dead, statement_timestamp() AS now
        FROM connection AS ours JOIN gate USING (client_id) WHERE id = $1
        """,  # noqa: S608 - constant fragments
        connection_id,
    )
    return _state(row) if row else None


async def hold(connection: Connection, *, connection_id: str, generation: int, revision: int) -> bool:
    """Whether a connection is alive, at this generation, and its client's gate at this revision; kept so to the end.

    A kill waits for the transaction, or is seen here.
    """
    found = await connection.fetchval(
        f"""
        SELECT true FROM connection AS ours JOIN gate USING (client_id)
        WHERE ours.id = $1 AND ours.generation = $2 AND gate.revision = $3
          AND {ALIVE} AND {ENDS} > statement_timestamp()
        FOR SHARE OF ours
        """,  # noqa: S608 - constant fragments
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
        ends=row["ends"],
        dead=row["dead"],
        now=row["now"],
    )
