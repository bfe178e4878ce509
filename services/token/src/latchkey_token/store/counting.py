"""How many connections an app has, for those who are about to end them."""

import datetime as dt
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
