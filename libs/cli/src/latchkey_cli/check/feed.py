"""The feed and the kills: every kill of many has its entry, every entry its kill, and numbers have no gaps.

One snapshot: an entry, its number and the row that it tells of are one transaction.
"""

from typing import Final

from latchkey_cli.check.databases import batches
from latchkey_cli.check.finding import Finding, Tally
from latchkey_cli.check.scene import Scene
from latchkey_contracts.feed import ALL, FLOORS, KID, KILLS, WIDE
from latchkey_kit.db import Connection

_GAPS: Final = """
    SELECT number, before FROM (
        SELECT number, kind, lag(number, 1, 0::bigint) OVER (ORDER BY number) AS before FROM feed
    ) AS seen WHERE number <> before + 1 AND kind <> $1
"""
"""A restore leaps over numbers that may have been lost, and the next entry kills all."""
_WITHOUT_ENTRY: Final = """
    SELECT kill.kind, kill.key, kill.number, kill.cutoff, feed.kind AS as_kind, feed.key AS as_key, feed.value
    FROM kill LEFT JOIN feed USING (number)
    WHERE (feed.kind, feed.key, feed.value) IS DISTINCT FROM (kill.kind, kill.key, kill.cutoff)
"""
_WITHOUT_KILL: Final = """
    SELECT number, kind, key, value FROM feed
    WHERE kind = ANY($1) AND NOT EXISTS (
        SELECT FROM kill WHERE kill.kind = feed.kind AND kill.key = feed.key AND kill.cutoff >= feed.value
    )
"""
_FALLING: Final = """
    SELECT number, kind, key, value FROM (
        SELECT number, kind, key, value, lag(value) OVER (PARTITION BY kind, key ORDER BY number) AS before
        FROM feed WHERE kind = ANY($1)
    ) AS seen WHERE value <= before
"""
"""A later kill of a key has a higher cutoff, and a later floor a higher revision."""


async def feed(scene: Scene) -> list[Finding]:
    """Numbers, kills and floors."""
    numbers = Tally("feed: no gaps", "entries of the feed are numbered one after the other")
    kills = Tally("feed: kills", "every kill of many has its entry with its cutoff, and every entry its kill")
    async with scene.databases.snapshot("token") as token:
        await _numbers(token, numbers)
        await _kills(token, kills)
    return [numbers.finding(), kills.finding()]


async def _numbers(token: Connection, tally: Tally) -> None:
    state = await token.fetchrow(
        "SELECT last_number, (SELECT coalesce(max(number), 0) FROM feed) AS newest, (SELECT count(*) FROM feed) AS held"
        " FROM feed_state"
    )
    assert state is not None  # noqa: S101 - a migration wrote the one row
    tally.count("entries", state["held"])
    if state["newest"] != state["last_number"]:
        tally.broke(f"entry {state['last_number']} was the last given, and {state['newest']} is the last there is")
    for gap in await token.fetch(_GAPS, ALL):
        tally.broke(f"entry {gap['number']} comes after {gap['before']}")


async def _kills(token: Connection, tally: Tally) -> None:
    counts = {
        row["kind"]: row["held"] for row in await token.fetch("SELECT kind, count(*) AS held FROM feed GROUP BY 1")
    }
    for kind, held in counts.items():
        tally.count(kind, held)
        if kind not in KILLS | FLOORS:
            tally.broke(f"{held} entries of an unknown kind, {kind[:40]}")
    async for rows in batches(token, _WITHOUT_ENTRY):
        for row in rows:
            told = f"{row['as_kind']} {row['as_key']} up to {row['value']}" if row["as_kind"] else "nothing"
            tally.broke(f"kill of {row['kind']} {row['key']} up to {row['cutoff']}: entry {row['number']} has {told}")
    async for rows in batches(token, _WITHOUT_KILL, [*WIDE, KID]):
        for row in rows:
            tally.broke(
                f"entry {row['number']} ({row['kind']} {row['key']} up to {row['value']}): there is no such kill"
            )
    async for rows in batches(token, _FALLING, [*(WIDE | FLOORS)]):
        for row in rows:
            tally.broke(f"entry {row['number']} ({row['kind']} {row['key']}): {row['value']} is no more than before")
    drawn = await token.fetchval("SELECT last_value FROM connection_born")
    for row in await token.fetch("SELECT kind, key, cutoff FROM kill WHERE cutoff > $1", drawn):
        tally.broke(f"kill of {row['kind']} {row['key']}: its cutoff {row['cutoff']} was never drawn")
