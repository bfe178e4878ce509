"""After a database came back from the past: numbers go on where no lost one can have been."""

from typing import Final

from latchkey_kit.db import Connection

LEAP: Final = 1_000_000_000
"""More numbers than can have been given between the backup and its loss."""


async def start_anew(connection: Connection) -> None:
    """Begin a new epoch of the feed, and leap over what may have been told since the backup."""
    await connection.execute("SELECT setval('connection_born', nextval('connection_born') + $1)", LEAP)
    await connection.execute(
        """
        UPDATE feed_state SET restore_id = gen_random_uuid(), last_number = last_number + $1, settled = last_number + $1
        """,
        LEAP,
    )
