"""Connections of one tenant, for those who manage them. Every question here names the tenant."""

import datetime as dt

import msgspec

from latchkey_kit.db import Connection


class ListedConnection(msgspec.Struct, frozen=True, kw_only=True):
    """``scope`` is words parted by one space. ``now`` is the database's time at which all this was so."""

    id: str
    client: str
    user: str
    scope: str
    generation: int
    created_at: dt.datetime
    rotated_at: dt.datetime | None
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    now: dt.datetime


async def connections_of(
    connection: Connection, tenant: str, *, client: str | None, user: str | None, before: str | None, limit: int
) -> tuple[ListedConnection, ...]:
    """The newest connections first; ``before`` is the id of the last one seen.

    Codes that nobody exchanged in time are not connections to anybody, and are left out.
    """
    rows = await connection.fetch(
        """
        SELECT id, client_id AS client, user_id AS "user", scope, generation,
               created_at, rotated_at, expires_at, revoked_at, statement_timestamp() AS now
        FROM connection JOIN granted_scope USING (document)
        WHERE tenant_id = $1
          AND ($2::uuid IS NULL OR client_id = $2)
          AND ($3::uuid IS NULL OR user_id = $3)
          AND ($4::uuid IS NULL OR id < $4)
          AND (generation > 0 OR expires_at > statement_timestamp())
        ORDER BY id DESC
        LIMIT $5
        """,
        tenant, client, user, before, limit,
    )  # fmt: skip
    return tuple(ListedConnection(**dict(row)) for row in rows)


async def is_of_tenant(connection: Connection, tenant: str, connection_id: str) -> bool:
    """Whether the tenant has, or had, such a connection."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM connection WHERE id = $1 AND tenant_id = $2)", connection_id, tenant
    )
    return found
