"""When each secret of a client was last used: for people who are about to take one away."""

import datetime as dt

import pytest

from latchkey_kit.testing import ManualClock, eventually
from latchkey_oauth.token_string import secret_hash
from latchkey_token.clients.secret_uses import SecretUses


@pytest.fixture
def used(house, admin, app):
    """The ids of the app's secrets that were used, and when."""

    async def ask(who=admin, client=app.id):
        return await house.at_console("GET", "/v1/connections/secrets-used", who.user, who.tenant, client=client)

    return ask


@pytest.fixture
def seen(used):
    """Wait until that many secrets are known to be in use: their uses are written beside the requests."""

    async def wait(number):
        async def known():
            secrets = (await used()).body["secrets"]
            return secrets if len(secrets) == number else None

        return await eventually(known)

    return wait


def hashes(*secrets):
    return tuple(secret_hash(secret).hex() for secret in secrets)


async def test_a_secret_that_nobody_used_has_no_time(used):
    answer = await used()
    assert (answer.status, answer.body) == (200, {"secrets": {}})


async def test_a_secret_that_authenticated_its_client_has_one(house, app, seen):
    (before,) = await house.sql("SELECT clock_timestamp() AS now")
    await house.connected(app)
    found = await seen(1)
    (after,) = await house.sql("SELECT clock_timestamp() AS now")
    assert list(found) == list(app.gate.secret_ids)
    assert before["now"] <= dt.datetime.fromisoformat(found[app.gate.secret_ids[0]]) <= after["now"]


async def test_each_of_two_secrets_has_a_time_of_its_own(house, app, seen):
    former = app.gate.secret_ids[0]
    added = house.new_id()
    app = await house.changed(
        app, secret_hashes=hashes("lk_cs_a-secret", "lk_cs_new"), secret_ids=(former, added)
    )  # fmt: skip
    await house.connected(app)
    assert list(await seen(1)) == [former]
    grant = await house.consent_now(app)
    assert (await house.exchange(app, grant.code, client_secret="lk_cs_new")).status == 200
    assert set(await seen(2)) == {former, added}


async def test_a_wrong_secret_and_a_retired_one_count_for_nothing(house, app, used, seen):
    grant = await house.consent_now(app)
    assert (await house.exchange(app, grant.code, client_secret="lk_cs_wrong")).status == 401
    await house.exchange(app, grant.code)
    await seen(1)
    assert len(await house.sql("SELECT 1 FROM secret_use")) == 1
    await house.changed(app, secret_hashes=hashes("lk_cs_new"), secret_ids=(house.new_id(),))
    assert (await used()).body == {"secrets": {}}


async def test_a_public_client_notes_nothing(house, used):
    public = await house.app(client_type="public", proof="pkce")
    await house.connected(public)
    assert await house.sql("SELECT 1 FROM secret_use") == []


async def test_only_who_made_the_app_is_told(house, app, used, seen, sam):
    await house.connected(app)
    await seen(1)
    house.permissions.roles[sam.tenant, sam.user] = {"connection": ["view"]}
    assert (await used(sam)).status == 404
    assert (await used(client=house.new_id())).status == 404


async def test_it_needs_the_right_to_see_connections(house, used, sam, admin):
    assert (await used(sam)).status == 403
    house.permissions.roles[admin.tenant, admin.user] = {"connection": ["remove"]}
    assert (await used()).status == 403


async def test_without_the_registry_the_answer_is_503_and_tokens_go_on(house, app, used):
    await house.connected(app)
    house.registry.away = True
    assert (await used()).status == 503
    assert (await house.connected(app)).status == 200


async def test_the_gate_may_be_older_than_the_ids_of_secrets(house, app, used, seen):
    await house.connected(app)
    await seen(1)
    await house.changed(app, secret_ids=())
    assert (await used()).body == {"secrets": {}}


@pytest.fixture
def uses(database):
    return SecretUses(database, ManualClock())


async def test_a_secret_is_written_once_a_minute_however_often_it_is_used(database):
    clock = ManualClock()
    uses = SecretUses(database, clock)

    async def written():
        async with database.connection() as connection:
            await uses.write()
            return await connection.fetchval("SELECT xmin::text FROM secret_use")

    uses.note("aa" * 32)
    first = await written()
    for _ in range(50):
        clock.advance(1)
        uses.note("aa" * 32)
    assert await written() == first
    clock.advance(10)
    uses.note("aa" * 32)
    assert await written() != first


async def test_what_could_not_be_written_is_written_when_the_database_can_again(database, uses):
    async with database.connection() as connection:
        await connection.execute("ALTER TABLE secret_use RENAME TO elsewhere")
        uses.note("aa" * 32)
        assert not await uses.write()
        await connection.execute("ALTER TABLE elsewhere RENAME TO secret_use")
        assert await uses.write()
        assert await connection.fetchval("SELECT count(*) FROM secret_use") == 1
