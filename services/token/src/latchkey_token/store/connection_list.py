"""Connections of one tenant, for those who manage them. Every question here names the tenant."""

import datetime as dt

import msgspec

from latchkey_kit.db import Connection
from latchkey_token.store.alive import ALIVE, ENDS, LASTS_UNTIL, NAMED, SPARED


class ListedConnection(msgspec.Struct, frozen=True, kw_only=True):
    """``scope`` is words parted by one space. ``ends`` by every limit. ``now``: when all this was so.

    ``outlasts``: it is the limit on the whole of its life that ends it, not one on how long it is left unused.
    ``cut_at`` and ``reason`` are those of its own kill, else of one of many that names it. ``cut_by`` is who parted
    user and app, as long as that is known: the next one who does takes their place.
    """

    id: str
    client: str
    user: str
    scope: str
    generation: int
    created_at: dt.datetime
    rotated_at: dt.datetime | None
    ends: dt.datetime
    outlasts: bool
    cut_at: dt.datetime | None
    reason: str | None
    cut_by: str | None
    effective_at: dt.datetime | None
    now: dt.datetime


_LISTED = f"""
    SELECT ours.id, ours.client_id AS client, ours.user_id AS "user", scope, generation, ours.created_at, rotated_at,
           {ENDS} AS ends, coalesce({LASTS_UNTIL} <= {ENDS}, false) AS outlasts,
           coalesce(own.at, ours.revoked_at, many.at) AS cut_at, -- many: the same key may have been cut again since
           coalesce(ours.revoked_reason, many.reason) AS reason,
           CASE WHEN many.kind = 'tenant_user_client' AND many.at = coalesce(ours.revoked_at, many.at)
               THEN many.by END AS cut_by, -- by other kills people of another tenant may be behind
           coalesce(own.effective_at, many.effective_at) AS effective_at, statement_timestamp() AS now
    FROM connection AS ours JOIN granted_scope USING (document) JOIN gate ON gate.client_id = ours.client_id
    LEFT JOIN LATERAL (
        SELECT at, effective_at FROM feed
        WHERE ours.revoked_at IS NOT NULL AND kind = 'connection' AND key = encode(uuid_send(ours.id), 'hex')
    ) AS own ON true
    LEFT JOIN LATERAL (
        SELECT kill.kind, kill.at, kill.reason, kill.by, feed.effective_at
        FROM {NAMED} JOIN kill USING (kind, key) JOIN feed USING (number)
        WHERE kill.cutoff >= ours.born ORDER BY kill.at LIMIT 1
    ) AS many ON true
"""  # noqa: S608 - constant fragments
_LIVES = f"{ALIVE} AND {ENDS} > statement_timestamp()"
_NAMING_ALL = "('tenant', {tenant}), ('client', {client}), ('tenant_client', {tenant} || {client})"
"""Keys of kills that name whatever is listed; those of a client are NULL where all clients are asked for."""


async def connections_of(
    connection: Connection,
    tenant: str,
    *,
    client: str | None,
    user: str | None,
    ended: bool | None,
    before: str | None,
    limit: int,
) -> tuple[ListedConnection, ...]:
    """The newest connections first; ``before`` is the id of the last one seen.

    ``ended``: only those that live no more, or only those that do. Codes that nobody exchanged in time are not
    connections to anybody, and are left out.
    """
    asked = {"ours.client_id = ": client, "ours.user_id = ": user, "ours.id < ": before}
    wanted = {words: value for words, value in asked.items() if value is not None}  # else no index would fit them
    values: list[object] = [tenant, limit, *wanted.values()]
    filters = [f"{words}${place}::uuid" for place, words in enumerate(wanted, start=3)]
    if ended is not None:
        filters.append(_LIVES if not ended else f"NOT ({_LIVES})")
    if ended is False:
        tenant_key, client_key = f"${len(values) + 1}::text", f"${len(values) + 2}::text"
        values += [tenant, client]
        filters.append(SPARED.format(keys=_NAMING_ALL.format(tenant=tenant_key, client=client_key)))
    rows = await connection.fetch(
        f"""
        {_LISTED}
        WHERE ours.tenant_id = $1
          AND (generation > 0 OR ours.expires_at > statement_timestamp() OR standing_revision IS NOT NULL)
          {"".join(f" AND {one}" for one in filters)}
        ORDER BY ours.id DESC
        LIMIT $2
        """,
        *values,
    )
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
