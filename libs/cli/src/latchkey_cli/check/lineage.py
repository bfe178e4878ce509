"""What a connection has been through, and the events and feed entries that tell of it: none without the other.

All of it is in one database and was written in one transaction each, so one snapshot has both sides or neither. What
the outbox has forgotten since, audit is asked for.
"""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import asyncpg
import msgspec

from latchkey_cli.check.databases import batches
from latchkey_cli.check.dead import SINGLE
from latchkey_cli.check.finding import Finding, Tally, skipped
from latchkey_cli.check.let_go import let_go
from latchkey_cli.check.scene import Scene
from latchkey_kit.db import Connection

_COUNTED: Final = """
    SELECT entity AS id,
        count(*) FILTER (WHERE type = 'grant.issued') AS issued,
        count(*) FILTER (WHERE type = 'connection.revoked') AS revoked,
        count(*) FILTER (WHERE type = 'token.reused') AS reused,
        count(*) FILTER (WHERE type = 'token.refreshed' AND NOT again) AS refreshed,
        count(DISTINCT generation) FILTER (WHERE type = 'token.refreshed' AND NOT again) AS generations,
        coalesce(sum(generation) FILTER (WHERE type = 'token.refreshed' AND NOT again), 0)::bigint AS total,
        coalesce(max(generation), 0) AS highest
    FROM (
        SELECT entity, type, (data ->> 'generation')::bigint AS generation,
            coalesce((data ->> 'again')::boolean, false) AS again
        FROM ({events}) AS events
        WHERE type IN ('grant.issued', 'connection.revoked', 'token.reused', 'token.refreshed')
    ) AS told GROUP BY entity
"""
_DATA = "convert_from(body, 'UTF8')::json -> 'data' AS data"
_OF_OUTBOX = f"""
    SELECT split_part(subject, '.', 5) AS entity, split_part(subject, '.', 4) || '.' || split_part(subject, '.', 6)
        AS type, {_DATA} FROM outbox
"""  # noqa: S608 - our own words
_OF_AUDIT = f"""
    SELECT entity_id AS entity, action AS type, {_DATA} FROM event
    WHERE source = 'token' AND epoch = $1 AND number <= $2
"""  # noqa: S608 - our own words
_SIDES = f"""
    SELECT id, row.*, coalesce(entries, 0) AS entries,
        coalesce(issued, 0) AS issued, coalesce(revoked, 0) AS revoked, coalesce(reused, 0) AS reused,
        coalesce(refreshed, 0) AS refreshed, coalesce(generations, 0) AS generations, coalesce(total, 0) AS total,
        coalesce(highest, 0) AS highest
    FROM (
        SELECT replace(id::text, '-', '') AS id, tenant_id, generation, user_id = client_id AS own,
            CASE WHEN revoked_at IS NOT NULL THEN revoked_reason END AS reason,
            born <= (SELECT coalesce(max(cutoff), 0) FROM kill WHERE source = 'restore') AS restored
        FROM connection
    ) AS row
    FULL JOIN ({_COUNTED.format(events=_OF_OUTBOX)}) AS told USING (id)
    FULL JOIN (SELECT key AS id, count(*) AS entries FROM feed WHERE kind = 'connection' GROUP BY key) AS fed USING (id)
    ORDER BY id COLLATE "C"
"""  # noqa: S608 - our own words


class _Told(msgspec.Struct, kw_only=True):
    """Counts of events; of ``token.refreshed`` without those that say ``again``, but for ``highest``."""

    issued: int = 0
    revoked: int = 0
    reused: int = 0
    refreshed: int = 0
    generations: int = 0
    total: int = 0
    highest: int = 0

    def add(self, row: asyncpg.Record) -> None:
        for name in ("issued", "revoked", "reused", "refreshed", "generations", "total"):
            setattr(self, name, getattr(self, name) + row[name])
        self.highest = max(self.highest, row["highest"])


class _Tallies:
    def __init__(self) -> None:
        self.grants = Tally("grants are told", "a connection whose code was exchanged has one grant.issued")
        self.refreshes = Tally("refreshes are told", "each generation from 2 on has one token.refreshed")
        self.gone: dict[str, dt.datetime] = {}
        self.ends = Tally("ends are told", "a connection cut by itself has one connection.revoked and one feed entry")


