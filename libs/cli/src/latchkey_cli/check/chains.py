"""Audit's log by itself: each tenant's chain without a gap, up to its end, and hash by hash.

One snapshot: an entry and the end of its chain are one transaction.
"""

from collections.abc import Iterator
from typing import Final

import asyncpg
import msgspec

from latchkey_cli.check.databases import batches
from latchkey_cli.check.finding import Finding, Tally, skipped
from latchkey_cli.check.scene import Scene
from latchkey_contracts import chain
from latchkey_kit.db import Connection

RULE: Final = "chains"
KEPT: Final = (1, 3, 6, 12, 24, 36, 60, 84, 120)
"""Months for which entries may be kept."""
_TENANTS: Final = """
    SELECT coalesce(chain.tenant_id, held.tenant_id) AS tenant, chain.tenant_id IS NOT NULL AS known,
        position, hash, kept
    FROM chain FULL JOIN (SELECT DISTINCT tenant_id FROM event) AS held ON held.tenant_id = chain.tenant_id ORDER BY 1
"""
_ENTRIES: Final = "SELECT position, recorded, kept, hash, body FROM event WHERE tenant_id = $1 ORDER BY position"
_GONE: Final = "SELECT first, last, before, hash FROM forgotten WHERE tenant_id = $1 ORDER BY first"
_TWICE: Final = (
    "SELECT min(tenant_id::text) AS tenant, id, count(*) AS times FROM event GROUP BY id HAVING count(*) > 1"
)


class _Walk(msgspec.Struct):
    """Where one looks in a chain: the place of the entry before, and its hash."""

    tenant: str
    gone: Iterator[asyncpg.Record]
    tally: Tally
    position: int = 0
    hash: bytes = chain.GENESIS

    def see(self, row: asyncpg.Record) -> None:
        """Look at the next entry; whatever is wrong with it, go on from what it says of itself."""
        if row["position"] <= self.position:
            self.tally.broke(f"tenant {self.tenant}: entry {row['position']} is there twice")
            return
        self.leap(row["position"] - 1)
        if self.position != row["position"] - 1:
            self.tally.broke(f"tenant {self.tenant}: entry {row['position']} comes after {self.position}")
        elif self._due(row) != row["hash"]:
            self.tally.broke(f"tenant {self.tenant}: the hash of entry {row['position']} does not follow from it")
        self.position, self.hash = row["position"], row["hash"]

    def leap(self, target: int) -> None:
        """Go on over what was let go and signed for, as far as ``target``."""
        while self.position < target and (stretch := next(self.gone, None)) is not None:
            if stretch["last"] <= self.position:
                continue  # its entries are still there
            if stretch["first"] != self.position + 1 or stretch["before"] != self.hash:
                self.tally.broke(
                    f"tenant {self.tenant}: what was let go from {stretch['first']} on does not follow {self.position}"
                )
            self.position, self.hash = stretch["last"], stretch["hash"]

    def _due(self, row: asyncpg.Record) -> bytes:
        return chain.link(
            self.hash,
            tenant=self.tenant,
            position=row["position"],
            recorded=row["recorded"],
            kept=row["kept"],
            body=row["body"],
        )


async def chains(scene: Scene) -> list[Finding]:
    """Every tenant's chain, and what has come of every source."""
    if "audit" not in scene.databases:
        return [skipped(RULE, "the database of audit was not given")]
    tally = Tally(RULE, "each tenant's entries are chained without a gap, each once, up to the end that is known")
    async with scene.databases.snapshot("audit") as audit:
        for end in await audit.fetch(_TENANTS):
            await _one(audit, end, tally)
        async for rows in batches(audit, _TWICE):
            for row in rows:
                tally.broke(f"event {row['id']}: {row['times']} entries, of tenant {row['tenant'].replace('-', '')}")
    return [tally.finding()]


async def _one(audit: Connection, end: asyncpg.Record, tally: Tally) -> None:
    tenant = end["tenant"]
    tally.count("tenants")
    walk = _Walk(tenant, iter(await audit.fetch(_GONE, tenant)), tally)
    async for rows in batches(audit, _ENTRIES, tenant):
        tally.count("entries", len(rows))
        for row in rows:
            walk.see(row)
    if not end["known"]:
        tally.broke(f"tenant {tenant}: nobody knows where its chain ends")
        return
    walk.leap(end["position"])
    if (walk.position, walk.hash) != (end["position"], end["hash"]):
        tally.broke(f"tenant {tenant}: the chain ends at {walk.position}, and {end['position']} is known as its end")
    if end["kept"] not in KEPT:
        tally.broke(f"tenant {tenant}: nothing is kept for {end['kept']} months")
