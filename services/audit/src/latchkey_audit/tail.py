"""Where the logs end that somebody follows: looked up for all at once, after every commit here and once a second."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import structlog

from latchkey_audit.domain.search import Entry, Wanted
from latchkey_audit.store import positions
from latchkey_kit.db import Database, will_pass
from latchkey_kit.tasks import alongside

LOOK_SECONDS = 1.0
"""What other instances commit is seen so late at most."""
_READING = 2
"""Reads at a time for all streams together: the other connections are for others."""
log = structlog.get_logger()


class Follower:
    """``end`` is the last position known of; ``changed`` is set when it grows."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.end = 0
        self.changed = asyncio.Event()


class Tail:
    """Reads ``database``; ``committed`` is where entries are committed by this process."""

    def __init__(self, database: Database, committed: Database) -> None:
        self._database = database
        self._followers: set[Follower] = set()
        self._wake = asyncio.Event()
        self._reading = asyncio.Semaphore(_READING)
        committed.after_commit(self._wake.set)

    @contextlib.contextmanager
    def following(self, tenant: str) -> Iterator[Follower]:
        """Follow a tenant's log for the time of the block."""
        follower = Follower(tenant)
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
        tenants = sorted({one.tenant for one in self._followers})
        if not tenants:
            return
        async with self._database.connection() as connection:
            known = await positions.ends(connection, tenants)
        for one in self._followers:
            end = known.get(one.tenant, 0)
            if end > one.end:
                one.end = end
                one.changed.set()


@contextlib.asynccontextmanager
async def following(database: Database, *, committed: Database) -> AsyncIterator[Tail]:
    """Look where logs end for the time of the block."""
    tail = Tail(database, committed)
    async with alongside(tail.look_for_ever()):
        yield tail
