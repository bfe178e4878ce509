"""Where clients stand with the staff who review them."""

import datetime as dt

from latchkey_client_registry.domain.publishing import Publishing
from latchkey_client_registry.store.clients import COLUMNS, Stored, stored
from latchkey_kit.db import Connection


async def put(connection: Connection, client: str, now: Publishing) -> int:
    """Write it over a row that the caller has locked, as of this moment; returns the new revision."""
    revision: int = await connection.fetchval(
        """
        UPDATE client
        SET publishing = $2, publishing_by = $3, publishing_note = $4, publishing_reason = $5,
            publishing_at = clock_timestamp(), published = $2 = 'approved',
            ever_published = ever_published OR $2 = 'approved',
            updated_at = clock_timestamp(), revision = revision + 1
        WHERE id = $1
        RETURNING revision
        """,
        client, now.state, now.by, now.note, now.reason,
    )  # fmt: skip
    return revision


async def pending(connection: Connection, after: tuple[dt.datetime, str] | None, limit: int) -> list[Stored]:
    """Who waits, the longest first, behind a moment and an id."""
    moment, client = after or (None, None)
    rows = await connection.fetch(
        f"""
        SELECT {COLUMNS} FROM client
        WHERE publishing = 'pending' AND deleted_at IS NULL
            AND ($1::timestamptz IS NULL OR (publishing_at, id) > ($1, $2::uuid))
        ORDER BY publishing_at, id LIMIT $3
        """,  # noqa: S608 - a constant list of columns
        moment,
        client,
        limit,
    )
    return [stored(row) for row in rows]
