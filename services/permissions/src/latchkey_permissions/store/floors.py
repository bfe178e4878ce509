"""Floors on their way to the token service."""

import msgspec

from latchkey_contracts.feed import Floor
from latchkey_kit.db import Connection


class Batch(msgspec.Struct, frozen=True):
    """Floors, and the rows that they came from. Of each key just the highest is worth sending."""

    rows: tuple[int, ...]
    floors: tuple[Floor, ...]


async def add(connection: Connection, kind: str, key: str, revision: int) -> None:
    await connection.execute("INSERT INTO pending_floor (kind, key, revision) VALUES ($1, $2, $3)", kind, key, revision)


async def waiting(connection: Connection, limit: int) -> Batch:
    """The oldest that wait."""
    rows = await connection.fetch("SELECT id, kind, key, revision FROM pending_floor ORDER BY id LIMIT $1", limit)
    highest: dict[tuple[str, str], int] = {}
    for row in rows:
        about = (row["kind"], row["key"])
        highest[about] = max(row["revision"], highest.get(about, 0))
    floors = tuple(Floor(kind=kind, key=key, revision=revision) for (kind, key), revision in highest.items())
    return Batch(tuple(row["id"] for row in rows), floors)


async def confirm(connection: Connection, rows: tuple[int, ...]) -> None:
    """Forget what arrived. Another instance may be doing the same, so rows that it holds are skipped."""
    await connection.execute(
        """
        DELETE FROM pending_floor
        WHERE id IN (SELECT id FROM pending_floor WHERE id = ANY($1::bigint[]) FOR UPDATE SKIP LOCKED)
        """,
        list(rows),
    )
