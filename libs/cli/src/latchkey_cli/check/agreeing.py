"""A copy that the token service keeps of what somebody else decides, held against the original.

Both go on meanwhile. So the copy is always read first and the original after it: a copy that is newer then was made
up. One that is older may be on its way, and is looked at again until patience is over.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final

import asyncpg
import msgspec

from latchkey_cli.check.databases import batches, parts
from latchkey_cli.check.finding import Tally
from latchkey_cli.check.scene import Scene
from latchkey_kit.db import Connection

_SOME: Final = """
    SELECT kind, key, place, facts, must, may
    FROM ({rows}) AS known JOIN unnest($1::text[], $2::text[]) AS asked (kind, key) USING (kind, key)
"""
Thing = tuple[str, str]
"""Kind and key."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """``rows`` is a statement that gives kind, key, place, facts, must and may."""

    database: str
    rows: str


class State(msgspec.Struct, frozen=True):
    """``place`` only ever grows, and ``facts`` change with it; ``must`` and ``may`` be known: hashes of secrets."""

    place: int = 0
    facts: str = ""
    must: frozenset[bytes] = frozenset()
    may: frozenset[bytes] = frozenset()


class _Pair:
    """Copy and original, read in this order."""

    def __init__(self, copy: Side, copies: Connection, original: Side, originals: Connection) -> None:
        self.copy, self.original = copy, original
        self._copies, self._originals = copies, originals

    async def read(self, things: Sequence[Thing]) -> list[tuple[Thing, State, State]]:
        ours = await _read(self._copies, self.copy, things)
        theirs = await _read(self._originals, self.original, things)
        return [(one, ours.get(one, State()), theirs.get(one, State())) for one in things]

    async def differing(self, things: Sequence[Thing]) -> list[Thing]:
        return [one for one, ours, theirs in await self.read(things) if ours != theirs]

    async def behind(self, tally: Tally, things: Sequence[Thing]) -> list[Thing]:
        """Those that are behind; what is wrong for good is told at once."""
        behind = []
        for (kind, key), ours, theirs in await self.read(things):
            if 0 <= ours.place < theirs.place:
                behind.append((kind, key))
            elif wrong := self._wrong(ours, theirs):
                tally.broke(f"{kind} {key}: {wrong}")
        return behind

    def _wrong(self, ours: State, theirs: State) -> str:
        has, other = f"{self.copy.database} has", self.original.database
        if ours.place < 0:
            return ""  # given up by itself: the original is asked before it is used again
        if ours.place != theirs.place:
            return f"{has} {ours.place}, and {other} only {theirs.place}"
        if ours.facts != theirs.facts:
            return f"{has} '{ours.facts}', and {other} '{theirs.facts}'"
        return "" if theirs.must <= ours.must <= theirs.may else f"{has} other secrets of it than {other}"


async def agree(scene: Scene, tally: Tally, *, copy: Side, original: Side, complete: bool) -> None:
    """Compare all; ``complete`` when what has an original must have a copy, too."""
    async with scene.databases.now(copy.database) as copies, scene.databases.now(original.database) as originals:
        pair = _Pair(copy, copies, original, originals)
        suspects: dict[Thing, None] = {}
        for side in (copy, original) if complete else (copy,):
            async for things in _things(scene, side):
                if side is copy:
                    tally.count("copies", len(things))
                suspects.update(dict.fromkeys(await pair.differing(things)))
        left = list(suspects)
        async for _ in scene.rounds():
            left = [one for part in parts(left) for one in await pair.behind(tally, part)]
            if not left:
                return
    for kind, key in left:
        tally.broke(f"{kind} {key}: {copy.database} is behind {original.database}")


async def _things(scene: Scene, side: Side) -> AsyncIterator[list[Thing]]:
    async with scene.databases.snapshot(side.database) as connection:
        async for rows in batches(connection, side.rows):
            yield [(row["kind"], row["key"]) for row in rows]


async def _read(connection: Connection, side: Side, things: Sequence[Thing]) -> dict[Thing, State]:
    statement = _SOME.format(rows=side.rows)
    rows = await connection.fetch(statement, [kind for kind, _ in things], [key for _, key in things])
    return {(row["kind"], row["key"]): _state(row) for row in rows}


def _state(row: asyncpg.Record) -> State:
    return State(row["place"], row["facts"], frozenset(row["must"]), frozenset(row["may"]))
