"""Servers of somebody else that check our tokens."""

import datetime as dt

import msgspec

from latchkey_kit.db import Connection


class StoredResourceServer(msgspec.Struct, frozen=True, kw_only=True):
    """``secret_hash`` is a SHA-256."""

    id: str
    name: str
    secret_hash: bytes
    audience: str
    created_at: dt.datetime


async def everyone(connection: Connection) -> tuple[StoredResourceServer, ...]:
    """All of them, by name. There are few."""
    rows = await connection.fetch(
        "SELECT id, name, secret_hash, audience, created_at FROM resource_server ORDER BY name"
    )
    return tuple(StoredResourceServer(**dict(row)) for row in rows)


async def add(connection: Connection, new_id: str, *, name: str, secret_hash: bytes, audience: str) -> bool:
    """Write a new one; ``False`` when the name is taken."""
    added = await connection.fetchval(
        """
        INSERT INTO resource_server (id, name, secret_hash, audience) VALUES ($1, $2, $3, $4)
        ON CONFLICT (name) DO NOTHING RETURNING true
        """,
        new_id, name, secret_hash, audience,
    )  # fmt: skip
    return added is not None


async def remove(connection: Connection, name: str) -> bool:
    """Whether there was one."""
    removed = await connection.fetchval("DELETE FROM resource_server WHERE name = $1 RETURNING true", name)
    return removed is not None
