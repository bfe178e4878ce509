"""Every kind of kill ends what its key names and nothing else; the strictest wins, in whatever order they come."""

import itertools

import pytest

from latchkey_contracts import feed
from latchkey_contracts.feed import wide_keys
from latchkey_contracts.requests.operator import Restored
from latchkey_token.store import kills
from latchkey_token.store.kills import Cut, kill_connection

LEVELS = ("connection", "tenant_user_client", "tenant_client", "client", "tenant_user", "user", "tenant", "all")


class Level:
    """Kills at one level what belongs to one user of one app in its tenant, by the means that this level has."""

    def __init__(self, house, database, outbox, app, user):
        self.house, self.database, self.outbox = house, database, outbox
        self.app, self.user, self.tenant = app, user, app.gate.tenant
        self.turns = dict.fromkeys(LEVELS, 0)
        self.connections = []

    async def connect(self):
        answer = await self.house.connected(self.app, user=self.user)
        self.connections.append(answer.claims["sid"])
        return answer

    async def kill(self, level):
        self.turns[level] += 1
        match level:
            case "client":
                self.app = await self.house.changed(self.app, turn=1 + self.turns[level])
            case "tenant_client" | "tenant" | "user" | "tenant_user":
                keys = dict(wide_keys(tenant=self.tenant, user=self.user, client=self.app.id))
                await self.house.turn(level, keys[level], self.turns[level])
            case "tenant_user_client":
                key = self.tenant + self.user + self.app.id
                await cut_many(self.database, Cut(kind=level, key=key, source="token", reason="user.disconnected"))
            case "all":
                await self.house.peer("operator", self.house.served.internal_url).ask(Restored())
            case "connection":
                for one in self.connections:
                    async with self.database.transaction() as connection:
                        await kill_connection(connection, connection_id=one, reason="cut", outbox=self.outbox, lease=2)


async def cut_many(database, *cuts):
    async with database.transaction() as connection:
        await kills.begin(connection)
        return await kills.kill_many(connection, cuts)


@pytest.mark.parametrize("level", sorted(feed.WIDE))
async def test_a_kill_ends_what_its_key_names_and_nothing_else(house, database, alive, level):
    apps = [await house.app(), await house.app()]
    tenants, users = [house.new_id(), house.new_id()], [house.new_id(), house.new_id()]
    made = {
        (tenant, user, app.id): (app, await house.connected(app, tenant=tenant, user=user))
        for tenant, user, app in itertools.product(tenants, users, apps)
    }
    doomed = dict(wide_keys(tenant=tenants[0], user=users[0], client=apps[0].id))[level]
    await cut_many(database, Cut(kind=level, key=doomed, source="token", reason="test.cut"))
    for (tenant, user, client), (app, answer) in made.items():
        named = dict(wide_keys(tenant=tenant, user=user, client=client))[level] == doomed
        assert await alive(app, answer) is not named, (level, tenant, user, client)
    assert await house.feed() == [(level, doomed)], "one entry, however many have died"


@pytest.mark.parametrize("first", LEVELS)
async def test_the_strictest_level_wins_in_both_orders(house, database, outbox, alive, first):
    """A kill at one level neither weakens nor hides one at another, whichever of the two came first."""
    for second in LEVELS:
        level = Level(house, database, outbox, await house.app(), house.new_id())
        before = await level.connect()
        await level.kill(first)
        between = await level.connect()
        await level.kill(second)
        after = await level.connect()
        assert not await alive(level.app, before), (first, second)
        assert not await alive(level.app, between), (first, second)
        assert await alive(level.app, after), (first, second)


async def test_a_lift_revives_nothing_whatever_level_was_barred(house, alive):
    for kind in ("tenant_client", "tenant", "user", "tenant_user"):
        app, user = await house.app(), house.new_id()
        answer = await house.connected(app, user=user)
        key = dict(wide_keys(tenant=app.gate.tenant, user=user, client=app.id))[kind]
        await house.turn(kind, key, 1, barred=True)
        await house.turn(kind, key, 2, barred=False)
        assert not await alive(app, answer), kind
        assert await alive(app, await house.connected(app, user=user)), kind


async def test_a_lower_cutoff_at_a_wider_level_does_not_hide_a_higher_one(house, database, alive):
    """The trap of peers that look at the realm's value or at the client's: here every level is looked at."""
    app, user = await house.app(), house.new_id()
    wide = Cut(kind="tenant", key=app.gate.tenant, source="token", reason="test.cut")
    await cut_many(database, wide)
    answer = await house.connected(app, user=user)
    await cut_many(database, Cut(kind="user", key=user, source="token", reason="test.cut"))
    assert not await alive(app, answer)
    later = await house.connected(app, user=house.new_id())
    await cut_many(database, wide)
    assert not await alive(app, later)


async def test_two_sources_of_one_key_are_kept_apart_and_the_higher_cutoff_counts(house, database, alive):
    app = await house.app()
    first = await house.connected(app)
    await cut_many(database, Cut(kind="client", key=app.id, source="token", reason="test.cut"))
    second = await house.connected(app)
    await house.changed(app, turn=2)
    third = await house.connected(app)
    assert [await alive(app, one) for one in (first, second, third)] == [False, False, True]
    rows = await house.sql("SELECT source, cutoff FROM kill WHERE key = $1 ORDER BY cutoff", app.id)
    assert [row["source"] for row in rows] == ["token", "owner"]
