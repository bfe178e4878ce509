"""Where the logs end that somebody follows: looked up for all at once, after every commit here and once a second.

Once a second it is looked, too, whether what was last then is there still: a failover of the database may lose entries.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import structlog

from latchkey_audit.domain.search import Entry, Wanted
from latchkey_audit.store import positions
from latchkey_audit.store.positions import Anchor
from latchkey_kit.db import Connection, Database, will_pass
from latchkey_kit.tasks import alongside

LOOK_SECONDS = 1.0
"""What other instances commit is seen so late at most."""
COMPARE_SECONDS = 1.0
"""How often it is looked whether what was there is there still: that takes a look into every partition."""
_READING = 2
"""Reads at a time for all streams together: the other connections are for others."""
log = structlog.get_logger()


class Follower:
    """``end`` is the last position known of; ``changed`` is set when it moves.

    ``lost``: some of what was read is in the log no more, and the reader is to go on from ``end``.
    """

    def __init__(self, tenant: str, end: int) -> None:
        self.tenant = tenant
        self.end = end
        self.lost = False
        self.changed = asyncio.Event()

    def found(self, end: int, *, lost: bool) -> None:
        """Take in where the log ends now."""
        if lost or end < self.end:
            self.lost = True
        if lost or end != self.end:
            self.end = end
            self.changed.set()


class Tail:
    """Reads ``database``; ``committed`` is where entries are committed by this process."""

    def __init__(self, database: Database, committed: Database) -> None:
        self._database = database
        self._followers: set[Follower] = set()
        self._anchors: dict[str, Anchor] = {}
        self._compared_at = float("-inf")
        self._wake = asyncio.Event()
        self._reading = asyncio.Semaphore(_READING)
        committed.after_commit(self._wake.set)

    @contextlib.contextmanager
    def following(self, tenant: str, end: int) -> Iterator[Follower]:
        """Follow a tenant's log, which has ended at ``end``, for the time of the block."""
        follower = Follower(tenant, end)
        self._followers.add(follower)
        self._wake.set()
        try:
            yield follower
        finally:
            self._followers.discard(follower)

    async def end(self, tenant: str) -> int:
        """Give the last position of a tenant's log now."""
        async with self._database.connection() as connection:
            return (await positions.ends(connection, [tenant]))[tenant]

    async def read(self, tenant: str, wanted: Wanted, after: int, through: int, most: int) -> tuple[list[Entry], int]:
        """As `latchkey_audit.store.positions.read_on`, when it is one's turn."""
        async with self._reading, self._database.connection() as connection:
            return await positions.read_on(connection, tenant, wanted, after, through, most)

    async def look_for_ever(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._look()
            except Exception as error:  # the next time will do
                if not will_pass(error):
                    log.exception("tail_failed")
            # Not wait_for: before Python 3.12 it swallows a cancellation that meets the wake-up.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._wake.wait()

    async def _look(self) -> None:
        # Who comes while we look knows an end that may be later than what we see.
        followers = tuple(self._followers)
        tenants = sorted({one.tenant for one in followers})
        if not tenants:
            self._anchors = {}
            return
        async with self._database.connection() as connection:
            # In this order: what is lost in between is noticed now or the next time, and once.
            anchors, lost = await self._compare(connection, tenants)
            known = await positions.ends(connection, tenants)
        shorter = {one.tenant for one in followers if known[one.tenant] < one.end}
        self._anchors = {tenant: one for tenant, one in anchors.items() if tenant not in lost | shorter}
        for one in followers:
            one.found(known[one.tenant], lost=one.tenant in lost)

    async def _compare(self, connection: Connection, tenants: list[str]) -> tuple[dict[str, Anchor], set[str]]:
        """Give what is last in the logs, and which have lost what was last a second ago.

        Where others have taken the place of the lost, the end does not show it.
        """
        now = asyncio.get_running_loop().time()
        if now - self._compared_at < COMPARE_SECONDS:
            return self._anchors, set()
        anchors, lost = await positions.anchors(connection, tenants), await positions.lost(connection, self._anchors)
        self._compared_at = now
        return anchors, lost


@contextlib.asynccontextmanager
async def following(database: Database, *, committed: Database) -> AsyncIterator[Tail]:
    """Look where logs end for the time of the block."""
    tail = Tail(database, committed)
    async with alongside(tail.look_for_ever()):
        yield tail
