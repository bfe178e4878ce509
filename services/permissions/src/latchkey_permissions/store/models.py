"""The data models, and what tells one catalogue of them from another."""

import msgspec

from latchkey_kit.db import Connection
from latchkey_permissions.domain.registration import Registered
from latchkey_policy.catalogue import Model


class Stored(msgspec.Struct, frozen=True):
    """What all resource servers registered, as of a stamp."""

    stamp: str
    models: tuple[Registered, ...]


async def stamp(connection: Connection) -> str:
    """What changes with every registration, and never comes back."""
    return str(await connection.fetchval("SELECT stamp FROM catalogue"))


async def stored(connection: Connection) -> Stored:
    """Read stamp and models in one snapshot."""
    rows = await connection.fetch(
        """
        SELECT catalogue.stamp, data_model.resource_server, data_model.definition
        FROM catalogue LEFT JOIN data_model ON true
        ORDER BY data_model.name
        """
    )
    found = [row for row in rows if row["definition"] is not None]
    return Stored(
        rows[0]["stamp"],
        tuple(Registered(msgspec.json.decode(row["definition"], type=Model), row["resource_server"]) for row in found),
    )


async def lock(connection: Connection) -> None:
    """Let registrations take turns, to the end of the transaction. Readers do not wait."""
    await connection.execute("SELECT revision FROM catalogue FOR UPDATE")


async def replace(connection: Connection, resource_server: str, models: tuple[Model, ...]) -> None:
    """Put these in the place of the server's models, and move the catalogue's revision."""
    now = await connection.fetchval(
        "UPDATE catalogue SET revision = revision + 1, stamp = gen_random_uuid() RETURNING revision"
    )
    await connection.execute("DELETE FROM data_model WHERE resource_server = $1", resource_server)
    await connection.execute(
        """
        INSERT INTO data_model (name, route, resource_server, definition, revision)
        SELECT name, route, $1, definition, $5
        FROM unnest($2::text[], $3::text[], $4::bytea[]) AS new (name, route, definition)
        """,
        resource_server,
        [model.name for model in models],
        [model.route for model in models],
        [msgspec.json.encode(model) for model in models],
        now,
    )