async def lineage(scene: Scene) -> list[Finding]:
    """Rows against events and feed, connection by connection."""
    tallies = _Tallies()
    async with scene.databases.snapshot("token") as token:
        state = await token.fetchrow("SELECT epoch, purged_through FROM outbox_state")
        assert state is not None  # noqa: S101 - a migration wrote the one row
        if not state["purged_through"]:
            await _walk(_nothing(), token, tallies)
        elif "audit" in scene.databases:
            tallies.gone = await let_go(scene)
            async with scene.databases.snapshot("audit") as audit:
                await _walk(_forgotten(audit, state["epoch"], state["purged_through"]), token, tallies)
        else:
            return [skipped("lineage", "the outbox has forgotten events, and the database of audit was not given")]
    return [tallies.grants.finding(), tallies.refreshes.finding(), tallies.ends.finding()]


async def _nothing() -> AsyncIterator[asyncpg.Record]:
    nothing: tuple[asyncpg.Record, ...] = ()
    for row in nothing:
        yield row


async def _forgotten(audit: Connection, epoch: str, through: int) -> AsyncIterator[asyncpg.Record]:
    statement = f'{_COUNTED.format(events=_OF_AUDIT)} ORDER BY entity COLLATE "C"'
    async for rows in batches(audit, statement, epoch, through):
        for row in rows:
            yield row


async def _walk(forgotten: AsyncIterator[asyncpg.Record], token: Connection, tallies: _Tallies) -> None:
    """Go through both, which are in the order of ids, side by side."""
    ahead = await anext(forgotten, None)
    async for rows in batches(token, _SIDES):
        for row in rows:
            while ahead is not None and ahead["id"] < row["id"]:
                _without_row(ahead["id"], _of(ahead), tallies)
                ahead = await anext(forgotten, None)
            told = _of(row)
            if ahead is not None and ahead["id"] == row["id"]:
                told.add(ahead)
                ahead = await anext(forgotten, None)
            _judge(row, told, tallies)
    while ahead is not None:
        _without_row(ahead["id"], _of(ahead), tallies)
        ahead = await anext(forgotten, None)


def _of(row: Any) -> _Told:
    told = _Told()
    told.add(row)
    return told


def _judge(row: asyncpg.Record, told: _Told, tallies: _Tallies) -> None:
    name = f"connection {row['id']}"
    if row["generation"] is None:
        _without_row(row["id"], told, tallies)
        if row["entries"] and not told.revoked:
            tallies.ends.broke(f"{name}: {row['entries']} feed entries, and nothing else is known of it")
        return
    if row["restored"]:
        tallies.grants.count("from before a restore")  # commits of theirs may be lost, and all of them are dead
        return
    if row["tenant_id"] in tallies.gone and _born(row["id"]) <= tallies.gone[row["tenant_id"]]:
        tallies.grants.count("from before what audit has let go")
        return
    if not row["own"]:
        _grant(name, row["generation"], told, tallies.grants)
        _refreshes(name, row["generation"], told, tallies.refreshes)
    _end(name, row, told, tallies.ends)


def _born(connection: str) -> dt.datetime:
    """When a connection was made, as its id says (RFC 9562 §5.7)."""
    return dt.datetime.fromtimestamp(int(connection[:12], 16) / 1000, dt.UTC)


def _without_row(connection: str, told: _Told, tallies: _Tallies) -> None:
    """A code that nobody came for is swept; what was exchanged stays for ever."""
    if told.issued or told.refreshed:
        tallies.grants.broke(f"connection {connection}: its events are there, and it is not")


def _grant(name: str, generation: int, told: _Told, tally: Tally) -> None:
    tally.count("connections")
    tally.count("grants", told.issued)
    if told.issued != (generation > 0):
        tally.broke(f"{name}: {told.issued} grant.issued at generation {generation}")


def _refreshes(name: str, generation: int, told: _Told, tally: Tally) -> None:
    tally.count("refreshes", told.refreshed)
    due = max(generation - 1, 0)
    # As many as are due, all different, none beyond the newest, and of the right sum: each of them once.
    each_once = told.refreshed == told.generations == due and told.total == due * (generation + 2) // 2
    if not each_once or told.highest > generation:
        tally.broke(
            f"{name}: {told.refreshed} token.refreshed for {told.generations} generations up to {told.highest},"
            f" at generation {generation}"
        )


def _end(name: str, row: asyncpg.Record, told: _Told, tally: Tally) -> None:
    reason, due = row["reason"], row["reason"] in SINGLE
    tally.count("ends", due)
    if told.revoked != due or row["entries"] != due:
        how = f"dead ({reason})" if reason else "alive"
        tally.broke(f"{name}: {told.revoked} connection.revoked and {row['entries']} feed entries, and it is {how}")
    if told.reused != (reason == "replay"):
        tally.broke(f"{name}: {told.reused} token.reused, and its end is {reason}")
