"""What audit has let go at the end of its time, so nobody can look for it there."""

import datetime as dt

from latchkey_cli.check.scene import Scene

_SHORTEST = dt.timedelta(days=28)
"""Nothing is kept for less than a month."""


async def let_go(scene: Scene) -> dict[str, dt.datetime]:
    """By tenant that has lost entries in this way: whatever was recorded later than this is still there."""
    async with scene.databases.now("audit") as audit:
        rows = await audit.fetch("SELECT tenant_id, max(at) AS at FROM forgotten GROUP BY tenant_id")
    return {row["tenant_id"]: row["at"] - _SHORTEST for row in rows}
