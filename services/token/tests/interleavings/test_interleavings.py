"""Rotations, exchanges, kills of one and of many, turns and births, interleaved by a seed, against a naive oracle.

``pytest --interleavings 100000`` runs as many as that; ``--seed`` chooses others. A failure names the seed and place of
its schedule.
"""

import random  # noqa: TID251 - what repeats is the point here
from collections import Counter

import msgspec
import pytest

from latchkey_contracts.feed import wide_keys
from latchkey_contracts.requests.standing import Seen, Standing
from latchkey_token.kills import turning
from latchkey_token.kills.catching_up import stale_or_barred
from latchkey_token.store import births, connections, kills, rotation
from latchkey_token.store.alive import KILLED
from latchkey_token.store.births import Birth
from latchkey_token.store.kills import Cut, kill_connection
from latchkey_token.store.rotation import Rotation

CHUNK = 100
LIMIT = 2
"""Living connections of one app: with few of them, births kill others soon."""
DOCUMENT = b"d" * 32


class State(msgspec.Struct):
    """A connection as far as commits have told."""

    user: str
    generation: int
    hash: bytes
    revoked: bool = False
    cut: bool = False

    @property
    def alive(self):
        return not self.revoked and not self.cut


class World:
    """One app of two users in one tenant, and jobs on what they have. Jobs check what they see against the oracle."""

    def __init__(self, chance, outbox):
        self.chance, self.outbox = chance, outbox
        self.tenant, self.client, *self.users = (self.id() for _ in range(4))
        self.connections = {}
        for user, generation in zip((*self.users, self.users[0]), (1, 0, 0), strict=True):
            self.connections[self.id()] = State(user=user, generation=generation, hash=chance.randbytes(32))
        self.turns, self.barred = {}, set()
        self.fed = []
        self.jobs = [self.job() for _ in range(chance.choice((2, 3, 3, 4)))]
        self.names = tuple(name for name, _ in self.jobs)

    def id(self):
        return f"{self.chance.getrandbits(128):032x}"

    def job(self):
        make = self.chance.choices(
            (self.rotate, self.again, self.kill_one, self.cut_many, self.turn, self.birth), weights=(6, 1, 3, 3, 2, 4)
        )[0]
        return make.__name__, make()

    def keys(self, user):
        return dict(wide_keys(tenant=self.tenant, user=user, client=self.client))

    def pick(self):
        return self.chance.choice(list(self.connections))

    def rotate(self):
        """Show one or two codes or refresh tokens: those of the start, or those that are current at the moment."""
        shown = {one: self.connections[one] for one in {self.pick(), self.pick()}}
        held = {one: (state.generation, state.hash) for one, state in shown.items()}
        fresh, following = self.chance.random() < 0.3, {one: self.chance.randbytes(32) for one in sorted(shown)}

        async def run(transaction):
            await rotation.lock(transaction, sorted(shown))
            if fresh:
                held.update((one, (self.connections[one].generation, self.connections[one].hash)) for one in shown)
            batch = [
                Rotation(
                    id=one, generation=held[one][0], hash=held[one][1], client=self.client, revision=1,
                    redirect_hash=None, verifier=None, next_hash=following[one], nonce=bytes(16),
                )
                for one in sorted(shown)
            ]  # fmt: skip
            done = await rotation.rotate(transaction, batch, lifetime=1000)
            expected = {
                one for one, (generation, digest) in held.items()
                if (state := self.connections[one]).alive and (state.generation, state.hash) == (generation, digest)
            }  # fmt: skip
            assert done.keys() == expected, "what is current and alive rotates, nothing else does"

            def committed():
                for one in done:
                    self.connections[one].generation += 1
                    self.connections[one].hash = following[one]

            return committed

        return run

    def again(self):
        """Answer once more, as inside the retry window."""
        one = self.pick()
        generation = self.connections[one].generation + self.chance.randint(0, 1)

        async def run(transaction):
            held = await connections.hold(transaction, connection_id=one, generation=generation, revision=1)
            state = self.connections[one]
            if held:
                assert (state.generation, state.revoked) == (generation, False)
            else:
                assert state.generation != generation or not state.alive
            return lambda: None

        return run

    def kill_one(self):
        one = self.pick()

        async def run(transaction):
            return await self._kill(transaction, one)

        return run

    async def _kill(self, transaction, one):
        killed = await kill_connection(transaction, connection_id=one, reason="cut", outbox=self.outbox, lease=2)
        assert (killed is None) is self.connections[one].revoked, "a kill finds what no other has revoked"

        def committed():
            if killed is not None:
                self.connections[one].revoked = True
                self.fed.append(("connection", one))

        return committed

    def cut_many(self):
        user = self.chance.choice(self.users)
        # Not "all": it would end the other worlds of the chunk, too.
        named = sorted((kind, key) for kind, key in self.keys(user).items() if key)
        chosen = sorted(self.chance.sample(named, self.chance.choice((1, 1, 2))))

        async def run(transaction):
            await kills.begin(transaction)
            cuts = [Cut(kind=kind, key=key, source="token", reason="test.cut") for kind, key in chosen]
            await kills.kill_many(transaction, cuts)

            def committed():
                self.fed.extend(chosen)
                self._cut(chosen)

            return committed

        return run

    def _cut(self, named):
        """All that had committed its birth by now is dead; what commits it later lives."""
        for state in self.connections.values():
            state.cut = state.cut or any(self.keys(state.user)[kind] == key for kind, key in named)

    def turn(self):
        user = self.chance.choice(self.users)
        kind = self.chance.choice(("tenant_client", "tenant", "user", "tenant_user"))
        key, turn = self.keys(user)[kind], self.chance.choice((1, 1, 2))
        told = Standing(kind=kind, key=key, turn=turn, barred=turn == 1)

        async def run(transaction):
            number = await turning.take(transaction, standings=[told])
            assert (number is not None) is (turn > self.turns.get(key, 0)), "what is newer kills, nothing else does"

            def committed():
                if number is not None:
                    self.turns[key] = turn
                    (self.barred.add if told.barred else self.barred.discard)(key)
                    self.fed.append((kind, key))
                    self._cut([(kind, key)])

            return committed

        return run

    def birth(self):
        user, one, code = self.chance.choice(self.users), self.id(), self.chance.randbytes(32)
        whose = {"tenant": self.tenant, "user": user, "client": self.client}
        kinds = ("tenant_client", "tenant", "user", "tenant_user")
        seen = [Seen(kind=kind, key=self.keys(user)[kind], turn=0) for kind in kinds]
        birth = Birth(
            **whose, id=one, document=DOCUMENT, scope="company:view", resources=("x",), redirect_uri_sent=False,
            redirect_hash=bytes(32), challenge=None, code_hash=code, code_lifetime=600,
        )  # fmt: skip

        async def run(transaction):
            await births.begin(transaction, **whose)
            stale = await stale_or_barred(transaction, seen)
            assert stale is any(self.turns.get(thing.key, 0) for thing in seen)
            if stale:
                return lambda: None
            assert await births.add(transaction, birth)
            oldest = await births.one_too_many(transaction, **whose, limit=LIMIT)
            living = {other for other, state in self.connections.items() if state.alive and state.user == user}
            assert (oldest is None) is (len(living) + 1 <= LIMIT)
            born = State(user=user, generation=0, hash=code)
            killed = None
            if oldest == one:  # all others were used while it was born
                born.revoked = True
                await kill_connection(transaction, connection_id=one, reason="replaced", outbox=self.outbox, lease=2)
            elif oldest is not None:
                assert oldest in living
                killed = await self._kill(transaction, oldest)

            def committed():
                self.connections[one] = born
                if born.revoked:
                    self.fed.append(("connection", one))
                if killed is not None:
                    killed()

            return committed

        return run


