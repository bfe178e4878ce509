"""Finding by words and ids among them. How common one is decides how it is found, and the newest entries tell."""

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any, Final

from latchkey_audit.domain.entry import id_lexeme, lexemes
from latchkey_audit.store.statement import NEWEST, Statement
from latchkey_kit.db import Connection

_SAMPLE: Final = 1000
_AS_RARE: Final = 20
"""How many times as common as the rarest a word may be for the index, which passes over places quicker than we read."""
_INDEXED: Final = "words @@ {}::text::tsquery"
_LOOKED_AT: Final = "ts_match_vq(words, {}::text::tsquery)"
"""The same, but never by the index of words."""


async def only_with(
    connection: Connection, statement: Statement, tenant: str, queries: Sequence[str], limit: int
) -> dt.datetime | None:
    """Add the condition that each of the ``queries`` fits the words, as `of_beginning` and `of_id` make them.

    When the index of words is to find them, for all that fit are few, gives when the newest were recorded.

    The index gives all entries that have a word, in no order, so it is for rare words. Common words are found by
    looking at one entry after the other, newest first.
    """
    recorded, looked, fit, *counts = await _sample(connection, statement, queries)
    rarest = min(counts)
    indexed = (
        looked == _SAMPLE
        and fit < limit
        and not await _quicker_one_by_one(connection, tenant, limit / fit if fit else math.inf, rarest)
    )
    for query, count in zip(queries, counts, strict=True):
        by_index = indexed and count <= _AS_RARE * max(rarest, 1)
        statement.where(_INDEXED if by_index else _LOOKED_AT, query)
    return recorded if indexed else None


def of_beginning(tenant: str, beginning: str) -> str:
    """Give the query for a word that begins so."""
    (lexeme,) = lexemes(tenant, [beginning])
    return "'{}':*".format(lexeme.replace("\\", "\\\\").replace("'", "''"))


def of_id(tenant: str, about: str) -> str:
    """Give the query for an id that is in no column."""
    return f"'{id_lexeme(tenant, about)}'"


async def _sample(connection: Connection, statement: Statement, queries: Sequence[str]) -> tuple[Any, ...]:
    """Of the newest entries that fit so far: when they were recorded, how many they are, have all words, have each."""
    first = len(statement.values) + 1
    each = [f"words @@ ${first + n}::text::tsquery" for n in range(len(queries))]
    counted = ", ".join(f"count(*) FILTER (WHERE {one})" for one in (" AND ".join(each), *each))
    rows = await connection.fetch(
        f"SELECT max(recorded), count(*), {counted}"  # noqa: S608 - our own words
        f" FROM (SELECT recorded, words FROM event WHERE {statement.text} {NEWEST} LIMIT {_SAMPLE}) AS newest",
        *statement.values,
        *queries,
    )
    return tuple(rows[0])


async def _quicker_one_by_one(connection: Connection, tenant: str, samples: float, with_rarest: int) -> bool:
    """Whether a page is full after so many ``samples``, before as many entries were read as have the rarest word."""
    length = await connection.fetchval("SELECT position FROM chain WHERE tenant_id = $1", tenant)
    return samples * _SAMPLE < with_rarest / _SAMPLE * (length or 0)
