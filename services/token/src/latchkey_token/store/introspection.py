"""What introspection must know of a connection, in one snapshot."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import asyncpg

from latchkey_kit.db import Connection
from latchkey_token.domain.introspection import Found
from latchkey_token.store.alive import ALIVE, ENDS
from latchkey_token.store.connections import granted


class Asked(NamedTuple):
    """A connection, and the grant document (SHA-256) that a token of it names; ``None`` for the connection's own."""

    id: str
    document: bytes | None = None


async def find(connection: Connection, asked: Sequence[Asked]) -> Mapping[Asked, Found]:
    """Connections, each with the scope of the grant document that was asked for; unknown ones are left out."""
    rows = await connection.fetch(
        f"""
        SELECT asked.document AS asked, ours.id, ours.tenant_id, ours.user_id, ours.client_id, ours.born, ours.document,
            ours.resources, granted_scope.scope, ours.generation, ours.current_hash,
            coalesce(ours.rotated_at, ours.created_at) AS since, {ENDS} AS ends, {ALIVE} AS alive,
            statement_timestamp() AS now, ARRAY(SELECT key FROM kill WHERE kind = 'kid') AS compromised
        FROM unnest($1::uuid[], $2::bytea[]) AS asked (id, document)
        JOIN connection AS ours USING (id) JOIN gate USING (client_id)
        JOIN granted_scope ON granted_scope.document = coalesce(asked.document, ours.document)
        """,  # noqa: S608 - constant fragments
        [one.id for one in asked], [one.document for one in asked],
    )  # fmt: skip
    return {Asked(row["id"], row["asked"]): _found(row) for row in rows}


def _found(row: asyncpg.Record) -> Found:
    return Found(
        **granted(row),
        current_hash=row["current_hash"],
        since=row["since"],
        ends=row["ends"],
        alive=row["alive"],
        now=row["now"],
        compromised=frozenset(row["compromised"]),
    )
