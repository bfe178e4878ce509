"""Reading a tenant's log on from a position. Positions are given in the order of commits, so none comes later."""

from collections.abc import Mapping
from typing import NamedTuple

from latchkey_audit.domain.search import Entry, Wanted
from latchkey_audit.store.search import conditions, entry_of
from latchkey_audit.store.statement import Statement
from latchkey_kit.db import Connection

STRETCH = 1000
"""Positions that one statement looks at."""


class Anchor(NamedTuple):
    """An entry that was the last of its log."""

    position: int
    hash: bytes


async def ends(connection: Connection, tenants: list[str]) -> dict[str, int]:
    """Give the last position of each tenant's log; 0 where there is none."""
    rows = await connection.fetch("SELECT tenant_id, position FROM chain WHERE tenant_id = ANY ($1::uuid[])", tenants)
    return dict.fromkeys(tenants, 0) | {row["tenant_id"]: row["position"] for row in rows}


async def anchors(connection: Connection, tenants: list[str]) -> dict[str, Anchor]:
    """Give the last entry of each tenant's log that has one."""
    rows = await connection.fetch(
        "SELECT tenant_id, position, hash FROM chain WHERE tenant_id = ANY ($1::uuid[])", tenants
    )
    return {row["tenant_id"]: Anchor(row["position"], row["hash"]) for row in rows}


async def lost(connection: Connection, known: Mapping[str, Anchor]) -> set[str]:
    """Give the tenants whose log has lost what was its last entry: it ends before that, or another is in its place.

    An entry that was let go because of its age is not lost.
    """
    rows = await connection.fetch(
        """
        SELECT known.tenant_id FROM unnest($1::uuid[], $2::bigint[], $3::bytea[]) AS known (tenant_id, position, hash)
        LEFT JOIN chain USING (tenant_id)
        WHERE coalesce(chain.position, 0) < known.position OR EXISTS (
            SELECT FROM event WHERE event.tenant_id = known.tenant_id AND event.position = known.position
            AND event.hash <> known.hash
        )
        """,
        list(known),
        [one.position for one in known.values()],
        [one.hash for one in known.values()],
    )
    return {row["tenant_id"] for row in rows}


async def read_on(
    connection: Connection, tenant: str, wanted: Wanted, after: int, through: int, most: int
) -> tuple[list[Entry], int]:
    """Give entries behind ``after``, oldest first, and up to which position these are all that fit.

    Of the log only the next `STRETCH` positions are looked at, so that a filter that nothing fits costs little a time.
    """
    until = min(through, after + STRETCH)
    statement = Statement(tenant)
    conditions(statement, tenant, wanted)
    ahead = f"position > {statement.bind(after)} AND position <= {statement.bind(until)}"
    # Materialized: whatever else is asked for, the entries are found by position.
    rows = await connection.fetch(
        f"""
        WITH stretch AS MATERIALIZED (
            SELECT tenant_id, position, recorded, id, at, action, result, user_id, client_id, connection_id, address,
                words, hash, body
            FROM event WHERE tenant_id = $1 AND {ahead}
        )
        SELECT position, recorded, result, connection_id, hash, body FROM stretch
        WHERE {statement.text} ORDER BY position LIMIT {statement.bind(most)}
        """,  # noqa: S608 - our own words
        *statement.values,
    )
    found = [entry_of(row) for row in rows]
    return found, found[-1].position if len(found) == most else until
