"""Births, kills of one and of many, rotations and owners' facts, all at once: no circle of waits, and no kill lost."""

import asyncio
import random  # noqa: TID251 - what repeats is the point here
import time

import pytest

from latchkey_contracts.requests.standing import Standing
from latchkey_kit.testing import eventually
from latchkey_token.kills import turning
from latchkey_token.kills.sweeping import Sweep
from latchkey_token.store import births, kills, rotation, settling
from latchkey_token.store.alive import ALIVE
from latchkey_token.store.births import Birth
from latchkey_token.store.kills import Cut, kill_connection
from latchkey_token.store.rotation import Rotation

OPERATIONS = 400
WORKERS = 10
HASH = b"c" * 32


class Crowd:
    """Few tenants, users and clients, so that everybody is in everybody's way."""

    def __init__(self, database, outbox, some_id, clients, seed):
        self.database, self.outbox, self.some_id, self.clients = database, outbox, some_id, clients
        self.random = random.Random(seed)  # noqa: S311 - tests only
        self.tenants, self.users = [some_id() for _ in range(2)], [some_id() for _ in range(3)]
        self.connections = []
        self.turns = {}
        self.cuts = []
        self.killed = {}
        self.rotated = []

    def pick(self, things):
        return things[self.random.randrange(len(things))]

    async def bear(self):
        whose = {"tenant": self.pick(self.tenants), "user": self.pick(self.users), "client": self.pick(self.clients)}
        birth = Birth(
            **whose, id=self.some_id(), document=b"d" * 32, scope="company:view", resources=("x",),
            redirect_uri_sent=False, redirect_hash=HASH, challenge=None, code_hash=HASH, code_lifetime=600,
        )  # fmt: skip
        async with self.database.transaction() as connection:
            await births.begin(connection, **whose)
            made = await births.add(connection, birth)
            oldest = await births.one_too_many(connection, **whose, limit=5)
            if oldest is not None:
                await kill_connection(connection, connection_id=oldest, reason="replaced", outbox=self.outbox, lease=2)
        if oldest is not None:
            self.killed[oldest] = time.monotonic()
        assert made
        self.connections.append((birth.id, birth.client))

    async def rotate(self):
        count = min(8, len(self.connections))
        if not count:
            return
        chosen = self.random.sample(self.connections, count)
        began = time.monotonic()
        async with self.database.transaction() as connection:
            await rotation.lock(connection, [one for one, _ in chosen])
            rows = await connection.fetch(
                "SELECT id, generation FROM connection WHERE id = ANY($1)", [one for one, _ in chosen]
            )
            generations = {row["id"]: row["generation"] for row in rows}
            batch = [
                Rotation(
                    id=one, generation=generations[one], hash=HASH, client=client, revision=1, redirect_hash=None,
                    verifier=None, next_hash=HASH, nonce=bytes(16),
                )
                for one, client in chosen
            ]  # fmt: skip
            done = await rotation.rotate(connection, batch, lifetime=1000)
        self.rotated += [(one, began) for one in done]

    async def kill_one(self):
        if not self.connections:
            return
        one, _ = self.pick(self.connections)
        async with self.database.transaction() as connection:
            await kill_connection(connection, connection_id=one, reason="cut", outbox=self.outbox, lease=2)
        self.killed.setdefault(one, time.monotonic())

    async def cut_many(self):
        tenant, user, client = self.pick(self.tenants), self.pick(self.users), self.pick(self.clients)
        named = [
            ("tenant_client", tenant + client), ("tenant_user", tenant + user),
            ("tenant_user_client", tenant + user + client),
        ]  # fmt: skip
        chosen = self.random.sample(named, self.random.randint(1, 3))
        async with self.database.transaction() as connection:
            await kills.begin(connection)
            cuts = [Cut(kind=kind, key=key, source="token", reason="test.cut") for kind, key in chosen]
            number = await kills.kill_many(connection, cuts)
        self.cuts.append((number, sorted(chosen)))

    async def tell(self):
        """An owner's fact, as ``token.apply``; now and then an old one."""
        kind, key = self.pick([("user", self.pick(self.users)), ("tenant", self.pick(self.tenants))])
        turn = self.turns[key] = self.turns.get(key, 0) + self.random.choice((0, 1))
        async with self.database.transaction() as connection:
            number = await turning.take(connection, standings=[Standing(kind=kind, key=key, turn=turn)])
        if number is not None:
            self.cuts.append((number, [(kind, key)]))

    async def settle(self):
        async with self.database.connection() as connection:
            await settling.settle(connection, lease=0.0)

    async def work(self, operations):
        jobs = (
            [self.bear] * 6 + [self.rotate] * 6 + [self.kill_one] * 3 + [self.cut_many] * 2 + [self.tell] * 2
            + [self.settle]
        )  # fmt: skip
        for _ in range(operations):
            await self.pick(jobs)()


@pytest.mark.parametrize("seed", [1, 2])
async def test_everything_at_once_waits_in_no_circle_and_loses_no_kill(database, outbox, some_id, given_client, seed):
    crowd = Crowd(database, outbox, some_id, [await given_client() for _ in range(2)], seed)
    sweeping = Sweep(database, outbox)
    task = asyncio.create_task(sweeping.run())
    # Any error ends the test: a deadlock, a lock that was not to be had, a broken constraint.
    await asyncio.gather(*(crowd.work(OPERATIONS // WORKERS) for _ in range(WORKERS)))
    await crowd.settle()
    sweeping.wake()
    async with database.connection() as connection:
        await eventually(lambda: _swept(connection))
        task.cancel()
        entries = await connection.fetch("SELECT number, kind, key, value FROM feed ORDER BY number")
        living = await connection.fetch(f"SELECT id FROM connection AS ours WHERE {ALIVE}")  # noqa: S608 - a constant
        counted = await connection.fetchval("SELECT count(*) FROM kill_count")
    told = {row["number"]: (row["kind"], row["key"]) for row in entries}
    assert list(told) == list(range(1, len(entries) + 1)), "no number twice, none left out"
    for last, named in crowd.cuts:
        assert [told[last - len(named) + 1 + place] for place in range(len(named))] == named
    assert not set(crowd.killed) & {row["id"] for row in living}
    late = [one for one, began in crowd.rotated if crowd.killed.get(one, began) < began]
    assert late == [], f"seed {seed}: rotated after their kill had committed"
    assert counted == 0


async def _swept(connection):
    return not await connection.fetchval("SELECT count(*) FROM kill WHERE NOT swept")
