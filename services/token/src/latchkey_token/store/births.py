"""Connections come into being here, and nowhere else."""

import msgspec

from latchkey_kit.db import Connection
from latchkey_token.store.alive import ALIVE, ENDS

BIRTHS = 0x1A7C4B
"""Advisory lock: births share it, and whoever draws a cutoff from the same sequence takes it alone."""
SOON_OVER = "SET LOCAL transaction_timeout = 0; SET LOCAL transaction_timeout = '2s'"
"""Who has that lock is stopped in time. PostgreSQL moves no timer that runs, the pool's, so it is ended first."""
_SAME_APP = 0x1A7C
"""Advisory lock class: births of one user, client and tenant take turns, so their number stays what it is."""


class Birth(msgspec.Struct, frozen=True, kw_only=True):
    """Lifetime in seconds."""

    id: str
    tenant: str
    user: str
    client: str
    document: bytes
    scope: str
    resources: tuple[str, ...]
    redirect_uri_sent: bool
    redirect_hash: bytes
    challenge: bytes | None
    code_hash: bytes
    code_lifetime: int
    attempt: bytes | None = None


class Earlier(msgspec.Struct, frozen=True):
    """What an attempt has led to before. ``good``: its code could be exchanged now."""

    id: str
    good: bool


async def begin(connection: Connection, *, tenant: str, user: str, client: str) -> None:
    """Take the locks of a birth. Statements of their own: what follows must see what was committed meanwhile."""
    await connection.execute(SOON_OVER)
    await connection.execute("SELECT pg_advisory_xact_lock_shared($1)", BIRTHS)
    await connection.execute(
        "SELECT pg_advisory_xact_lock($1::integer, hashtext($2))", _SAME_APP, tenant + user + client
    )


async def add(connection: Connection, birth: Birth) -> bool:
    """Draw the number and write the row.

    ``False`` when the client is barred, or unknown after all, or this attempt has led to a connection before.
    """
    await connection.execute(
        "INSERT INTO granted_scope (document, scope) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        birth.document, birth.scope,
    )  # fmt: skip
    made = await connection.fetchval(
        """
        INSERT INTO connection (
            id, tenant_id, user_id, client_id, document, resources, redirect_uri_sent, redirect_hash, challenge,
            current_hash, expires_at, attempt
        )
        SELECT $1, $2, $3, gate.client_id, $5, $6, $7, $8, $9, $10, clock_timestamp() + $11 * interval '1 second', $12
        FROM gate WHERE gate.client_id = $4 AND NOT gate.barred
        ON CONFLICT (attempt) WHERE attempt IS NOT NULL DO NOTHING
        RETURNING true
        """,
        birth.id, birth.tenant, birth.user, birth.client, birth.document, birth.resources, birth.redirect_uri_sent,
        birth.redirect_hash, birth.challenge, birth.code_hash, birth.code_lifetime,
        birth.attempt,
    )  # fmt: skip
    return made is not None


async def earlier(connection: Connection, attempt: bytes) -> Earlier | None:
    """What this attempt has led to; it stays as it is until the transaction ends. An exchange waits, or is seen."""
    row = await connection.fetchrow(
        f"""
        SELECT id, generation = 0 AND {ALIVE} AND {ENDS} > statement_timestamp() AS good
        FROM connection AS ours JOIN gate USING (client_id) WHERE attempt = $1 FOR UPDATE OF ours
        """,  # noqa: S608 - constant fragments
        attempt,
    )
    return Earlier(**dict(row)) if row else None


async def remove_unused(connection: Connection, attempt: bytes) -> bool:
    """Delete what this attempt has led to if its code ran out and nobody came for it, as the sweep would."""
    gone = await connection.fetchval(
        """
        DELETE FROM connection WHERE attempt = $1 AND generation = 0 AND expires_at <= clock_timestamp() RETURNING true
        """,
        attempt,
    )
    return gone is not None


async def one_too_many(connection: Connection, *, tenant: str, user: str, client: str, limit: int) -> str | None:
    """The longest unused of this app's living connections when there are more than ``limit``."""
    rows = await connection.fetch(
        f"""
        SELECT id FROM connection AS ours
        WHERE tenant_id = $1 AND user_id = $2 AND client_id = $3 AND {ALIVE}
        ORDER BY coalesce(rotated_at, created_at) DESC, born DESC
        LIMIT 1 OFFSET $4
        """,  # noqa: S608 - a constant fragment
        tenant, user, client, limit,
    )  # fmt: skip
    longest_unused: str | None = rows[0]["id"] if rows else None
    return longest_unused


async def sweep_unexchanged(connection: Connection, *, margin: int, limit: int) -> int:
    """Delete codes of the last day that nobody came for, ``margin`` seconds after they expired; returns how many."""
    rows = await connection.fetch(
        """
        DELETE FROM connection WHERE id IN (
            SELECT id FROM connection
            WHERE generation = 0 AND expires_at < clock_timestamp() - $1 * interval '1 second'
              AND created_at > clock_timestamp() - interval '1 day' -- what the index finds
            LIMIT $2 FOR UPDATE SKIP LOCKED
        ) RETURNING id
        """,
        margin, limit,
    )  # fmt: skip
    return len(rows)
