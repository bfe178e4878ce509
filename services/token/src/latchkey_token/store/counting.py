"""How many connections apps have: of one for those who are about to end them, of many for a list."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

import msgspec

from latchkey_kit.db import Connection
from latchkey_token.store.alive import ALIVE, ENDS, SPARED

MOST_COUNTED: Final = 10_000
_COUNTED = f"""
    SELECT user_id, rotated_at FROM connection AS ours JOIN gate USING (client_id)
    WHERE client_id = $2 AND ours.tenant_id {{which}} $1 AND {SPARED}
      AND generation > 0 AND {ALIVE} AND {ENDS} > statement_timestamp()
    LIMIT $3
"""  # noqa: S608 - constant fragments
_HERE = _COUNTED.format(which="=", keys="('client', $4), ('tenant', $5), ('tenant_client', $5 || $4)")
_ELSEWHERE = _COUNTED.format(which="<>", keys="('client', $4)")
MOST_SUMMED: Final = 200
"""Of each app. A row takes some 20 µs, most of it to ask for kills, and a page asks for 50 apps."""
_SUMMED = f"""
    SELECT asked.client AS id, count(*) FILTER (WHERE found.lives) AS living,
        max(found.rotated_at) FILTER (WHERE found.lives) AS last_used_at, count(found.lives) AS seen
    FROM unnest($2::uuid[]) WITH ORDINALITY AS asked (client, place) LEFT JOIN LATERAL (
        SELECT rotated_at, generation > 0 AND {ALIVE} AND {ENDS} > statement_timestamp() AS lives
        FROM (
            SELECT * FROM connection
            -- As rows, for only one index has them in this order: where one app has nearly all, others look as good.
            WHERE (tenant_id, client_id) BETWEEN ($1, asked.client) AND ($1, asked.client) AND revoked_at IS NULL
            ORDER BY tenant_id DESC, client_id DESC, id DESC LIMIT $3
        ) AS ours JOIN gate USING (client_id)
    ) AS found ON true
    GROUP BY asked.client, asked.place ORDER BY asked.place
"""  # noqa: S608 - constant fragments


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """Living connections of an app in a tenant, and ``users`` who have them.

    ``elsewhere``: those in other tenants, for the tenant that made the app; 0 for others. ``more``: counting stopped
    at `MOST_COUNTED`, so there are at least so many, and ``last_used_at`` may be later.
    """

    living: int
    users: int
    last_used_at: dt.datetime | None
    elsewhere: int
    more: bool


class Summed(msgspec.Struct, frozen=True, kw_only=True):
    """Living connections of the app ``id`` in a tenant, and when one of them last had tokens.

    ``more``: only the newest 200 that nobody has ended were looked at. There are at least ``living``, and
    ``last_used_at`` may be later.
    """

    id: str
    living: int
    last_used_at: dt.datetime | None
    more: bool


async def living_of(connection: Connection, tenant: str, client: str) -> Counted:
    row = await connection.fetchrow(
        f"""
        WITH here AS ({_HERE}), elsewhere AS ({_ELSEWHERE})
        SELECT (SELECT count(*) FROM here) AS living,
            (SELECT count(DISTINCT user_id) FROM here WHERE user_id <> $2) AS users,
            (SELECT max(rotated_at) FROM here) AS last_used_at,
            CASE WHEN EXISTS (SELECT FROM gate WHERE client_id = $2 AND tenant_id = $1)
                THEN (SELECT count(*) FROM elsewhere) ELSE 0 END AS elsewhere
        """,  # noqa: S608 - constant fragments
        tenant, client, MOST_COUNTED + 1, client, tenant,
    )  # fmt: skip
    assert row is not None  # noqa: S101 - it always has its one row
    return Counted(
        living=min(row["living"], MOST_COUNTED),
        users=min(row["users"], MOST_COUNTED),
        last_used_at=row["last_used_at"],
        elsewhere=min(row["elsewhere"], MOST_COUNTED),
        more=max(row["living"], row["elsewhere"]) > MOST_COUNTED,
    )


async def living_by_app(connection: Connection, tenant: str, clients: Sequence[str]) -> tuple[Summed, ...]:
    """One for each of ``clients``, in their order; none of them is living where there is no such app."""
    rows = await connection.fetch(_SUMMED, tenant, clients, MOST_SUMMED)
    return tuple(
        Summed(id=row["id"], living=row["living"], last_used_at=row["last_used_at"], more=row["seen"] == MOST_SUMMED)
        for row in rows
    )
