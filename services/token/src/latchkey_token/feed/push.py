"""Pushing the feed: after a commit that appended entries, every verifier hears of them within a millisecond or so.

A push is for speed only. When one is lost, verifiers learn the same from their next pull.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Protocol

import asyncpg
import msgspec
import structlog

from latchkey_contracts.feed import PUSH_SUBJECT, Page
from latchkey_kit.db import UNREACHABLE, Database
from latchkey_kit.tasks import alongside
from latchkey_token.feed.marking import marked
from latchkey_token.store import feed

_AT_ONCE = 1000
"""Entries in one message, about 60 kB."""
log = structlog.get_logger()


class Publisher(Protocol):
    async def publish(self, subject: str, body: bytes) -> None: ...


@contextlib.asynccontextmanager
async def pushing(changes: Database, feed_reader: Database, bus: Publisher) -> AsyncIterator[None]:
    """Push for the time of the block. Commits of ``changes`` wake it; it reads over connections of ``feed_reader``."""
    wake = asyncio.Event()
    changes.after_commit(wake.set)
    async with feed_reader.connection() as connection:
        pushed, salt = await feed.state(connection)
    async with alongside(_push_for_ever(wake, feed_reader, bus, pushed, salt.hex())):
        yield


async def _push_for_ever(wake: asyncio.Event, database: Database, bus: Publisher, pushed: int, salt: str) -> None:
    while True:
        await wake.wait()
        wake.clear()
        try:
            pushed = await _push_after(pushed, database, bus, salt)
        except (asyncpg.PostgresError, *UNREACHABLE) as error:
            log.warning("feed_not_pushed", reason=type(error).__name__)


async def _push_after(pushed: int, database: Database, bus: Publisher, salt: str) -> int:
    """Push every entry after a number; returns the last one pushed."""
    while True:
        async with database.connection() as connection:
            entries = await feed.entries_after(connection, pushed, _AT_ONCE)
        if not entries:
            return pushed
        pushed = entries[-1].number
        page = marked(Page(epoch="", head=pushed, entries=entries, salt=salt))
        await bus.publish(PUSH_SUBJECT, msgspec.json.encode(page))
