"""When each secret was last used."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping

from latchkey_kit.db import Connection


async def note(connection: Connection, secrets: Iterable[str]) -> None:
    """Write that these were used just now, by their SHA-256 in hexadecimal.

    Sorted, so that two instances never wait for each other in a circle.
    """
    await connection.execute(
        """
        INSERT INTO secret_use (hash, used_at) SELECT hash, clock_timestamp() FROM unnest($1::bytea[]) AS used (hash)
        ON CONFLICT (hash) DO UPDATE SET used_at = greatest(secret_use.used_at, excluded.used_at)
        """,
        [bytes.fromhex(secret) for secret in sorted(set(secrets))],
    )


async def last(connection: Connection, secrets: Collection[str]) -> Mapping[str, dt.datetime]:
    """When each was used last; one that never was is left out."""
    rows = await connection.fetch(
        "SELECT hash, used_at FROM secret_use WHERE hash = ANY($1::bytea[])", [bytes.fromhex(one) for one in secrets]
    )
    return {row["hash"].hex(): row["used_at"] for row in rows}
