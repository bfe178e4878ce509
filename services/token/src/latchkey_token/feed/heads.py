"""Reading the feed for verifiers: one statement at a time, and the next one serves all who came meanwhile."""

import asyncio

import asyncpg

from latchkey_contracts.feed import Page
from latchkey_kit.db import UNREACHABLE, Database
from latchkey_token.feed.marking import marked
from latchkey_token.store import feed

PAGE_SIZE = 5000
"""Entries in one answer, about 60 bytes each."""


class Heads:
    """Whoever asks is answered by a statement that began after the ask: a lease counts from the ask's send time."""

    def __init__(self, database: Database, page_size: int = PAGE_SIZE) -> None:
        self._database = database
        self._page_size = page_size
        self._waiting: dict[int, asyncio.Future[Page]] = {}
        self._heard: dict[str, int] = {}
        self._reading: asyncio.Task[None] | None = None

    async def page(self, after: int, verifier: str | None = None, applied: int = 0) -> Page:
        """The entries after a number. A ``verifier`` that asks has ``applied`` everything up to that one.

        Raises:
            asyncpg.PostgresError: or one of ``latchkey_kit.db.UNREACHABLE``: no primary vouches for the feed now.

        """
        loop = asyncio.get_running_loop()
        if verifier is not None:
            self._heard[verifier] = applied
        answer = self._waiting.setdefault(after, loop.create_future())
        if self._reading is None:
            self._reading = loop.create_task(self._read_all())
        return await asyncio.shield(answer)  # others may wait for the same

    async def _read_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, {}
                heard, self._heard = self._heard, {}
                await self._read(batch, heard)
        finally:
            self._reading = None

    async def _read(self, batch: dict[int, asyncio.Future[Page]], heard: dict[str, int]) -> None:
        try:
            async with self._database.connection() as connection:
                pages = await feed.pages(connection, list(batch), self._page_size, heard)
        except (asyncpg.PostgresError, *UNREACHABLE) as error:
            for answer in batch.values():
                answer.set_exception(error)
                answer.exception()  # nobody may be left who waits for it
            return
        for after, answer in batch.items():
            answer.set_result(marked(pages[after]))