@pytest.fixture
def world(outbox):
    return lambda chance: World(chance, outbox)


async def prepare(connection, worlds):
    """Rows for many schedules at once."""
    await connection.execute(
        "INSERT INTO granted_scope (document, scope) VALUES ($1, 'company:view') ON CONFLICT DO NOTHING", DOCUMENT
    )
    await connection.execute(
        """
        INSERT INTO gate (client_id, tenant_id, revision, turn, client_type, proof, secret_hashes, retry_window,
            default_audience)
        SELECT client, client, 1, 1, 'public', 'pkce', '{}', 0, 'both' FROM unnest($1::uuid[]) AS client
        """,
        [world.client for world in worlds],
    )
    rows = [(one, world, state) for world in worlds for one, state in world.connections.items()]
    await connection.execute(
        """
        INSERT INTO connection (id, tenant_id, user_id, client_id, expires_at, rotated_at, generation, current_hash,
            redirect_uri_sent, redirect_hash, document, resources)
        SELECT id, tenant, "user", client, clock_timestamp() + interval '1 day',
            CASE WHEN generation > 0 THEN clock_timestamp() END, generation, hash, false, $7, $8, '{x}'
        FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[], $6::bytea[])
            AS made (id, tenant, "user", client, generation, hash)
        """,
        [one for one, _, _ in rows], [world.tenant for _, world, _ in rows], [state.user for *_, state in rows],
        [world.client for _, world, _ in rows], [state.generation for *_, state in rows],
        [state.hash for *_, state in rows], bytes(32), DOCUMENT,
    )  # fmt: skip


