"""Marking the rows of those that a kill of many has killed, a batch at a time, and counting them for their tenants."""

import datetime as dt
from typing import Final

import msgspec

from latchkey_contracts import feed as vocabulary
from latchkey_kit.db import Connection
from latchkey_token.store.alive import ENDS

BATCH: Final = 250
"""Rows at a time: whoever cuts the same key again waits for as long as these take."""
_NAMED = {
    vocabulary.CLIENT: "ours.client_id = $1",
    vocabulary.TENANT_CLIENT: "ours.tenant_id = $1 AND ours.client_id = $2",
    vocabulary.TENANT_USER_CLIENT: "ours.tenant_id = $1 AND ours.user_id = $2 AND ours.client_id = $3",
    vocabulary.TENANT_USER: "ours.tenant_id = $1 AND ours.user_id = $2",
    vocabulary.USER: "ours.user_id = $1",
    vocabulary.TENANT: "ours.tenant_id = $1",
    vocabulary.ALL: "true",
}
"""Which rows a key names, by the ids that it is made of."""


class Unswept(msgspec.Struct, frozen=True, kw_only=True):
    """A kill whose dead are not all marked. ``effective_at`` is ``None`` until it is known."""

    kind: str
    key: str
    source: str
    cutoff: int
    number: int
    reason: str
    by: str | None
    through: str | None
    at: dt.datetime
    effective_at: dt.datetime | None

    @property
    def ids(self) -> tuple[str, ...]:
        """What the key is made of."""
        return tuple(self.key[place : place + 32] for place in range(0, len(self.key), 32))


async def next_kill(connection: Connection) -> Unswept | None:
    """The oldest kill that nobody else is sweeping; it is ours until the transaction ends."""
    row = await connection.fetchrow(
        """
        SELECT kill.kind, kill.key, kill.source, kill.cutoff, kill.number, kill.reason, kill.by, kill.through, kill.at,
               feed.effective_at
        FROM kill JOIN feed USING (number)
        WHERE NOT kill.swept ORDER BY kill.number LIMIT 1 FOR UPDATE OF kill SKIP LOCKED
        """
    )
    return Unswept(**dict(row)) if row else None


async def mark(connection: Connection, kill: Unswept) -> bool:
    """Mark a batch of the dead, and count those that were alive; returns whether there may be more."""
    if kill.kind not in _NAMED:
        return False
    cutoff, at, reason, number = (f"${len(kill.ids) + place}" for place in range(1, 5))
    marked: int = await connection.fetchval(
        f"""
        WITH dead AS (
            SELECT ours.id, {ENDS} > {at} AND ours.generation > 0 AS lived
            FROM connection AS ours JOIN gate USING (client_id)
            WHERE ours.revoked_at IS NULL AND ours.born <= {cutoff} AND {_NAMED[kill.kind]}
            ORDER BY ours.id LIMIT {BATCH} FOR UPDATE OF ours
        ), marked AS (
            UPDATE connection SET revoked_at = {at}, revoked_reason = {reason}
            FROM dead WHERE connection.id = dead.id RETURNING tenant_id, lived
        ), counted AS (
            INSERT INTO kill_count (number, tenant_id, dead)
            SELECT {number}, tenant_id, count(*) FROM marked WHERE lived GROUP BY tenant_id
            ON CONFLICT (number, tenant_id) DO UPDATE SET dead = kill_count.dead + excluded.dead
        )
        SELECT count(*) FROM marked
        """,  # noqa: S608 - our own words
        *kill.ids, kill.cutoff, kill.at, kill.reason, kill.number,
    )  # fmt: skip
    return marked == BATCH


async def counts(connection: Connection, kill: Unswept) -> dict[str, int]:
    """How many living connections each tenant lost; to be told once, for they are forgotten here."""
    rows = await connection.fetch("DELETE FROM kill_count WHERE number = $1 RETURNING tenant_id, dead", kill.number)
    return {row["tenant_id"]: row["dead"] for row in rows}


async def maker(connection: Connection, kill: Unswept) -> str | None:
    """Whose client it is, if it is a client that was cut."""
    if kill.kind != vocabulary.CLIENT:
        return None
    tenant: str | None = await connection.fetchval("SELECT tenant_id FROM gate WHERE client_id = $1", kill.key)
    return tenant


async def done(connection: Connection, kill: Unswept) -> None:
    await connection.execute("UPDATE kill SET swept = true WHERE number = $1", kill.number)
