"""Reading what is rare: the index of words finds all that fit, in one stretch of months after the other.

The index gives all entries that have a word, in no order. For the newest of years most of them would be read in vain,
so a page is filled from as few months as it takes. Partitions are months of recording.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Final, NamedTuple

import asyncpg

from latchkey_audit.store.statement import NEWEST, SHOWN, Statement
from latchkey_kit.db import Connection

_MONTHS: Final = (1, 1, 2, 8)
"""So many at a time, the newest first. What is left comes last."""


class _Stretch(NamedTuple):
    """What was recorded from ``starts`` up to ``read_from``; with all that was read before it, up to ``ends``."""

    starts: dt.datetime
    read_from: dt.datetime
    ends: dt.datetime


async def newest(
    connection: Connection, fitting: Statement, known: Statement, limit: int, month: dt.datetime, seconds: float
) -> list[asyncpg.Record]:
    """Give the newest entries that fit; the search begins in a ``month`` of recording, which only saves time.

    ``known`` is what ``fitting`` was before words were asked for. Each statement may take so many ``seconds``.
    """
    found: list[asyncpg.Record] = []
    for stretch in _stretches(month):
        within = fitting.copy()
        within.where("recorded >= {} AND recorded < {}", stretch.starts, stretch.read_from)
        found += await _read(connection, within, limit, seconds)
        found = _first(found, limit)
        if len(found) == limit and not await _may_be_newer(connection, known, found[-1], stretch, seconds):
            return found
    elsewhere = fitting.copy()
    elsewhere.where("(recorded < {} OR recorded >= {})", stretch.starts, stretch.ends)
    return _first(found + await _read(connection, elsewhere, limit, seconds), limit)


def _stretches(month: dt.datetime) -> Iterator[_Stretch]:
    ends = read_from = _later(month, 1)
    for months in _MONTHS:
        starts = _later(read_from, -months)
        yield _Stretch(starts, read_from, ends)
        read_from = starts


def _later(moment: dt.datetime, months: int) -> dt.datetime:
    """The first moment of a month so many months after that of the moment."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return dt.datetime(year, month + 1, 1, tzinfo=dt.UTC)


async def _read(connection: Connection, statement: Statement, limit: int, seconds: float) -> list[asyncpg.Record]:
    """Find all first and then put them in order: else the planner hopes to meet enough on its way back in time."""
    text = f"SELECT {SHOWN}, at, id FROM event WHERE {statement.text} OFFSET 0"  # noqa: S608 - our own words
    most = statement.bind(limit)
    return await connection.fetch(
        f"SELECT * FROM ({text}) AS found {NEWEST} LIMIT {most}",  # noqa: S608 - our own words
        *statement.values,
        timeout=seconds + 1,
    )


async def _may_be_newer(
    connection: Connection, known: Statement, last: asyncpg.Record, stretch: _Stretch, seconds: float
) -> bool:
    """Whether anything that was not read belongs before the ``last``: it came late, or its clock was ahead."""
    statement = known.copy()
    statement.where("at >= {}", last["at"])
    statement.where("(recorded < {} OR recorded >= {})", stretch.starts, stretch.ends)
    return await connection.fetchval(  # type: ignore[no-any-return]  # a truth
        f"SELECT EXISTS (SELECT FROM event WHERE {statement.text})",  # noqa: S608 - our own words
        *statement.values,
        timeout=seconds + 1,
    )


def _first(found: list[asyncpg.Record], limit: int) -> list[asyncpg.Record]:
    return sorted(found, key=lambda row: (row["at"], row["id"]), reverse=True)[:limit]
