"""What introspection must know of a connection, in one snapshot."""

from collections.abc import Mapping, Sequence

from latchkey_kit.db import Connection
from latchkey_token.domain.introspection import Found
from latchkey_token.store.alive import ALIVE, ENDS
from latchkey_token.store.connections import granted


async def find(connection: Connection, ids: Sequence[str]) -> Mapping[str, Found]:
    """Connections by their ids; unknown ones are left out."""
    rows = await connection.fetch(
        f"""
        SELECT ours.id, ours.tenant_id, ours.user_id, ours.client_id, ours.born, ours.document, ours.resources,
            granted_scope.scope, ours.generation, ours.current_hash,
            coalesce(ours.rotated_at, ours.created_at) AS since, {ENDS} AS ends, {ALIVE} AS alive,
            statement_timestamp() AS now, ARRAY(SELECT key FROM kill WHERE kind = 'kid') AS compromised
        FROM connection AS ours JOIN gate USING (client_id) JOIN granted_scope USING (document)
        WHERE ours.id = ANY($1::uuid[])
        """,  # noqa: S608 - constant fragments
        ids,
    )
    return {
        row["id"]: Found(
            **granted(row),
            current_hash=row["current_hash"],
            since=row["since"],
            ends=row["ends"],
            alive=row["alive"],
            now=row["now"],
            compromised=frozenset(row["compromised"]),
        )
        for row in rows
    }
