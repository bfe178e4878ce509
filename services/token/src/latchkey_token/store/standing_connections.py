"""Standing connections: at most one for each client that acts for itself, from which it mints until the gate moves."""

import datetime as dt
from collections.abc import Mapping, Sequence

import asyncpg
import msgspec

from latchkey_kit.db import Connection
from latchkey_kit.messaging.outbox import OutboxRow
from latchkey_token.domain.standing_connection import StandingConnection
from latchkey_token.store.alive import ALIVE, ENDS, KILLED, NAMED
from latchkey_token.store.connections import granted

_GOOD = f"({ALIVE} AND {ENDS} > statement_timestamp())"
_CUT = f"""(
    EXISTS (
        SELECT FROM {NAMED} JOIN kill USING (kind, key) WHERE kill.cutoff >= ours.born AND kill.source = 'token'
    ) OR (ours.revoked_at IS NOT NULL AND ours.revoked_reason <> 'revoked_by_client' AND NOT {KILLED})
)"""
"""Somebody cut it who manages connections: with others, or by itself. What owners kill, they may lift again; a row
that the sweep has marked is named by a kill, and one that is marked and not named was cut by itself."""


class StandingBirth(msgspec.Struct, frozen=True, kw_only=True):
    """``unknown_hash`` stands where others have that of their secret: this one has none, so it is of no secret."""

    id: str
    tenant: str
    client: str
    revision: int
    document: bytes
    scope: str
    resources: tuple[str, ...]
    unknown_hash: bytes


class Mint(msgspec.Struct, frozen=True, kw_only=True):
    """One access token that is due if the standing connection is good, and the event that tells of it."""

    connection: str
    revision: int
    event: OutboxRow


async def mint(connection: Connection, mints: Sequence[Mint]) -> Mapping[str, dt.datetime]:
    """Tell of the tokens that may be minted: the ids of their events, and the database's time.

    The gate and everything that could have killed a connection are read in the statement that writes the events.
    """
    rows = await connection.fetch(
        f"""
        WITH good AS (
            SELECT ours.id, ours.standing_revision AS revision
            FROM connection AS ours JOIN gate USING (client_id)
            WHERE ours.id = ANY($1::uuid[]) AND ours.standing_revision = gate.revision
              AND gate.client_credentials AND NOT gate.barred AND {_GOOD}
        ), due AS (
            SELECT asked.event, asked.subject, asked.body
            FROM unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::bytea[])
                AS asked (id, revision, event, subject, body)
            JOIN good USING (id, revision)
        ), told AS (
            INSERT INTO outbox (id, subject, body) SELECT event, subject, body FROM due
        )
        SELECT event, statement_timestamp() AS now FROM due
        """,  # noqa: S608 - constant fragments
        list({one.connection for one in mints}),
        [one.connection for one in mints], [one.revision for one in mints], [one.event.id for one in mints],
        [one.event.subject for one in mints], [one.event.body for one in mints],
    )  # fmt: skip
    return {row["event"]: row["now"] for row in rows}


async def read(connection: Connection, client: str) -> StandingConnection | None:
    """A client's standing connection as it is now."""
    row = await connection.fetchrow(
        f"""
        SELECT ours.id, ours.tenant_id, ours.user_id, ours.client_id, ours.born, ours.document, ours.resources,
            granted_scope.scope, ours.generation, ours.standing_revision, {_GOOD} AS alive, {_CUT} AS cut
        FROM connection AS ours JOIN gate USING (client_id) JOIN granted_scope USING (document)
        WHERE ours.client_id = $1 AND ours.standing_revision IS NOT NULL
        """,  # noqa: S608 - constant fragments
        client,
    )
    return _standing(row) if row else None


async def step_down(connection: Connection, client: str) -> None:
    """Let the standing connection be one no more: it lives as long as the last token that it can have."""
    await connection.execute(
        """
        UPDATE connection SET standing_revision = NULL,
            expires_at = least(expires_at, clock_timestamp() + feed_state.longest_token * interval '1 second')
        FROM feed_state WHERE client_id = $1 AND standing_revision IS NOT NULL
        """,
        client,
    )


async def add(connection: Connection, birth: StandingBirth) -> StandingConnection | None:
    """Draw the number and write the row, between `births.begin` and the end; ``None`` when the gate has moved.

    It does not expire by itself: the client proves itself for each token.
    """
    await note_scope(connection, birth.document, birth.scope)
    row = await connection.fetchrow(
        """
        INSERT INTO connection (
            id, tenant_id, user_id, client_id, generation, redirect_uri_sent, redirect_hash, document, current_hash,
            resources, expires_at, standing_revision
        )
        SELECT $1, gate.tenant_id, gate.client_id, gate.client_id, 1, false, $2, $3, $2, $4, '9999-12-31', gate.revision
        FROM gate
        WHERE client_id = $5 AND revision = $6 AND tenant_id = $7 AND client_credentials AND NOT barred
        RETURNING id, tenant_id, user_id, client_id, born, document, resources, $8::text AS scope, generation,
            standing_revision, true AS alive, false AS cut
        """,
        birth.id, birth.unknown_hash, birth.document, birth.resources, birth.client, birth.revision, birth.tenant,
        birth.scope,
    )  # fmt: skip
    return _standing(row) if row else None


async def note_scope(connection: Connection, document: bytes, scope: str) -> None:
    """Note what a grant document means in words. They follow from it, so they never change."""
    await connection.execute(
        "INSERT INTO granted_scope (document, scope) VALUES ($1, $2) ON CONFLICT DO NOTHING", document, scope
    )


def _standing(row: asyncpg.Record) -> StandingConnection:
    return StandingConnection(
        **granted(row), revision=row["standing_revision"], alive=row["alive"], cut=row["cut"]
    )  # fmt: skip
