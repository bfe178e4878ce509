"""The statement at the heart: a code or refresh token becomes its successor, once, or nothing happens."""

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from latchkey_kit.db import Connection
from latchkey_kit.messaging.outbox import OutboxRow
from latchkey_token.domain.connection import Granted
from latchkey_token.store.alive import ALIVE, ENDS, LIFETIME
from latchkey_token.store.connections import granted


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """All values are of fixed width: what one caller sends cannot break the statement of its neighbours.

    ``revision`` is that of the gate with which the client was authenticated.
    """

    id: str
    generation: int
    hash: bytes
    client: str
    revision: int
    redirect_hash: bytes | None
    verifier: bytes | None
    next_hash: bytes
    nonce: bytes


class Rotated(Granted, frozen=True, kw_only=True):
    """A connection of which tokens are due. ``at`` is the database's clock."""

    at: dt.datetime


async def lock(connection: Connection, ids: Sequence[str]) -> None:
    """Lock rows in the order of their ids: two batches that share rows wait for each other, and never in a circle."""
    await connection.execute("SELECT 1 FROM connection WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", ids)


async def rotate(connection: Connection, batch: Sequence[Rotation], *, lifetime: int) -> Mapping[str, Rotated]:
    """Rotate the connections of a batch, of which each is in it once; what is left out of the answer did not.

    ``lifetime`` of the new refresh tokens in seconds. ``unanswered`` stays as it is: it tells of one generation, and
    a statement of unknown outcome may still commit after the mark was set.
    """
    rows = await connection.fetch(
        f"""
        UPDATE connection AS ours SET
            generation = ours.generation + 1, current_hash = shown.next_hash, nonce = shown.nonce,
            rotated_at = statement_timestamp(),
            expires_at = statement_timestamp() + {LIFETIME.format(default="$10::bigint")} * interval '1 second'
        FROM unnest(
            $1::uuid[], $2::bigint[], $3::bytea[], $4::uuid[], $5::bigint[], $6::bytea[], $7::bytea[], $8::bytea[],
            $9::bytea[]
        ) AS shown (id, generation, hash, client_id, revision, redirect_hash, verifier, next_hash, nonce)
        JOIN gate ON gate.client_id = shown.client_id AND gate.revision = shown.revision
        WHERE ours.id = shown.id AND ours.id = ANY($1) -- said twice, so that no plan asks all rows whether they live
          AND ours.client_id = shown.client_id AND ours.generation = shown.generation
          AND ours.current_hash = shown.hash AND {ALIVE} AND {ENDS} > statement_timestamp()
          AND (ours.generation > 0 OR (
              ours.challenge IS NOT DISTINCT FROM shown.verifier
              AND (ours.redirect_hash = shown.redirect_hash
                   OR (shown.redirect_hash IS NULL AND NOT ours.redirect_uri_sent))
          ))
        RETURNING ours.id, ours.tenant_id, ours.user_id, ours.client_id, ours.born, ours.document, ours.resources,
            (SELECT scope FROM granted_scope WHERE granted_scope.document = ours.document) AS scope,
            ours.generation, ours.rotated_at
        """,  # noqa: S608 - constant fragments
        [one.id for one in batch], [one.generation for one in batch], [one.hash for one in batch],
        [one.client for one in batch], [one.revision for one in batch], [one.redirect_hash for one in batch],
        [one.verifier for one in batch], [one.next_hash for one in batch], [one.nonce for one in batch], lifetime,
    )  # fmt: skip
    return {row["id"]: Rotated(**granted(row), at=row["rotated_at"]) for row in rows}


async def tell(connection: Connection, events: Sequence[OutboxRow]) -> None:
    """Write the events of a batch, in its transaction."""
    await connection.execute(
        "INSERT INTO outbox (id, subject, body) SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[])",
        [event.id for event in events], [event.subject for event in events], [event.body for event in events],
    )  # fmt: skip


async def mark_unanswered(connection: Connection, connection_id: str, generation: int) -> None:
    """Write that whoever showed this generation may not have its answer. Waits for a rotation under way."""
    await connection.execute(
        "UPDATE connection SET unanswered = $2 WHERE id = $1 AND generation BETWEEN $2::bigint AND $2 + 1",
        connection_id, generation,
    )  # fmt: skip
