"""Finding entries of one tenant's log. Each statement holds what was asked for and nothing else, and is planned anew.

A plan that is good for one tenant and one filter is bad for others: the log of one may be a million times as long.
"""

import contextlib
import datetime as dt
import itertools
from collections.abc import AsyncIterator, Sequence
from typing import Final

import asyncpg
import msgspec

from latchkey_audit.domain.search import Entry, Place, Wanted, moment_of
from latchkey_audit.store.by_words import ByWords
from latchkey_audit.store.statement import NEWEST, SHOWN, Statement
from latchkey_audit.store.words import of_beginning, of_id
from latchkey_contracts.events import CloudEvent
from latchkey_kit.db import Connection, Database

_EQUAL: Final = ("user_id", "client_id", "connection_id", "address", "result")
_BY_ID: Final = ("user_id", "client_id", "connection_id")
_READ_APART: Final = 2
"""Ids, of those that are looked for, for which columns and words are read apart; each doubles the reads."""
_CONCERNS: Final = "({0} IN (user_id, client_id, connection_id) OR id = {0} OR ts_match_vq(words, {1}::text::tsquery))"
_PAGE_SECONDS: Final = 1.5
EXPORT_SECONDS: Final = 4.0
"""For the statement of a page, and of a piece of an export."""
_AROUND: Final = dt.timedelta(hours=1)
"""An event's id is made at its time; by how much the two may differ."""


class TooWideError(Exception):
    """To find it would take too long."""


