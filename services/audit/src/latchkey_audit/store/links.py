"""A chain as it is, link by link."""

import datetime as dt

import msgspec

from latchkey_kit.db import Connection


class Link(msgspec.Struct, frozen=True):
    """An entry, its event to the letter."""

    id: str
    position: int
    recorded: dt.datetime
    kept: int
    body: bytes
    hash: bytes


async def page(connection: Connection, tenant: str, after: int, limit: int) -> list[Link]:
    """A tenant's entries behind a position, in order."""
    rows = await connection.fetch(
        "SELECT id, position, recorded, kept, body, hash FROM event WHERE tenant_id = $1 AND position > $2"
        " ORDER BY position LIMIT $3",
        tenant,
        after,
        limit,
    )
    return [Link(row["id"], row["position"], row["recorded"], row["kept"], row["body"], row["hash"]) for row in rows]
