"""What audit notes as come of every source: no number that was given is missing, and none is noted that was not given.

What is noted and what is there is one transaction of audit, so one snapshot shows both. What a source has given may be
on its way, and is waited for until patience is over.
"""

from typing import Final

from latchkey_cli.check.databases import SOURCES
from latchkey_cli.check.finding import Finding, Tally, skipped
from latchkey_cli.check.scene import Scene

_LONGEST: Final = 120
_UNNOTED: Final = """
    SELECT source, epoch, (held.numbers - coalesce(arrived.numbers, '{}'))::text AS numbers
    FROM (
        SELECT source, epoch, range_agg(int8range(number, number, '[]')) AS numbers
        FROM event WHERE epoch IS NOT NULL AND number IS NOT NULL GROUP BY source, epoch
    ) AS held LEFT JOIN arrived USING (source, epoch)
    WHERE NOT held.numbers <@ coalesce(arrived.numbers, '{}')
"""
_MISSING: Final = """
    SELECT (int8multirange(int8range(least($3::bigint, $4::bigint), $4, '(]'))
        - coalesce((SELECT numbers FROM arrived WHERE source = $1 AND epoch = $2), '{}'))::text
"""


async def arrived(scene: Scene) -> list[Finding]:
    """What audit notes as come, beside what is there and what sources have given."""
    if "audit" not in scene.databases:
        return [skipped("arrived", "the database of audit was not given")]
    tally = Tally("arrived", "the number of every entry is noted as come")
    async with scene.databases.snapshot("audit") as audit:
        tally.count("sources", await audit.fetchval("SELECT count(DISTINCT source) FROM arrived"))
        for row in await audit.fetch(_UNNOTED):
            numbers = _some(row["numbers"])
            tally.broke(f"{row['source']}, epoch {row['epoch']}: {numbers} are there, and not noted as come")
    return [tally.finding(), *[await _of(scene, source) for source in SOURCES if source in scene.databases]]


async def _of(scene: Scene, source: str) -> Finding:
    """Audit is asked before its source for what it should not have, and after it for what it should have."""
    tally = Tally(f"arrived: {source}", "every number that it gave has come, and no other")
    async with scene.databases.now("audit") as audit, scene.databases.now(source) as owner:
        last = {
            row["epoch"]: row["last"]
            for row in await audit.fetch(
                "SELECT epoch, upper(numbers) - 1 AS last FROM arrived WHERE source = $1", source
            )
        }
        state = await owner.fetchrow("SELECT epoch, last_number, purged_through FROM outbox_state")
        assert state is not None  # noqa: S101 - a migration wrote the one row
        tally.count("numbers", state["last_number"])
        if last.get(state["epoch"], 0) > state["last_number"]:
            tally.broke(f"{last[state['epoch']]} of {source} has come, and {state['last_number']} is the last it gave")
        missing = ""
        async for _ in scene.rounds():
            asked = (source, state["epoch"], state["purged_through"], state["last_number"])
            missing = await audit.fetchval(_MISSING, *asked)
            if missing == "{}":
                return tally.finding()
        tally.broke(f"{_some(missing)} of {source} have not come")
    return tally.finding()


def _some(numbers: str) -> str:
    """Ranges as PostgreSQL writes them, but not without end."""
    return numbers if len(numbers) <= _LONGEST else f"{numbers[:_LONGEST]}…"
