"""Reading connections for many who ask: what comes while a statement runs goes with the next one, else at once."""

import asyncio
import contextvars

import asyncpg

from latchkey_kit.db import UNREACHABLE, Database
from latchkey_token.domain.introspection import Found
from latchkey_token.store import introspection as store
from latchkey_token.store.introspection import Asked

_AT_ONCE = 256
_Answers = dict[Asked, asyncio.Future[Found | None]]


class Reading:
    """Whoever asks is answered by a statement that began after the ask, so no answer is older than its question."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: _Answers = {}
        self._worker: asyncio.Task[None] | None = None

    async def of(self, asked: Asked) -> Found | None:
        """A connection as it is now; ``None`` when there is none.

        Raises:
            asyncpg.PostgresError: or one of ``latchkey_kit.db.UNREACHABLE``: nobody can tell now.

        """
        loop = asyncio.get_running_loop()
        answer = self._waiting.get(asked)
        if answer is None:
            answer = self._waiting[asked] = loop.create_future()
        if self._worker is None or self._worker.done():
            # A context of its own: the statement is no one caller's request.
            self._worker = loop.create_task(self._work(), context=contextvars.Context())
        return await asyncio.shield(answer)  # others may wait for the same

    async def _work(self) -> None:
        while self._waiting:
            chosen = list(self._waiting)[:_AT_ONCE]
            await self._read({one: self._waiting.pop(one) for one in chosen})

    async def _read(self, batch: _Answers) -> None:
        try:
            async with self._database.connection() as connection:
                found = await store.find(connection, list(batch))
        except (asyncpg.PostgresError, *UNREACHABLE) as error:
            for answer in batch.values():
                answer.set_exception(error)
                answer.exception()  # nobody may be left who waits for it
            return
        for asked, answer in batch.items():
            answer.set_result(found.get(asked))
