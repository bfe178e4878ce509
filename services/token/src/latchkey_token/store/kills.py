"""Killing: rows, events and feed entries live or fail together.

Locks are taken in one order everywhere: births (shared by births, alone for a wide kill), then rows, then the feed.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from latchkey_contracts import feed as vocabulary
from latchkey_contracts.events import Event
from latchkey_contracts.events.token import ConnectionRevoked
from latchkey_kit.db import Connection
from latchkey_kit.messaging.outbox import Outbox
from latchkey_token.store import feed
from latchkey_token.store.births import BIRTHS, SOON_OVER

Reason = Literal["replay", "revoked_by_client", "disconnected", "replaced", "cut"]
Source = Literal["owner", "token", "restore"]


class KilledConnection(msgspec.Struct, frozen=True):
    """A connection that this call has killed, and the feed number that tells of it."""

    id: str
    tenant: str
    user: str
    client: str
    number: int


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """A kill of many: all that its key names, born until now. ``kind`` and ``key`` as in ``latchkey_contracts.feed``.

    ``reason`` is the type of the event that told of it, ``by`` the person who did it, ``through`` their app.
    """

    kind: str
    key: str
    source: Source
    reason: str
    by: str | None = None
    through: str | None = None


async def begin_one(connection: Connection) -> None:
    """Let a transaction that kills a single connection end soon; what it tells of the time counts on that."""
    await connection.execute(SOON_OVER)


async def kill_connection(
    connection: Connection,
    *,
    connection_id: str,
    reason: Reason,
    by: str | None = None,
    through: str | None = None,
    cause: Callable[[dt.datetime], Event] | None = None,
    outbox: Outbox,
    lease: float,
) -> KilledConnection | None:
    """Kill a living connection, in the caller's transaction; ``None`` when it is dead already or unknown.

    ``by`` is the user who cut it, ``through`` their app, ``lease`` (seconds) the longest that a verifier has. ``cause``
    makes the event that is told before it, from the time that no verifier accepts anything of it any more, at the
    latest. Call it after all other row changes, and once in a transaction: it takes the feed's lock, and a row locked
    after that one could deadlock. The commit is still to come; it comes before `transaction_timeout` is over, which
    runs since this statement at the latest, or never.
    """
    row = await connection.fetchrow(
        """
        UPDATE connection SET revoked_at = clock_timestamp(), revoked_reason = $2
        WHERE id = $1 AND revoked_at IS NULL
        RETURNING tenant_id, user_id, client_id,
            statement_timestamp() + current_setting('transaction_timeout')::interval
                + $3::double precision * interval '1 second' AS effective_by
        """,
        connection_id, reason, lease,
    )  # fmt: skip
    if row is None:
        return None
    tenant, user, client = row["tenant_id"], row["user_id"], row["client_id"]
    in_force = row["effective_by"]
    if cause is not None:
        await outbox.add(connection, cause(in_force), tenant=tenant, user=user, client=client)
    event = ConnectionRevoked(
        connection=connection_id, user=user, client=client, reason=reason, by=by, effective_by=in_force
    )
    # Who acted: the person who cut it, else the client by what it presented.
    await outbox.add(connection, event, tenant=tenant, user=by, client=through if by else client)
    number = await feed.append(connection, [feed.NewEntry(vocabulary.CONNECTION, connection_id)])
    return KilledConnection(connection_id, tenant, user, client, number)


async def begin(connection: Connection) -> None:
    """Let no connection be born until this transaction ends. Take it before any row; births so far are waited for."""
    await connection.execute(SOON_OVER)
    await connection.execute("SELECT pg_advisory_xact_lock($1)", BIRTHS)


async def kill_many(connection: Connection, cuts: Sequence[Cut], *, leap: int = 0) -> int | None:
    """Kill all that these name, at the cost of a row and a feed entry each; returns the last number.

    Between `begin` and the end of the transaction. Cutoffs are drawn here, from the sequence that births draw from. A
    later cut of the same key takes the earlier one's place: its cutoff is the higher one. ``leap``: numbers of the feed
    to leave out before these.
    """
    if not cuts:
        return None
    written = [(cut, *await _write(connection, cut)) for cut in sorted(cuts, key=lambda cut: (cut.kind, cut.key))]
    entries = [feed.NewEntry(cut.kind, cut.key, cutoff) for cut, cutoff, _ in written]
    last = await feed.append(connection, entries, leap=leap)
    for number, (cut, _, former) in enumerate(written, last - len(written) + 1):
        await _number(connection, cut, number, former)
    return last


async def _write(connection: Connection, cut: Cut) -> tuple[int, int]:
    """Write the row; returns its cutoff, and the number that it had before."""
    row = await connection.fetchrow(
        """
        INSERT INTO kill AS ours (kind, key, source, cutoff, number, reason, by, through)
        VALUES ($1, $2, $3, nextval('connection_born'), 0, $4, $5, $6)
        ON CONFLICT (kind, key, source) DO UPDATE SET
            cutoff = excluded.cutoff, reason = excluded.reason, by = excluded.by, through = excluded.through,
            at = clock_timestamp(), swept = false
        RETURNING cutoff, number
        """,
        cut.kind, cut.key, cut.source, cut.reason, cut.by, cut.through,
    )  # fmt: skip
    assert row is not None  # noqa: S101 - an upsert without a condition returns its row
    return row["cutoff"], row["number"]


async def _number(connection: Connection, cut: Cut, number: int, former: int) -> None:
    await connection.execute(
        "UPDATE kill SET number = $4 WHERE kind = $1 AND key = $2 AND source = $3",
        cut.kind, cut.key, cut.source, number,
    )  # fmt: skip
    if former:  # what the sweep had counted by then counts for the new one
        await connection.execute("UPDATE kill_count SET number = $2 WHERE number = $1", former, number)
