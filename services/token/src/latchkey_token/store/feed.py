"""The feed's table: appending under its lock, and reading pages that promise no more than they hold.

A transaction touches all other rows first and appends last: rows, then the feed's lock, in this order everywhere.
"""

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

import asyncpg
import msgspec

from latchkey_contracts.feed import Entry, Floor, Page
from latchkey_kit.db import Connection

_LOCK = 0x1A7C4FEED
"""Any fixed number: transactions that append take turns, each until its commit."""


class NewEntry(msgspec.Struct, frozen=True):
    """A kill or a floor that has no number yet."""

    kind: str
    key: str
    value: int = 0


async def append(connection: Connection, entries: Sequence[NewEntry], *, leap: int = 0) -> int:
    """Number entries and write them; returns the last number. They exist for verifiers from the commit on."""
    await _lock(connection)
    return await _number(connection, entries, leap)


async def append_floors(connection: Connection, floors: Iterable[Floor]) -> int | None:
    """Write the floors that are higher than what the feed says of their key; ``None`` when none is."""
    highest = {(floor.kind, floor.key): floor for floor in sorted(floors, key=lambda floor: floor.revision)}
    if not highest:
        return None
    await _lock(connection)
    known = await _known_floors(connection, list(highest))
    news = [
        NewEntry(floor.kind, floor.key, floor.revision)
        for place, floor in highest.items()
        if floor.revision > known.get(place, -1)
    ]
    return await _number(connection, news) if news else None


async def _lock(connection: Connection) -> None:
    # A statement of its own: what follows must see all that was committed while this one waited.
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)


async def _number(connection: Connection, entries: Sequence[NewEntry], leap: int = 0) -> int:
    last: int = await connection.fetchval(
        """
        WITH state AS (
            UPDATE feed_state SET last_number = last_number + $4 + cardinality($1::text[]) RETURNING last_number
        ), added AS (
            INSERT INTO feed (number, kind, key, value)
            SELECT state.last_number - cardinality($1) + entry.place, entry.kind, entry.key, entry.value
            FROM state, unnest($1, $2::text[], $3::bigint[]) WITH ORDINALITY AS entry (kind, key, value, place)
        )
        SELECT last_number FROM state
        """,
        [entry.kind for entry in entries], [entry.key for entry in entries], [entry.value for entry in entries],
        leap,
    )  # fmt: skip
    return last


async def _known_floors(connection: Connection, places: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
    rows = await connection.fetch(
        """
        SELECT feed.kind, feed.key, max(feed.value) AS revision
        FROM feed JOIN unnest($1::text[], $2::text[]) AS asked (kind, key) USING (kind, key)
        WHERE feed.kind <> 'connection'
        GROUP BY feed.kind, feed.key
        """,
        [kind for kind, _ in places], [key for _, key in places],
    )  # fmt: skip
    return {(row["kind"], row["key"]): row["revision"] for row in rows}


async def pages(
    connection: Connection, afters: Sequence[int], limit: int, heard: Mapping[str, int]
) -> Mapping[int, Page]:
    """The pages after several numbers, each of at most ``limit`` entries, with keys in the clear.

    One statement, so one snapshot: no page has a head beyond its entries. It also commits a heartbeat, so neither a
    standby nor a primary that was fenced off can answer. ``heard``: who asked, and the number that each has applied.
    """
    rows = await connection.fetch(
        """
        WITH heartbeat AS (
            UPDATE feed_heartbeat SET at = clock_timestamp()
        ), heard AS (
            INSERT INTO verifier (name, applied, asked_at)
            SELECT name, applied, clock_timestamp() FROM unnest($3::text[], $4::bigint[]) AS told (name, applied)
            ORDER BY name
            ON CONFLICT (name) DO UPDATE SET applied = excluded.applied, asked_at = excluded.asked_at
        )
        SELECT asked.after, state.restore_id, state.last_number, state.salt, state.horizon,
               left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) AS timeline,
               entry.number, entry.kind, entry.key, entry.value
        FROM unnest($1::bigint[]) AS asked (after)
        CROSS JOIN feed_state AS state
        LEFT JOIN LATERAL (
            SELECT number, kind, key, value FROM feed WHERE number > greatest(asked.after, state.horizon)
            ORDER BY number LIMIT $2
        ) AS entry ON true
        ORDER BY asked.after, entry.number
        """,
        afters, limit, list(heard), list(heard.values()),
    )  # fmt: skip
    return {after: _page(list(group), limit) for after, group in itertools.groupby(rows, itemgetter("after"))}


def _page(rows: list[asyncpg.Record], limit: int) -> Page:
    entries = tuple(_entry(row) for row in rows if row["number"] is not None)
    newest: int = rows[0]["last_number"]
    more = len(entries) == limit and entries[-1].number < newest
    return Page(
        epoch=f"{rows[0]['restore_id']}.{rows[0]['timeline']}",
        head=entries[-1].number if more else newest,
        entries=entries,
        more=more,
        salt=rows[0]["salt"].hex(),
        horizon=rows[0]["horizon"],
    )


async def now(connection: Connection) -> dt.datetime:
    """The database's clock, by which all times of the feed are told."""
    at: dt.datetime = await connection.fetchval("SELECT clock_timestamp()")
    return at


async def state(connection: Connection) -> tuple[int, bytes]:
    """Newest number of the feed, 0 for an empty one; and the salt of its marks."""
    row = await connection.fetchrow("SELECT last_number, salt FROM feed_state")
    assert row is not None  # noqa: S101 - a migration wrote the one row
    return row["last_number"], row["salt"]


async def entries_after(connection: Connection, after: int, limit: int) -> tuple[Entry, ...]:
    """Entries for a push, which needs no head and so no heartbeat."""
    rows = await connection.fetch(
        "SELECT number, kind, key, value FROM feed WHERE number > $1 ORDER BY number LIMIT $2", after, limit
    )
    return tuple(_entry(row) for row in rows)


def _entry(row: asyncpg.Record) -> Entry:
    return Entry(row["number"], row["kind"], row["key"], row["value"])
