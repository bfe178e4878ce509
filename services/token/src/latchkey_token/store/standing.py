"""How clients, tenants, users and members stand with their owners, as far as this service was told."""

from collections.abc import Sequence

import msgspec

from latchkey_contracts.requests.standing import Limits, Seen, Standing
from latchkey_kit.db import Connection


class Known(msgspec.Struct, frozen=True):
    """What never turned, or was never told of, is at turn 0."""

    turn: int = 0
    barred: bool = False


async def take(connection: Connection, standing: Standing) -> bool:
    """Write a newer turn; ``False`` for one that we have, or that comes too late."""
    written = await connection.fetchval(
        """
        INSERT INTO standing AS ours (kind, key, turn, barred) VALUES ($1, $2, $3, $4)
        ON CONFLICT (kind, key) DO UPDATE SET turn = excluded.turn, barred = excluded.barred
        WHERE ours.turn < excluded.turn
        RETURNING true
        """,
        standing.kind, standing.key, standing.turn, standing.barred,
    )  # fmt: skip
    return written is not None


async def known(connection: Connection, things: Sequence[Seen]) -> list[Known]:
    """How each of these stands, in order."""
    rows = await connection.fetch(
        """
        SELECT coalesce(standing.turn, 0) AS turn, coalesce(standing.barred, false) AS barred
        FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (kind, key, place)
        LEFT JOIN standing USING (kind, key) ORDER BY place
        """,
        [one.kind for one in things], [one.key for one in things],
    )  # fmt: skip
    return [Known(row["turn"], row["barred"]) for row in rows]


async def put_limits(connection: Connection, limits: Limits) -> None:
    """Write a tenant's limits unless ours are as new."""
    await connection.execute(
        """
        INSERT INTO tenant_limits AS ours (tenant_id, revision, refresh_token_lifetime, connection_lifetime)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant_id) DO UPDATE SET
            revision = excluded.revision, refresh_token_lifetime = excluded.refresh_token_lifetime,
            connection_lifetime = excluded.connection_lifetime
        WHERE ours.revision < excluded.revision
        """,
        limits.tenant, limits.revision, limits.refresh_token_lifetime, limits.connection_lifetime,
    )  # fmt: skip
