"""Client secrets: only their hashes, and how they end. A retired secret has no row.

Who changes secrets has locked the client's row.
"""

import datetime as dt
from collections.abc import Sequence

import asyncpg
import msgspec

from latchkey_kit.db import Connection

_WORKS = "(ends_at IS NULL OR ends_at > clock_timestamp())"


class StoredSecret(msgspec.Struct, frozen=True, kw_only=True):
    """``ending`` is its last four characters, by which people recognise it. ``ends_at``: ``None`` without an end."""

    id: str
    ending: str
    created_at: dt.datetime
    ends_at: dt.datetime | None


async def insert(connection: Connection, secret_id: str, client: str, secret_hash: bytes, ending: str) -> None:
    await connection.execute(
        "INSERT INTO client_secret (id, client_id, hash, ending) VALUES ($1, $2, $3, $4)",
        secret_id,
        client,
        secret_hash,
        ending,
    )


async def of_client(connection: Connection, client: str) -> list[StoredSecret]:
    """Those that work today, the oldest first."""
    rows = await connection.fetch(
        f"""
        SELECT id, ending, created_at, ends_at FROM client_secret
        WHERE client_id = $1 AND {_WORKS} ORDER BY created_at, id
        """,  # noqa: S608 - a constant condition
        client,
    )
    return _secrets(rows)


async def end_all(connection: Connection, client: str, seconds: int | None) -> None:
    """Let a client's secrets end after so many seconds; ``None``: let them go on for ever."""
    await connection.execute(
        "UPDATE client_secret SET ends_at = clock_timestamp() + $2::bigint * interval '1 second' WHERE client_id = $1",
        client,
        seconds,
    )


async def drop(connection: Connection, client: str, secret_id: str) -> StoredSecret | None:
    row = await connection.fetchrow(
        "DELETE FROM client_secret WHERE client_id = $1 AND id = $2 RETURNING id, ending, created_at, ends_at",
        client,
        secret_id,
    )
    return _secrets([row])[0] if row else None


async def drop_ended(connection: Connection, client: str) -> list[StoredSecret]:
    """Forget those whose end has come; returns them."""
    rows = await connection.fetch(
        f"""
        DELETE FROM client_secret WHERE client_id = $1 AND NOT {_WORKS}
        RETURNING id, ending, created_at, ends_at
        """,  # noqa: S608 - a constant condition
        client,
    )
    return _secrets(rows)


async def drop_all(connection: Connection, client: str) -> None:
    await connection.execute("DELETE FROM client_secret WHERE client_id = $1", client)


async def clients_with_ended(connection: Connection, limit: int) -> list[str]:
    """Give clients that have a secret whose end has come."""
    rows = await connection.fetch(
        "SELECT client_id FROM client_secret WHERE ends_at <= clock_timestamp() ORDER BY ends_at LIMIT $1", limit
    )
    return list(dict.fromkeys(row["client_id"] for row in rows))


def _secrets(rows: Sequence[asyncpg.Record]) -> list[StoredSecret]:
    return [
        StoredSecret(id=row["id"], ending=row["ending"], created_at=row["created_at"], ends_at=row["ends_at"])
        for row in rows
    ]
