"""Finding by words. How common they are decides how.

Common ones are found by looking at one entry after the other, newest first. The index of words gives all entries that
have one, in no order: for the newest of years most would be read in vain, so a page is filled from as few months as it
takes. Partitions are months of recording.
"""

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import asyncpg

from latchkey_audit.store.statement import NEWEST, SHOWN, Statement
from latchkey_audit.store.words import Sample, sample
from latchkey_kit.db import Connection

_INDEXED: Final = "words @@ {}::text::tsquery"
_LOOKED_AT: Final = "ts_match_vq(words, {}::text::tsquery)"
"""The same, but never by the index of words."""
_DEARER: Final = 4
"""How many entries are looked at, one after the other, in the time in which the index finds one."""
_AT_LEAST: Final = 5000
"""Entries that are looked at one after the other, if any are."""
_AT_ONCE: Final = 1000
"""Entries that the index finds in a moment: to read fewer at a time would save nothing."""
_PASSED: Final = 20
"""How many entries with only one of the words the index passes over in the time in which it finds one."""
_MORE: Final = 3
"""How many times as many months come next; then all that are left."""
_LONGEST: Final = 120
"""Months; no log is kept for longer."""


class _Stretch(NamedTuple):
    """What was recorded from ``starts`` up to ``read_from``; with all that was read before it, up to ``ends``."""

    starts: dt.datetime
    read_from: dt.datetime
    ends: dt.datetime


class ByWords:
    """Reads a page of ``limit`` entries. Each statement may take so many ``seconds``."""

    def __init__(self, connection: Connection, limit: int, seconds: float) -> None:
        self._connection = connection
        self._limit = limit
        self._timeout = seconds + 1

    async def newest(self, known: Statement, queries: Sequence[str], *, alone: bool) -> list[asyncpg.Record]:
        """Give the newest entries that fit what is ``known`` and have what each of the ``queries`` asks for.

        Those are as `of_beginning` and `of_id` make them. ``alone``: but for time, nothing else is asked for.
        """
        seen = await sample(self._connection, known, queries)
        if seen.is_all:
            return await self._one_by_one(known, queries)
        enough, dear = seen.until_full(self._limit), _DEARER * seen.share * seen.a_month
        if enough < dear:
            most = max(round(2 * enough), _AT_LEAST)
            found = await self._one_by_one(known, queries, most)
            if len(found) == self._limit:
                return found
            if len(found) * dear > most * self._limit:  # as common as it seemed, but not among the newest
                return await self._one_by_one(known, queries)
        fitting = known.copy()
        if alone:  # the planner thinks all words equally rare, and would read the tenant's whole index as well
            fitting.find_apart()
        for query, by_index in zip(queries, seen.rare, strict=True):
            fitting.where(_INDEXED if by_index else _LOOKED_AT, query)
        return await self._by_index(known, fitting, seen)

    async def _one_by_one(
        self, known: Statement, queries: Sequence[str], most: int | None = None
    ) -> list[asyncpg.Record]:
        """Look through the newest ``most``, or through all."""
        newest = known.copy()
        among = f"SELECT {SHOWN}, at, id, words FROM event WHERE {newest.text} {NEWEST}"  # noqa: S608 - our own words
        if most is not None:
            among += f" LIMIT {newest.bind(most)}"
        conditions = " AND ".join(_LOOKED_AT.format(newest.bind(query)) for query in queries)
        return await self._fetch(newest, f"SELECT {SHOWN}, at, id FROM ({among}) AS newest WHERE {conditions}")  # noqa: S608 - our own words

    async def _by_index(self, known: Statement, fitting: Statement, seen: Sample) -> list[asyncpg.Record]:
        found: list[asyncpg.Record] = []
        fit = seen.share * seen.a_month
        months = math.ceil(max(2 * self._limit / fit, _AT_ONCE / (fit + seen.passed * seen.a_month / _PASSED)))
        if months >= _LONGEST or months * seen.a_month >= seen.length:
            return await self._all(fitting)
        for stretch in _stretches(seen.month, months):
            within = fitting.copy()
            within.where("recorded >= {} AND recorded < {}", stretch.starts, stretch.read_from)
            found = self._first(found + await self._all(within))
            if len(found) == self._limit and not await self._may_be_newer(known, found[-1], stretch):
                return found
        elsewhere = fitting.copy()
        elsewhere.where("(recorded < {} OR recorded >= {})", stretch.starts, stretch.ends)
        return self._first(found + await self._all(elsewhere))

    async def _all(self, statement: Statement) -> list[asyncpg.Record]:
        """Find all first and then put them in order: else the planner hopes to meet enough on its way back in time."""
        text = f"SELECT {SHOWN}, at, id FROM event WHERE {statement.text} OFFSET 0"  # noqa: S608 - our own words
        return await self._fetch(statement, f"SELECT * FROM ({text}) AS found")  # noqa: S608 - our own words

    async def _may_be_newer(self, known: Statement, last: asyncpg.Record, stretch: _Stretch) -> bool:
        """Whether anything that was not read belongs before the ``last``: it came late, or its clock was ahead."""
        unread = known.copy()
        unread.where("at >= {}", last["at"])
        unread.where("(recorded < {} OR recorded >= {})", stretch.starts, stretch.ends)
        return await self._connection.fetchval(  # type: ignore[no-any-return]  # a truth
            f"SELECT EXISTS (SELECT FROM event WHERE {unread.text})",  # noqa: S608 - our own words
            *unread.values,
            timeout=self._timeout,
        )

    async def _fetch(self, statement: Statement, text: str) -> list[asyncpg.Record]:
        text = f"{text} {NEWEST} LIMIT {statement.bind(self._limit)}"
        return await self._connection.fetch(text, *statement.values, timeout=self._timeout)

    def _first(self, found: list[asyncpg.Record]) -> list[asyncpg.Record]:
        return sorted(found, key=lambda row: (row["at"], row["id"]), reverse=True)[: self._limit]


def _stretches(month: dt.datetime, months: int) -> Iterator[_Stretch]:
    ends = read_from = _later(month, 1)
    for some in (months, _MORE * months):
        starts = _later(read_from, -some)
        yield _Stretch(starts, read_from, ends)
        read_from = starts


def _later(moment: dt.datetime, months: int) -> dt.datetime:
    """The first moment of a month so many months after that of the moment."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return dt.datetime(year, month + 1, 1, tzinfo=dt.UTC)
