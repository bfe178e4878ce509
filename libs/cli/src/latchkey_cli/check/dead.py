"""The dead stay dead: nothing was minted after a kill, and what a finished sweep should have marked is marked.

One snapshot. A rotation that began while a kill was being committed may still have won: so much time is granted.
"""

import datetime as dt
from typing import Final

from latchkey_cli.check.databases import batches
from latchkey_cli.check.finding import Finding, Tally
from latchkey_cli.check.naming import COMMITTED, DEATHS, NAMES
from latchkey_cli.check.scene import Scene

SINGLE: Final = ("replay", "revoked_by_client", "disconnected", "replaced", "cut")
"""Reasons of `latchkey_contracts.events.token.ConnectionRevoked`; any other is of a kill of many."""
_MINTED = f"""
    SELECT c.id FROM connection AS c
    WHERE c.rotated_at IS NOT NULL AND (
        (c.revoked_reason = ANY($1) AND c.rotated_at > c.revoked_at)
        OR EXISTS (SELECT FROM {DEATHS} AS death WHERE c.rotated_at > {COMMITTED})
    )
"""  # noqa: S608 - our own words
_UNMARKED = f"""
    SELECT c.id FROM connection AS c WHERE c.revoked_at IS NULL
    AND EXISTS (SELECT FROM {NAMES} JOIN kill USING (kind, key) WHERE kill.cutoff >= c.born AND kill.swept)
"""  # noqa: S608 - our own words
_UNNAMED = f"""
    SELECT c.id FROM connection AS c WHERE c.revoked_reason <> ALL($1)
    AND NOT EXISTS (SELECT FROM {NAMES} JOIN kill USING (kind, key) WHERE kill.cutoff >= c.born)
"""  # noqa: S608 - our own words


async def dead(scene: Scene) -> list[Finding]:
    """No rotation after a kill; rows and kills of many agree."""
    tally = Tally("the dead stay dead", "nothing was minted after a kill, and kills of many mark just their own")
    async with scene.databases.snapshot("token") as token:
        counted = "SELECT count(*) FROM connection WHERE revoked_at IS NOT NULL"
        tally.count("dead", await token.fetchval(counted))
        tally.count("kills of many", await token.fetchval("SELECT count(*) FROM kill"))
        for statement, values, words in (
            (_MINTED, (SINGLE, dt.timedelta(seconds=scene.lease)), "tokens were made after its kill"),
            (_UNMARKED, (), "it is not marked, and a finished kill names it"),
            (_UNNAMED, (SINGLE,), "a kill of many is said to have killed it, and none names it"),
        ):
            async for rows in batches(token, statement, *values):
                for row in rows:
                    tally.broke(f"connection {row['id']}: {words}")
    return [tally.finding()]
