"""Clients of whatever tenant: what staff look for, and what pages call them."""

from collections.abc import Sequence

from latchkey_client_registry.store.clients import COLUMNS, Stored, stored
from latchkey_contracts.ids import is_id
from latchkey_kit.db import Connection


async def search(connection: Connection, text: str, after: str | None, limit: int) -> list[Stored]:
    """Those with this in their name, or of this id or tenant; oldest first, behind the id ``after``."""
    rows = await connection.fetch(
        f"""
        SELECT {COLUMNS} FROM client
        WHERE deleted_at IS NULL AND ($3::uuid IS NULL OR id > $3)
            AND (strpos(lower(name), lower($1)) > 0 OR id = $2::uuid OR tenant_id = $2::uuid)
        ORDER BY id LIMIT $4
        """,  # noqa: S608 - a constant list of columns
        text,
        text if is_id(text) else None,
        after,
        limit,
    )
    return [stored(row) for row in rows]


async def named(connection: Connection, clients: Sequence[str]) -> list[Stored]:
    """Those that are known, deleted ones too."""
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM client WHERE id = ANY($1::uuid[])",  # noqa: S608 - a constant list of columns
        list(clients),
    )
    return [stored(row) for row in rows]
