"""Keys at rest: private and symmetric ones are stored sealed, and are never read here in the clear."""

from typing import Literal

import msgspec

from latchkey_kit.db import Connection

_LOCK = 0x1A7C4CE5
"""Any fixed number: services that start side by side take turns, so one of them makes the keys."""

SigningState = Literal["next", "active", "retired"]
MacUse = Literal["mac", "derive"]


class SealedSigningKey(msgspec.Struct, frozen=True):
    """``public_jwk`` is the JSON that the key set shows."""

    kid: str
    state: SigningState
    private_key: bytes
    public_jwk: bytes


class SealedMacKey(msgspec.Struct, frozen=True):
    """``id`` stands inside the token strings that it was used for."""

    id: int
    use: MacUse
    key: bytes


async def lock(connection: Connection) -> None:
    """Let nobody else make keys until this transaction ends. Read them in a later statement."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)


async def signing_keys(connection: Connection) -> tuple[SealedSigningKey, ...]:
    """Every signing key, the oldest first."""
    rows = await connection.fetch(
        "SELECT kid, state, private_key, public_jwk FROM signing_key ORDER BY created_at, kid"
    )
    return tuple(
        SealedSigningKey(row["kid"], row["state"], row["private_key"], row["public_jwk"]) for row in rows
    )  # fmt: skip


async def public_keys(connection: Connection) -> tuple[bytes, ...]:
    """The JSON of every public signing key, the oldest first."""
    rows = await connection.fetch("SELECT public_jwk FROM signing_key ORDER BY created_at, kid")
    return tuple(row["public_jwk"] for row in rows)


async def add_signing_key(connection: Connection, key: SealedSigningKey) -> None:
    await connection.execute(
        "INSERT INTO signing_key (kid, state, private_key, public_jwk) VALUES ($1, $2, $3, $4)",
        key.kid, key.state, key.private_key, key.public_jwk,
    )  # fmt: skip


async def mac_keys(connection: Connection) -> tuple[SealedMacKey, ...]:
    """Every key behind codes and refresh tokens, the oldest first."""
    rows = await connection.fetch("SELECT id, use, key FROM mac_key ORDER BY id")
    return tuple(SealedMacKey(row["id"], row["use"], row["key"]) for row in rows)


async def add_mac_key(connection: Connection, key: SealedMacKey) -> None:
    await connection.execute("INSERT INTO mac_key (id, use, key) VALUES ($1, $2, $3)", key.id, key.use, key.key)
