"""Every outbox numbers its events without gaps, and publishes them.

One snapshot: numbers are given in one transaction with the count of them. What has no number yet is under way.
"""

from typing import Final

from latchkey_cli.check.databases import SOURCES
from latchkey_cli.check.finding import Finding, Tally
from latchkey_cli.check.scene import Scene

_GAPS: Final = """
    SELECT number, before FROM (
        SELECT number, lag(number, 1, (SELECT purged_through FROM outbox_state)) OVER (ORDER BY number) AS before
        FROM outbox WHERE number IS NOT NULL
    ) AS seen WHERE number <> before + 1
"""


async def numbers(scene: Scene) -> list[Finding]:
    """Each outbox by itself."""
    return [await _of(scene, source) for source in SOURCES if source in scene.databases]


async def _of(scene: Scene, source: str) -> Finding:
    tally = Tally(f"no gaps: {source}", "its events are numbered one after the other")
    async with scene.databases.snapshot(source) as owner:
        state = await owner.fetchrow(
            """
            SELECT last_number, purged_through, (SELECT max(number) FROM outbox) AS newest,
                (SELECT count(*) FROM outbox WHERE number IS NULL) AS waiting
            FROM outbox_state
            """
        )
        gaps = await owner.fetch(_GAPS)
    assert state is not None  # noqa: S101 - a migration wrote the one row
    tally.count("numbered", state["last_number"])
    tally.count("forgotten", state["purged_through"])
    tally.count("waiting", state["waiting"])
    for gap in gaps:
        tally.broke(f"number {gap['number']} of {source} comes after {gap['before']}")
    newest = state["purged_through"] if state["newest"] is None else state["newest"]
    if newest != state["last_number"]:
        tally.broke(f"number {state['last_number']} of {source} was the last given, and {newest} is the last there is")
    return tally.finding()
