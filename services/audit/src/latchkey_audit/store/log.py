"""Adding events to the log: each once, at the end of its tenant's chain."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence

import msgspec

from latchkey_audit.domain import entry
from latchkey_contracts import chain
from latchkey_kit.db import Connection
from latchkey_kit.messaging.effects import Delivery

_COLUMNS = (
    "tenant_id", "position", "kept", "recorded", "id", "at", "action", "result", "entity_id", "user_id", "client_id",
    "connection_id", "address", "source", "epoch", "number", "words", "hash", "body",
)  # fmt: skip
Coming = tuple[Delivery, entry.Found]
"""An event as it came, and what it is found by."""
_Key = tuple[str, dt.datetime, str]
"""Of a tenant, when it happened, and the event's id."""


class _End(msgspec.Struct):
    """Where a chain ends; moved along while entries are appended."""

    tenant: str
    position: int
    hash: bytes
    kept: int


def coming(delivery: Delivery) -> Coming:
    """Read what stands in columns; raises as `entry.found`."""
    return delivery, entry.found(delivery.event)


async def add(connection: Connection, read: Sequence[Coming], *, kept: int) -> None:
    """Append what is not there yet, in this order, in the transaction under way; note which numbers have come.

    The chains are locked in one order, before it is asked what is there: of two who bring the same event, the second
    finds it. ``kept``: months for entries of a tenant that is new.
    """
    by_key = {_key(one, found): (one, found) for one, found in read}
    tenants = sorted({found.tenant for _, found in by_key.values()})
    await connection.execute(_BY_INDEX)
    ends = await _lock(connection, tenants, kept)
    known = await _known(connection, by_key)
    fresh = [pair for key, pair in by_key.items() if key not in known]
    if fresh:
        recorded = await _moment(connection, {end.kept for end in ends.values()})
        rows = list(_rows(fresh, ends, recorded))
        await connection.execute(_INSERT, *map(list, zip(*rows, strict=True)))
        await _move(connection, [ends[tenant] for tenant in sorted({found.tenant for _, found in fresh})])
    await _arrive(connection, [found for _, found in read])


# A plan is kept, and a month begins empty: one that was made then would read the whole month for each batch to come.
_BY_INDEX = "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
_INSERT = f"""
    INSERT INTO event ({", ".join(_COLUMNS)})
    SELECT tenant_id, position, kept, recorded, id, at, action, result, entity_id, user_id, client_id,
        connection_id, address, source, epoch, number, array_to_tsvector(string_to_array(words, ' ')), hash, body
    FROM unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::timestamptz[], $5::uuid[], $6::timestamptz[], $7::text[],
        $8::text[], $9::text[], $10::uuid[], $11::uuid[], $12::uuid[], $13::text[], $14::text[], $15::text[],
        $16::bigint[], $17::text[], $18::bytea[], $19::bytea[]) AS t ({", ".join(_COLUMNS)})
"""  # noqa: S608 - our own names


def _rows(fresh: Sequence[Coming], ends: dict[str, _End], recorded: dt.datetime) -> Iterator[tuple[object, ...]]:
    for one, found in fresh:
        end = ends[found.tenant]
        end.position += 1
        end.hash = chain.link(
            end.hash, tenant=found.tenant, position=end.position, recorded=recorded, kept=end.kept, body=one.body
        )
        yield (
            found.tenant, end.position, end.kept, recorded, one.event.id, found.at, found.action, found.result,
            found.subject, found.user, found.client, found.connection, found.address, found.source, found.epoch,
            found.number, " ".join(found.words), end.hash, one.body,
        )  # fmt: skip


async def _lock(connection: Connection, tenants: Sequence[str], kept: int) -> dict[str, _End]:
    await connection.execute(
        "INSERT INTO chain (tenant_id, kept) SELECT id, $2 FROM unnest($1::uuid[]) AS id ORDER BY id"
        " ON CONFLICT DO NOTHING",
        tenants,
        kept,
    )
    rows = await connection.fetch(
        "SELECT tenant_id, position, hash, kept FROM chain WHERE tenant_id = ANY($1::uuid[])"
        " ORDER BY tenant_id FOR UPDATE",
        tenants,
    )
    return {row["tenant_id"]: _End(row["tenant_id"], row["position"], row["hash"], row["kept"]) for row in rows}


def _key(one: Delivery, found: entry.Found) -> _Key:
    return found.tenant, found.at, one.event.id


async def _known(connection: Connection, keys: Collection[_Key]) -> set[_Key]:
    """Which of them are in the log. An event keeps its tenant and its time, so one index knows all of it."""
    rows = await connection.fetch(
        """
        SELECT t.tenant_id, t.at, t.id FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) AS t (tenant_id, at, id)
        JOIN event ON event.tenant_id = t.tenant_id AND event.at = t.at AND event.id = t.id
        """,
        [tenant for tenant, _, _ in keys],
        [at for _, at, _ in keys],
        [event_id for _, _, event_id in keys],
    )
    return {tuple(row) for row in rows}


async def _moment(connection: Connection, classes: set[int]) -> dt.datetime:
    """Now, of the chains' own clock; whatever is kept so long has a partition for it, made here if need be."""
    return await connection.fetchval(  # type: ignore[no-any-return]  # a moment
        """
        WITH now AS MATERIALIZED (SELECT pg_catalog.clock_timestamp() AS at), lacking AS MATERIALIZED (
            SELECT make_partition(kept, (at AT TIME ZONE 'UTC')::date) AS made FROM now, unnest($1::smallint[]) AS kept
            WHERE to_regclass(format('event_%s_%s', kept, to_char(at AT TIME ZONE 'UTC', 'YYYYMM'))) IS NULL
        )
        SELECT at FROM now CROSS JOIN (SELECT count(made) FROM lacking) AS done
        """,
        sorted(classes),
    )


async def _move(connection: Connection, ends: Sequence[_End]) -> None:
    await connection.execute(
        "UPDATE chain SET position = t.position, hash = t.hash"
        " FROM unnest($1::uuid[], $2::bigint[], $3::bytea[]) AS t (tenant_id, position, hash)"
        " WHERE chain.tenant_id = t.tenant_id",
        [end.tenant for end in ends],
        [end.position for end in ends],
        [end.hash for end in ends],
    )


async def _arrive(connection: Connection, events: Sequence[entry.Found]) -> None:
    numbered = [one for one in events if one.number is not None]
    await connection.execute(
        """
        INSERT INTO arrived AS known (source, epoch, numbers)
        SELECT source, epoch, range_agg(int8range(number, number, '[]'))
        FROM unnest($1::text[], $2::text[], $3::bigint[]) AS t (source, epoch, number)
        GROUP BY source, epoch ORDER BY source, epoch
        ON CONFLICT (source, epoch) DO UPDATE SET numbers = known.numbers + EXCLUDED.numbers
        """,
        [one.source for one in numbered],
        [one.epoch for one in numbered],
        [one.number for one in numbered],
    )