async def compare(connection, worlds, head):
    """Rows and feed say what the oracle says; returns the newest number of the feed."""
    rows = await connection.fetch(
        f"""
        SELECT id, generation, current_hash, revoked_at IS NOT NULL AS revoked, {KILLED} AS cut
        FROM connection AS ours WHERE client_id = ANY($1)
        """,  # noqa: S608 - a constant
        [world.client for world in worlds],
    )
    found = {row["id"]: (row["generation"], row["current_hash"], row["revoked"], row["cut"]) for row in rows}
    everyone = {
        one: (state.generation, state.hash, state.revoked, state.cut)
        for world in worlds
        for one, state in world.connections.items()
    }
    assert found == everyone
    entries = await connection.fetch("SELECT number, kind, key FROM feed WHERE number > $1 ORDER BY number", head)
    expected = [entry for world in worlds for entry in world.fed]
    assert [(row["number"], row["kind"], row["key"]) for row in entries] == [
        (number, *entry) for number, entry in enumerate(expected, head + 1)
    ], "numbers follow the commits, without a gap"
    return head + len(expected)


async def test_interleavings_of_rotate_kill_birth_and_exchange_agree_with_a_naive_oracle(
    database, world, schedule, request, capsys
):
    count, seed = request.config.getoption("--interleavings"), request.config.getoption("--seed") or 1
    head, seen, jobs, statements = 0, set(), Counter(), 0
    for start in range(0, count, CHUNK):
        places = range(start, min(start + CHUNK, count))
        worlds = [world(random.Random(f"{seed}/{place}")) for place in places]  # noqa: S311 - it repeats
        async with database.connection() as connection:
            await prepare(connection, worlds)
        for place, one in zip(places, worlds, strict=True):
            running = schedule(one.chance)
            try:
                await running.run([job for _, job in one.jobs])
            except BaseException as error:
                error.add_note(f"--seed {seed}, schedule {place}: {one.names}, let go so far: {running.order}")
                raise
            jobs.update(one.names)
            seen.add((one.names, tuple(running.order)))
            statements += len(running.order)
        async with database.connection() as connection:
            head = await compare(connection, worlds, head)
    with capsys.disabled():
        print(f"\n{count} interleavings, {len(seen)} of them different, {statements} statements; {dict(jobs)}")  # noqa: T201 - the figure