class Narrowed(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a filter once the log was asked."""

    codes: tuple[str, ...]
    """Those that fit; empty if any does."""
    ids: tuple[tuple[str, str], ...]
    """Column and id. Each may stand among the words of other entries, too."""
    one_by_one: bool
    """Whether codes are best read each by itself: there are several, and nothing else finds quicker."""


async def page(
    database: Database,
    tenant: str,
    wanted: Wanted,
    after: Place | None,
    limit: int,
    *,
    seconds: float = _PAGE_SECONDS,
    through: int | None = None,
) -> list[Entry]:
    """Give entries of a tenant, newest first; none behind the position ``through``.

    Raises:
        TooWideError: it would take longer than so many ``seconds``.

    """
    async with _planning(database, seconds) as connection:
        narrowed = await _narrow(connection, tenant, wanted)
        if narrowed is None:
            return []
        found = []
        for columns in _readings(narrowed.ids):
            statement = Statement(tenant)
            _equal(statement, wanted)
            queries = _identify(statement, tenant, narrowed.ids, columns)
            _between(statement, wanted, after, looked_at="id" in columns)
            if through is not None:
                statement.where("position <= {}", through)
            if narrowed.codes and not narrowed.one_by_one:
                statement.where("action = ANY ({}::text[])", list(narrowed.codes))
            queries += [of_beginning(tenant, one) for one in wanted.beginnings]
            if queries:
                alone = not any((*_columns(wanted), narrowed.codes, *columns))
                rows = await ByWords(connection, limit, seconds).newest(statement, queries, alone=alone)
            else:
                one_by_one = narrowed.one_by_one
                text = _one_by_one(statement, narrowed.codes, limit) if one_by_one else _together(statement, limit)
                rows = await connection.fetch(text, *statement.values, timeout=seconds + 1)
            found += [entry_of(row) for row in rows]
    return sorted(found, key=_newest, reverse=True)[:limit]


async def find(database: Database, tenant: str, event_id: str) -> Entry | None:
    """Give one entry, by the id of its event.

    Raises:
        TooWideError: the id tells no time, and the log is too long to look at all of it.

    """
    statement = Statement(tenant)
    _by_id(statement, "id", event_id)
    async with _planning(database, _PAGE_SECONDS) as connection:
        row = await connection.fetchrow(
            f"SELECT {SHOWN} FROM event WHERE {statement.text} LIMIT 1",  # noqa: S608 - our own words
            *statement.values,
        )
    return None if row is None else entry_of(row)


def entry_of(row: asyncpg.Record) -> Entry:
    return Entry(
        position=row["position"],
        recorded=row["recorded"],
        result=row["result"],
        connection=row["connection_id"],
        hash=row["hash"],
        event=msgspec.json.decode(row["body"], type=CloudEvent),
    )


def conditions(statement: Statement, tenant: str, wanted: Wanted) -> None:
    """Add all conditions in the form that can be asked about single rows."""
    _equal(statement, wanted)
    _between(statement, wanted, None)
    for one in wanted.beginnings:
        statement.where("words @@ {}::text::tsquery", of_beginning(tenant, one))
    if wanted.actions or wanted.aggregates:
        actions, aggregates = list(wanted.actions), list(wanted.aggregates)
        statement.where(
            "(action = ANY ({}::text[]) OR split_part(action, '.', 1) = ANY ({}::text[]))", actions, aggregates
        )
    for value in wanted.ids:
        statement.where(_CONCERNS, value, of_id(tenant, value))


def _columns(wanted: Wanted) -> tuple[str | None, ...]:
    return wanted.user, wanted.client, wanted.connection, wanted.address, wanted.result


def _equal(statement: Statement, wanted: Wanted) -> None:
    for column, value in zip(_EQUAL, _columns(wanted), strict=True):
        if value is not None:
            statement.where(f"{column} = {{}}", value)


def _between(statement: Statement, wanted: Wanted, after: Place | None, *, looked_at: bool = False) -> None:
    """Add the bounds in time, one below and one above at most: of several the index may take the worse."""
    if wanted.since is not None:
        statement.where("at >= {}", wanted.since)
    if after is not None and (wanted.until is None or after.at < wanted.until):
        is_behind = "(at, id) < ({}, {}::uuid)"
        statement.where(f"({is_behind}) IS TRUE" if looked_at else is_behind, after.at, after.id)
    elif wanted.until is not None:
        statement.where("at < {}", wanted.until)


def _by_id(statement: Statement, column: str, value: str) -> None:
    """Add the condition that an id is in a column. Events' own have no index: they tell their time, which has one."""
    statement.where(f"{column} = {{}}", value)
    at = moment_of(value) if column == "id" else None
    if at is not None:
        statement.where("at BETWEEN {} AND {}", at - _AROUND, at + _AROUND)


def _readings(ids: Sequence[tuple[str, str]]) -> list[tuple[str | None, ...]]:
    """Where each of the first ids is looked for, one reading after the other: in its column, or (``None``) in words.

    An id is in one of them only, so no entry is read twice, and each reading has an index that knows it.
    """
    return list(itertools.product(*((column, None) for column, _ in ids[:_READ_APART])))


def _identify(
    statement: Statement, tenant: str, ids: Sequence[tuple[str, str]], columns: Sequence[str | None]
) -> list[str]:
    """Add the condition that each id is in its column; give the queries for those that must be among the words."""
    queries = []
    for (_, value), column in zip(ids, columns, strict=False):
        if column is None:
            queries.append(of_id(tenant, value))
        else:
            _by_id(statement, column, value)
    for _, value in ids[len(columns) :]:
        statement.where(_CONCERNS, value, of_id(tenant, value))
    return queries


def _newest(entry: Entry) -> tuple[dt.datetime, str]:
    return entry.event.time, entry.event.id


async def _narrow(connection: Connection, tenant: str, wanted: Wanted) -> Narrowed | None:
    """Ask what of the filter is there at all; ``None`` when nothing can fit."""
    codes: tuple[str, ...] = ()
    if wanted.actions or wanted.aggregates:
        found = [code for one in wanted.aggregates for code in await _codes(connection, tenant, one)]
        codes = tuple(dict.fromkeys((*wanted.actions, *found)))
        if not codes:
            return None
    ids = [(await _column_of(connection, tenant, value), value) for value in wanted.ids]
    quicker = (wanted.user, wanted.client, wanted.connection, wanted.address, *ids, *wanted.beginnings)
    return Narrowed(codes=codes, ids=tuple(ids), one_by_one=len(codes) > 1 and not any(quicker))


async def _codes(connection: Connection, tenant: str, aggregate: str) -> list[str]:
    """Every code of an aggregate that the log has. One look into the index for each."""
    rows = await connection.fetch(
        """
        WITH RECURSIVE code AS (
            (SELECT action FROM event WHERE tenant_id = $1 AND action > $2 AND action < $3 ORDER BY action LIMIT 1)
            UNION ALL
            SELECT (SELECT next.action FROM event AS next
                WHERE tenant_id = $1 AND next.action > code.action AND next.action < $3 ORDER BY next.action LIMIT 1)
            FROM code WHERE code.action IS NOT NULL
        )
        SELECT action FROM code WHERE action IS NOT NULL
        """,
        tenant,
        f"{aggregate}.",
        f"{aggregate}/",  # the character behind the dot
    )
    return [row["action"] for row in rows]


async def _column_of(connection: Connection, tenant: str, value: str) -> str:
    """Whose id it is, if it is in a column; ids of different things are never equal."""
    for column in _BY_ID:
        statement = f"SELECT true FROM event WHERE tenant_id = $1 AND {column} = $2 LIMIT 1"  # noqa: S608 - ours
        if await connection.fetchval(statement, tenant, value):
            return column
    return "id"


def _together(statement: Statement, limit: int) -> str:
    most = statement.bind(limit)
    return f"SELECT {SHOWN} FROM event WHERE {statement.text} {NEWEST} LIMIT {most}"  # noqa: S608 - our own words


def _one_by_one(statement: Statement, codes: Sequence[str], limit: int) -> str:
    """Each code is read by itself, newest first: the index holds them so."""
    given, most = statement.bind(list(codes)), statement.bind(limit)
    return f"""
        SELECT found.* FROM unnest({given}::text[]) AS code CROSS JOIN LATERAL (
            SELECT {SHOWN}, at, id FROM event WHERE {statement.text} AND action = code {NEWEST} LIMIT {most}
        ) AS found {NEWEST} LIMIT {most}
    """  # noqa: S608 - our own words


@contextlib.asynccontextmanager
async def _planning(database: Database, seconds: float) -> AsyncIterator[Connection]:
    """Lend a connection for statements that are planned for their values and may take so long."""
    try:
        async with database.connection() as connection, connection.transaction(readonly=True):
            await connection.execute(
                f"SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL statement_timeout = {round(seconds * 1000)}"
            )
            yield connection
    except asyncpg.QueryCanceledError:
        raise TooWideError from None
