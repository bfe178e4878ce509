"""A connection is born at consent: a code made before a kill is dead after it, however late it is exchanged."""

import asyncio

import pytest

from latchkey_contracts.feed import WIDE, wide_keys
from latchkey_kit.testing import eventually
from latchkey_token.store import kills
from latchkey_token.store.kills import Cut


async def cut(database, kind, key):
    async with database.transaction() as connection:
        await kills.begin(connection)
        await kills.kill_many(connection, [Cut(kind=kind, key=key, source="token", reason="test.cut")])


@pytest.mark.parametrize("kind", sorted(WIDE))
async def test_a_code_made_before_the_kill_is_refused_when_exchanged_after(house, database, kind):
    app, user = await house.app(), house.new_id()
    code = await house.consent(app, user=user)
    await cut(database, kind, dict(wide_keys(tenant=app.gate.tenant, user=user, client=app.id))[kind])
    assert (await house.exchange(app, code.code)).error == (400, "invalid_grant")
    assert (await house.row(code.connection))["generation"] == 0
    assert (await house.exchange(app, (await house.consent(app, user=user)).code)).status == 200


async def test_a_birth_that_has_begun_is_waited_for_and_dies(house, database):
    """It holds its number already when the kill draws the cutoff: no birth slips below."""
    app, user = await house.app(), house.new_id()
    grants = []

    async def consents():
        grants.extend(await asyncio.gather(*(house.consent(app, user=user) for _ in range(10))))

    consenting = asyncio.create_task(consents())
    for _ in range(10):
        await cut(database, "user", user)
    await consenting
    ((cutoff,),) = await house.sql("SELECT cutoff FROM kill")
    for grant in grants:
        exchanged = await house.exchange(app, grant.code)
        born = (await house.row(grant.connection))["born"]
        assert (exchanged.status == 200) is (born > cutoff)


async def test_a_kill_waits_for_a_birth_and_a_birth_for_a_kill(house, database):
    app = await house.app()
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'"

    async def somebody_waits():
        return (await house.sql(waiting))[0]["count"]

    async with database.transaction() as connection:
        await kills.begin(connection)
        consenting = asyncio.create_task(house.consent(app))
        await eventually(somebody_waits)
        await kills.kill_many(connection, [Cut(kind="client", key=app.id, source="token", reason="test.cut")])
    grant = await consenting
    assert (await house.exchange(app, grant.code)).status == 200, "it was born after the kill"


async def test_a_code_of_a_connection_that_was_cut_alone_is_dead_too(house):
    app = await house.app()
    code = await house.consent(app)
    assert await house.revoke(app, code.code) == (200, None)
    assert (await house.exchange(app, code.code)).error == (400, "invalid_grant")


async def test_re_authorized_install_a_leaves_install_b_alive(house):
    """Both are of one client and one user. A's old code comes back, which kills A's connection alone."""
    app, user = await house.app(), house.new_id()
    old_a = await house.consent(app, user=user)
    first_a = await house.exchange(app, old_a.code)
    install_b = await house.connected(app, user=user)
    new_a = await house.connected(app, user=user)
    assert (await house.exchange(app, old_a.code)).error == (400, "invalid_grant")
    assert (await house.refresh(app, first_a.body["refresh_token"])).error == (400, "invalid_grant")
    assert (await house.refresh(app, install_b.body["refresh_token"])).status == 200
    assert (await house.refresh(app, new_a.body["refresh_token"])).status == 200
