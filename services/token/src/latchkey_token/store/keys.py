"""Keys at rest: private and symmetric ones are stored sealed, and are never read here in the clear."""

from typing import Literal

import msgspec

from latchkey_kit.db import Connection
from latchkey_token.domain.key_life import KeyLife, State

_LOCK = 0x1A7C4CE5
"""Any fixed number: whoever makes or moves keys takes turns, so one of many starts makes them."""

MacUse = Literal["mac", "derive"]


class SealedSigningKey(msgspec.Struct, frozen=True):
    """``public_jwk`` is the JSON that the key set shows. ``compromised``: nothing that it has signed is believed."""

    kid: str
    state: State
    private_key: bytes
    public_jwk: bytes
    compromised: bool = False


class SealedMacKey(msgspec.Struct, frozen=True):
    """``id`` stands inside the token strings that it was used for."""

    id: int
    use: MacUse
    key: bytes


async def lock(connection: Connection) -> None:
    """Let nobody else make or move keys until this transaction ends. Read them in a later statement."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)


async def reach(connection: Connection, lifetime: int) -> None:
    """Note, before any is signed, that access tokens may live this long: keys and kills are kept accordingly."""
    await connection.execute("UPDATE feed_state SET longest_token = $1 WHERE longest_token < $1", lifetime)


async def signing_keys(connection: Connection) -> tuple[SealedSigningKey, ...]:
    """Every signing key, the oldest first."""
    rows = await connection.fetch(
        "SELECT kid, state, private_key, public_jwk, compromised FROM signing_key ORDER BY created_at, kid"
    )
    return tuple(
        SealedSigningKey(row["kid"], row["state"], row["private_key"], row["public_jwk"], row["compromised"])
        for row in rows
    )


async def signing_key_lives(connection: Connection) -> tuple[KeyLife, ...]:
    """What became of every signing key, the oldest first."""
    rows = await connection.fetch(
        """
        SELECT kid, state, compromised, created_at, signed_until, published_until, statement_timestamp() AS now
        FROM signing_key ORDER BY created_at, kid
        """
    )
    return tuple(KeyLife(**dict(row)) for row in rows)


async def public_keys(connection: Connection) -> tuple[bytes, ...]:
    """The JSON of every published signing key, the oldest first."""
    rows = await connection.fetch(
        "SELECT public_jwk FROM signing_key WHERE state <> 'retired' ORDER BY created_at, kid"
    )
    return tuple(row["public_jwk"] for row in rows)


async def add_signing_key(connection: Connection, key: SealedSigningKey) -> None:
    # Not the transaction's time: of two keys that it makes, the first is the older one.
    await connection.execute(
        """
        INSERT INTO signing_key (kid, state, private_key, public_jwk, created_at)
        VALUES ($1, $2, $3, $4, clock_timestamp())
        """,
        key.kid, key.state, key.private_key, key.public_jwk,
    )  # fmt: skip


async def step_down(connection: Connection, kid: str, *, margin: int) -> None:
    """Make the active key a former one, published until all that it signed has expired, and ``margin`` seconds more."""
    await connection.execute(
        """
        UPDATE signing_key SET state = 'former', signed_until = clock_timestamp(),
            published_until = clock_timestamp() + (feed_state.longest_token + $2) * interval '1 second'
        FROM feed_state WHERE kid = $1
        """,
        kid, margin,
    )  # fmt: skip


async def step_up(connection: Connection, kid: str) -> None:
    """Let the next key sign."""
    await connection.execute("UPDATE signing_key SET state = 'active' WHERE kid = $1", kid)


async def retire(connection: Connection, kid: str, *, compromised: bool) -> None:
    """Take a key out of the key set. Compromised once, it stays so."""
    await connection.execute(
        """
        UPDATE signing_key SET
            signed_until = CASE WHEN state = 'active' THEN clock_timestamp() ELSE signed_until END,
            published_until = least(published_until, clock_timestamp()),
            state = 'retired', compromised = compromised OR $2
        WHERE kid = $1
        """,
        kid, compromised,
    )  # fmt: skip


async def retire_outlived(connection: Connection) -> tuple[str, ...]:
    """Retire the former keys whose tokens have all expired; returns those that this call retired."""
    rows = await connection.fetch(
        """
        UPDATE signing_key SET state = 'retired'
        WHERE state = 'former' AND published_until <= statement_timestamp() RETURNING kid
        """
    )
    return tuple(row["kid"] for row in rows)


async def add_kid_kill(connection: Connection, kid: str, *, number: int, reason: str) -> None:
    """Write down that all that a key has signed is refused. No connection dies of it, so nothing is left to sweep."""
    await connection.execute(
        """
        INSERT INTO kill (kind, key, source, cutoff, number, reason, swept) VALUES ('kid', $1, 'owner', 0, $2, $3, true)
        ON CONFLICT DO NOTHING
        """,
        kid, number, reason,
    )  # fmt: skip


async def mac_keys(connection: Connection) -> tuple[SealedMacKey, ...]:
    """Every key behind codes and refresh tokens, the oldest first."""
    rows = await connection.fetch("SELECT id, use, key FROM mac_key ORDER BY id")
    return tuple(SealedMacKey(row["id"], row["use"], row["key"]) for row in rows)


async def add_mac_key(connection: Connection, key: SealedMacKey) -> None:
    await connection.execute("INSERT INTO mac_key (id, use, key) VALUES ($1, $2, $3)", key.id, key.use, key.key)
