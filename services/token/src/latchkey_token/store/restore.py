"""After a database came back from the past: numbers go on where no lost one can have been."""

from typing import Final

from latchkey_kit.db import Connection

LEAP: Final = 1_000_000_000
"""More numbers than can have been given between the backup and its loss."""


async def leap_births(connection: Connection) -> None:
    """Number connections, and draw cutoffs, beyond whatever was drawn since the backup."""
    await connection.execute("SELECT setval('connection_born', nextval('connection_born') + $1)", LEAP)


async def start_new_epoch(connection: Connection) -> None:
    """Let every verifier begin anew. The transaction has appended to the feed, so the row is its own already."""
    await connection.execute("UPDATE feed_state SET restore_id = gen_random_uuid()")
