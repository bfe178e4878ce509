"""Killing one connection: its row, the event and the feed entry live or fail together."""

from typing import Literal

import msgspec

from latchkey_contracts import feed as vocabulary
from latchkey_contracts.events.token import ConnectionRevoked
from latchkey_kit.db import Connection
from latchkey_kit.messaging.outbox import Outbox
from latchkey_token.store import feed

Reason = Literal["replay", "revoked_by_client", "disconnected", "replaced"]


class KilledConnection(msgspec.Struct, frozen=True):
    """A connection that this call has killed, and the feed number that tells of it."""

    id: str
    tenant: str
    user: str
    client: str
    number: int


async def kill_connection(
    connection: Connection, *, connection_id: str, reason: Reason, by: str | None = None, outbox: Outbox
) -> KilledConnection | None:
    """Kill a living connection, in the caller's transaction; ``None`` when it is dead already or unknown.

    ``by`` is the user who cut it. Call it after all other row changes, and once in a transaction: it takes the feed's
    lock, and a row locked after that one could deadlock.
    """
    row = await connection.fetchrow(
        """
        UPDATE connection SET revoked_at = clock_timestamp(), revoked_reason = $2
        WHERE id = $1 AND revoked_at IS NULL
        RETURNING tenant_id, user_id, client_id
        """,
        connection_id, reason,
    )  # fmt: skip
    if row is None:
        return None
    tenant, user, client = row["tenant_id"], row["user_id"], row["client_id"]
    event = ConnectionRevoked(connection=connection_id, user=user, client=client, reason=reason, by=by)
    # Who acted: the person who cut it, else the client by what it presented.
    await outbox.add(connection, event, tenant=tenant, user=by, client=None if by else client)
    number = await feed.append(connection, [feed.NewEntry(vocabulary.CONNECTION, connection_id)])
    return KilledConnection(connection_id, tenant, user, client, number)
