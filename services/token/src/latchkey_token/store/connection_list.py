"""Connections of one tenant, for those who manage them. Every question here names the tenant."""

import datetime as dt

import msgspec

from latchkey_kit.db import Connection
from latchkey_token.store.alive import ENDS, NAMED


class ListedConnection(msgspec.Struct, frozen=True, kw_only=True):
    """``scope`` is words parted by one space. ``ends`` by every limit. ``now``: when all this was so.

    ``cut_at`` and ``reason`` are those of its own kill, else of one of many that names it.
    """

    id: str
    client: str
    user: str
    scope: str
    generation: int
    created_at: dt.datetime
    rotated_at: dt.datetime | None
    ends: dt.datetime
    cut_at: dt.datetime | None
    reason: str | None
    effective_at: dt.datetime | None
    now: dt.datetime


_LISTED = f"""
    SELECT ours.id, ours.client_id AS client, ours.user_id AS "user", scope, generation, ours.created_at, rotated_at,
           {ENDS} AS ends, coalesce(own.at, many.at, ours.revoked_at) AS cut_at,
           coalesce(ours.revoked_reason, many.reason) AS reason,
           coalesce(own.effective_at, many.effective_at) AS effective_at, statement_timestamp() AS now
    FROM connection AS ours JOIN granted_scope USING (document) JOIN gate ON gate.client_id = ours.client_id
    LEFT JOIN LATERAL (
        SELECT at, effective_at FROM feed
        WHERE ours.revoked_at IS NOT NULL AND kind = 'connection' AND key = encode(uuid_send(ours.id), 'hex')
    ) AS own ON true
    LEFT JOIN LATERAL (
        SELECT kill.at, kill.reason, feed.effective_at
        FROM {NAMED} JOIN kill USING (kind, key) JOIN feed USING (number)
        WHERE kill.cutoff >= ours.born ORDER BY kill.at LIMIT 1
    ) AS many ON true
"""  # noqa: S608 - constant fragments


async def connections_of(
    connection: Connection, tenant: str, *, client: str | None, user: str | None, before: str | None, limit: int
) -> tuple[ListedConnection, ...]:
    """The newest connections first; ``before`` is the id of the last one seen.

    Codes that nobody exchanged in time are not connections to anybody, and are left out.
    """
    rows = await connection.fetch(
        f"""
        {_LISTED}
        WHERE ours.tenant_id = $1
          AND ($2::uuid IS NULL OR ours.client_id = $2)
          AND ($3::uuid IS NULL OR ours.user_id = $3)
          AND ($4::uuid IS NULL OR ours.id < $4)
          AND (generation > 0 OR ours.expires_at > statement_timestamp() OR standing_revision IS NOT NULL)
        ORDER BY ours.id DESC
        LIMIT $5
        """,
        tenant, client, user, before, limit,
    )  # fmt: skip
    return tuple(ListedConnection(**dict(row)) for row in rows)


async def one_of(connection: Connection, tenant: str, connection_id: str) -> ListedConnection | None:
    """A tenant's connection; ``None`` when it has, and had, no such one."""
    row = await connection.fetchrow(
        f"{_LISTED} WHERE ours.tenant_id = $1 AND ours.id = $2", tenant, connection_id
    )  # fmt: skip
    return ListedConnection(**dict(row)) if row else None


async def document_of(connection: Connection, tenant: str, connection_id: str) -> str:
    """The digest of the grant document of a connection that is there, in hexadecimal."""
    found: bytes = await connection.fetchval(
        "SELECT document FROM connection WHERE tenant_id = $1 AND id = $2", tenant, connection_id
    )
    return found.hex()
