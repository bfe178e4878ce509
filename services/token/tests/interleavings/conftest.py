"""Transactions side by side, statement by statement, in an order that a seed decides.

Each transaction has a connection of its own and stops before every statement until it is let go. The scheduler lets go
of one at a time and waits until its statement is over, or is seen to wait for a lock that another transaction holds:
then the others go on, until a commit lets it end. Nothing depends on how fast anything is.
"""

import asyncio
import contextlib

import pytest_asyncio

from latchkey_token.store.births import BIRTHS

MOST = 4
"""Transactions in a schedule."""
PATIENCE = 20.0
"""Seconds after which something is stuck."""
_LOCKS = (
    ("pg_advisory_xact_lock_shared", lambda _: ({"birth alone"}, {"birth"})),
    ("hashtext", lambda values: _alone(f"app {values}")),
    ("pg_advisory_xact_lock", lambda values: _alone("birth", "birth alone") if values[0] == BIRTHS else _alone("feed")),
    ("ORDER BY id FOR UPDATE", lambda values: _alone(*values[0])),
    ("UPDATE connection SET revoked_at", lambda values: _alone(values[0])),
    ("FOR SHARE OF ours", lambda values: _alone(values[0])),
    ("INSERT INTO standing", lambda values: _alone(f"standing {values[:2]}")),
)


def _alone(*names):
    return set(names), set(names)


def locks_of(statement, values):
    """What a statement waits for, when somebody else has it; and what it has then."""
    return next((read(values) for words, read in _LOCKS if words in statement), (set(), set()))


class Transaction:
    """Stands for the connection in the store's functions."""

    def __init__(self, connection, name):
        self.connection, self.name = connection, name
        self.process = connection.get_server_pid()
        self.task = self.next = None
        self.locks, self.asked = set(), (set(), set())
        self._arrived = self._go = self._seen = None
        self._answered = False

    async def run(self, job):
        await self.connection.execute("BEGIN")
        try:
            committed = await job(self)
            await self._turn("COMMIT", ())
            await self.connection.execute("COMMIT")
            committed()
        finally:
            self.next = None
            self._arrived.set()

    async def execute(self, statement, *values):
        if "transaction_timeout" in statement:  # a machine may be slow
            return None
        return await self._ask(self.connection.execute, statement, values)

    async def fetch(self, statement, *values):
        return await self._ask(self.connection.fetch, statement, values)

    async def fetchrow(self, statement, *values):
        return await self._ask(self.connection.fetchrow, statement, values)

    async def fetchval(self, statement, *values):
        return await self._ask(self.connection.fetchval, statement, values)

    async def _ask(self, method, statement, values):
        await self._turn(statement, values)
        answer = await method(statement, *values)
        self._answered = True
        await self._seen.wait()  # whoever it waited for has noted its own commit by then
        return answer

    async def _turn(self, statement, values):
        self.next, self.asked = statement, locks_of(statement, values)
        self._go = asyncio.Event()
        self._arrived.set()
        await self._go.wait()

    def begin(self, job):
        self._arrived = asyncio.Event()
        self.task = asyncio.create_task(self.run(job))

    def go(self):
        self._arrived, self._seen, self._answered = asyncio.Event(), asyncio.Event(), False
        self._go.set()

    @property
    def is_answered(self):
        return self._answered or self._arrived.is_set()

    async def arrive(self):
        """Wait until it stands before the next statement, or is over; its error is ours."""
        if self._seen:
            self._seen.set()
        async with asyncio.timeout(PATIENCE):
            await self._arrived.wait()
            if self.next is None:
                await self.task


class Schedule:
    """Runs jobs to their ends. ``order`` is who was let go, in turn: that is the interleaving.

    A job takes a transaction and returns what is to be called when it has committed.
    """

    def __init__(self, chance, connections, watcher):
        self.chance, self.connections, self.watcher = chance, connections, watcher
        self.order = []

    async def run(self, jobs):
        """Raises what a statement raises, a deadlock that PostgreSQL found for example."""
        everybody = [Transaction(self.connections[place], place) for place in range(len(jobs))]
        for one, job in zip(everybody, jobs, strict=True):
            one.begin(job)
        try:
            await self._run(everybody)
        finally:
            for one in everybody:
                one.task.cancel()
            await asyncio.gather(*(one.task for one in everybody), return_exceptions=True)

    async def _run(self, everybody):
        ready, waiting = list(everybody), []
        for one in ready:
            await one.arrive()
        while ready:
            chosen = ready.pop(self.chance.randrange(len(ready)))
            self.order.append(chosen.name)
            statement = chosen.next
            waits_for, has = chosen.asked
            met = any(waits_for & other.locks for other in (*ready, *waiting))
            chosen.locks |= has
            chosen.go()
            if met and not await self._over(chosen):
                waiting.append(chosen)
                continue
            await chosen.arrive()
            if statement != "COMMIT":
                ready.append(chosen)
                continue
            await self._over(*waiting)
            for woken in [one for one in waiting if one.is_answered]:
                waiting.remove(woken)
                await woken.arrive()
                ready.append(woken)
        assert not waiting, "they wait for each other"

    async def _over(self, *those):
        """Wait until each of them is answered or waits for a lock; whether one is answered."""
        async with asyncio.timeout(PATIENCE):
            while left := [one for one in those if not one.is_answered]:
                waits = await self.watcher.fetch(
                    "SELECT DISTINCT pid FROM pg_locks WHERE NOT granted AND pid = ANY($1)",
                    [one.process for one in left],
                )
                if len(waits) == len(left):
                    break
        return any(one.is_answered for one in those)


@pytest_asyncio.fixture
async def schedule(database):
    """``schedule(chance)`` makes one; all share some connections, so one runs after the other."""
    async with contextlib.AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(database.session()) for _ in range(MOST)]
        for connection in connections:
            await connection.execute("SET lock_timeout = 0; SET transaction_timeout = 0; SET statement_timeout = 0")
        watcher = await stack.enter_async_context(database.session())
        yield lambda chance: Schedule(chance, connections, watcher)
