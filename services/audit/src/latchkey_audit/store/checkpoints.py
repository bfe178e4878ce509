"""Where each tenant's chain was signed."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from latchkey_contracts.events.audit import NOBODY
from latchkey_kit.db import Connection
from latchkey_kit.messaging.outbox import OutboxRow

_LOCK = 0x1A7C7  # any fixed number; the lock is the database's own
_BEHIND_ALL = 2**63 - 1
_TELLS_OF_IT = "auditlog.checkpointed"


class End(msgspec.Struct, frozen=True):
    """Where a chain ends. ``due``: there is something to sign."""

    tenant: str
    position: int
    hash: bytes
    due: bool


class Checkpoint(msgspec.Struct, frozen=True):
    """A signed one."""

    tenant: str
    position: int
    hash: bytes
    at: dt.datetime
    signed: str


async def turn(connection: Connection) -> dt.datetime:
    """Wait until nobody else signs; gives the time for what is signed now, later than all that was signed before.

    So whoever has read all checkpoints up to a time has missed none.
    """
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
    return await connection.fetchval(  # type: ignore[no-any-return]  # a moment
        "SELECT greatest(clock_timestamp(), (SELECT max(at) FROM checkpoint) + interval '1 microsecond')"
    )


async def ends(connection: Connection, after: str | None, limit: int, *, older: float) -> list[End]:
    """The chains behind ``after``, by tenant. Due is one that grew since it was last signed, ``older`` seconds ago.

    A time to come says that the clock was ahead: whoever waited for it would sign nothing until then. Only what tells
    of checkpoints is no growth: else every checkpoint would call for the next.
    """
    rows = await connection.fetch(
        """
        SELECT ending.tenant_id, ending.position, ending.hash,
            ending.position > coalesce(last.position, 0)
            AND (last.at IS NULL OR last.at <= clock_timestamp() - make_interval(secs => $3)
                OR last.at > clock_timestamp())
            AND EXISTS (
                SELECT FROM event WHERE event.tenant_id = ending.tenant_id
                AND event.position > coalesce(last.position, 0) AND event.action <> $4
            ) AS due
        FROM (
            SELECT tenant_id, position, hash FROM chain
            WHERE tenant_id >= coalesce($1, $5::uuid) AND tenant_id IS DISTINCT FROM $1::uuid
            ORDER BY tenant_id LIMIT $2
        ) AS ending
        LEFT JOIN LATERAL (
            SELECT position, at FROM checkpoint
            WHERE checkpoint.tenant_id = ending.tenant_id AND checkpoint.position <= ending.position
            ORDER BY position DESC LIMIT 1
        ) AS last ON true
        ORDER BY ending.tenant_id
        """,
        after,
        limit,
        older,
        _TELLS_OF_IT,
        NOBODY,
    )
    return [End(row["tenant_id"], row["position"], row["hash"], row["due"]) for row in rows]


async def add(connection: Connection, made: Sequence[Checkpoint], tidings: Sequence[OutboxRow]) -> None:
    """Keep checkpoints, and the events that tell of them."""
    await connection.execute(
        """
        INSERT INTO checkpoint (tenant_id, position, hash, at, signed)
        SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bytea[], $4::timestamptz[], $5::text[])
        """,
        [one.tenant for one in made],
        [one.position for one in made],
        [one.hash for one in made],
        [one.at for one in made],
        [one.signed for one in made],
    )
    await connection.execute(
        "INSERT INTO outbox (id, subject, body) SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[])",
        [one.id for one in tidings],
        [one.subject for one in tidings],
        [one.body for one in tidings],
    )


async def page(connection: Connection, tenant: str, before: int | None, limit: int) -> list[Checkpoint]:
    """A tenant's checkpoints, newest first."""
    rows = await connection.fetch(
        "SELECT tenant_id, position, hash, at, signed FROM checkpoint"
        " WHERE tenant_id = $1 AND position < $2 ORDER BY position DESC LIMIT $3",
        tenant,
        _BEHIND_ALL if before is None else before,
        limit,
    )
    return [_checkpoint(row) for row in rows]


async def since(connection: Connection, at: dt.datetime | None, tenant: str | None, limit: int) -> list[Checkpoint]:
    """Every tenant's checkpoints in the order in which they were made, behind the one of ``at`` and ``tenant``."""
    rows = await connection.fetch(
        "SELECT tenant_id, position, hash, at, signed FROM checkpoint"
        " WHERE (at, tenant_id) > (coalesce($1::timestamptz, '-infinity'), $2::uuid) ORDER BY at, tenant_id LIMIT $3",
        at,
        tenant or NOBODY,
        limit,
    )
    return [_checkpoint(row) for row in rows]


async def has(connection: Connection, at: dt.datetime, tenant: str, position: int) -> bool:
    """Whether a checkpoint is there."""
    return await connection.fetchval(  # type: ignore[no-any-return]  # a boolean
        "SELECT EXISTS (SELECT FROM checkpoint WHERE at = $1 AND tenant_id = $2 AND position = $3)",
        at, tenant, position,
    )  # fmt: skip


async def behind(connection: Connection, positions: Mapping[str, int], limit: int) -> list[Checkpoint]:
    """Give checkpoints that lie behind ``positions``, by tenant; all of a tenant that is not among these."""
    rows = await connection.fetch(
        """
        SELECT later.* FROM chain
        LEFT JOIN unnest($1::uuid[], $2::bigint[]) AS known (tenant_id, position) USING (tenant_id)
        CROSS JOIN LATERAL (
            SELECT tenant_id, position, hash, at, signed FROM checkpoint
            WHERE checkpoint.tenant_id = chain.tenant_id AND checkpoint.position > coalesce(known.position, 0)
            ORDER BY position LIMIT $3
        ) AS later LIMIT $3
        """,
        list(positions),
        list(positions.values()),
        limit,
    )
    return [_checkpoint(row) for row in rows]


def _checkpoint(row: Any) -> Checkpoint:
    return Checkpoint(row["tenant_id"], row["position"], row["hash"], row["at"], row["signed"])
