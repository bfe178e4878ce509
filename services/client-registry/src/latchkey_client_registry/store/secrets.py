"""Client secrets: only their hashes, and how they end."""

import datetime as dt

import msgspec

from latchkey_kit.db import Connection


class StoredSecret(msgspec.Struct, frozen=True, kw_only=True):
    """``hash`` is SHA-256; ``ending`` the last four characters, by which people recognise it."""

    hash: bytes
    ending: str
    created_at: dt.datetime


async def insert(connection: Connection, secret_id: str, client: str, secret_hash: bytes, ending: str) -> None:
    await connection.execute(
        "INSERT INTO client_secret (id, client_id, hash, ending) VALUES ($1, $2, $3, $4)",
        secret_id,
        client,
        secret_hash,
        ending,
    )


async def of_client(connection: Connection, client: str) -> list[StoredSecret]:
    rows = await connection.fetch(
        "SELECT hash, ending, created_at FROM client_secret WHERE client_id = $1 ORDER BY id", client
    )
    return [StoredSecret(hash=row["hash"], ending=row["ending"], created_at=row["created_at"]) for row in rows]
