"""Words and ids among them: how they are asked for, and how common they are, by the newest entries."""

import datetime as dt
import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from latchkey_audit.domain.entry import id_lexeme, lexemes
from latchkey_audit.store.statement import NEWEST, Statement
from latchkey_contracts.events.audit import AuditLogViewed
from latchkey_kit.db import Connection

_NEWEST: Final = 1000
_MONTH: Final = dt.timedelta(days=30)
_AS_RARE: Final = 10
"""How many times as common as the rarest a word may be that the index still passes over quicker than we read."""


def of_beginning(tenant: str, beginning: str) -> str:
    """Give the query for a word that begins so."""
    (lexeme,) = lexemes(tenant, [beginning])
    return "'{}':*".format(lexeme.replace("\\", "\\\\").replace("'", "''"))


def of_id(tenant: str, about: str) -> str:
    """Give the query for an id that is in no column."""
    return f"'{id_lexeme(tenant, about)}'"


class Sample(NamedTuple):
    """What the newest entries tell of words: of ``looked`` at, how many ``fit`` them all, and how many have each.

    ``month`` is one in which the newest were recorded, ``a_month`` how many entries the tenant has in one.
    """

    month: dt.datetime
    a_month: float
    length: int
    looked: int
    fit: int
    counts: tuple[int, ...]

    @property
    def is_all(self) -> bool:
        return self.looked < _NEWEST

    @property
    def rare(self) -> list[bool]:
        """Which words are for the index; the rarest always is."""
        return [count <= _AS_RARE * max(min(self.counts), 1) for count in self.counts]

    @property
    def share(self) -> float:
        """Which part of all entries the index is to find for the rare ones."""
        counts = zip(self.counts, self.rare, strict=True)
        return math.prod(max(count, 0.5) / self.looked for count, is_rare in counts if is_rare)

    @property
    def passed(self) -> float:
        """How many entries of each the index passes over: those that have one of the rare words."""
        return sum(count for count, is_rare in zip(self.counts, self.rare, strict=True) if is_rare) / self.looked

    def until_full(self, limit: int) -> float:
        """How many entries to look through for a page; if chance was not kind, and unless all comes otherwise."""
        surely = self.fit - 2 * math.sqrt(self.fit)
        return limit * self.looked / surely if surely > 0 else math.inf


async def sample(connection: Connection, known: Statement, queries: Sequence[str]) -> Sample:
    """Look at the newest entries that fit what is known so far, without those that tell who looked for these words."""
    first = len(known.values) + 1
    each = [f"words @@ ${first + n}::text::tsquery" for n in range(len(queries))]
    counted = ", ".join(f"count(*) FILTER (WHERE {one})" for one in (" AND ".join(each), *each))
    (row,) = await connection.fetch(
        "SELECT max(recorded), max(at) - min(at), max(position) - min(position),"  # noqa: S608 - our own words
        f" coalesce((SELECT position FROM chain WHERE tenant_id = $1), 0), count(*), {counted} FROM"
        f" (SELECT recorded, at, position, words FROM event WHERE {known.text} AND action <> '{AuditLogViewed.type}'"
        f" {NEWEST} LIMIT {_NEWEST}) AS newest",
        *known.values,
        *queries,
    )
    month, took, positions, length, looked, fit, *counts = row
    a_month = positions * (_MONTH / took) if took else length
    return Sample(month, min(a_month, length), length, looked, fit, tuple(counts))
