"""The consequence in numbers: how many connections an app has, before somebody ends them."""

import datetime as dt

import pytest
import pytest_asyncio

from latchkey_token.store import counting


@pytest.fixture
def count(house, admin, app):
    async def ask(who=admin, client=app.id):
        return await house.at_console("GET", "/v1/connections/count", who.user, who.tenant, client=client)

    return ask


@pytest_asyncio.fixture
async def two_people(house, app):
    """One has connected the app twice, one once; the last access token is the last one's."""
    tenant, user = app.gate.tenant, house.new_id()
    tokens = [await house.connected(app, tenant=tenant, user=user) for _ in range(2)]
    return [*tokens, await house.connected(app, tenant=tenant, user=house.new_id())]


async def test_an_app_that_nobody_has_connected_counts_nothing(count):
    answer = await count()
    nothing = {"living": 0, "users": 0, "last_used_at": None, "elsewhere": 0, "more": False}
    assert (answer.status, answer.body) == (200, nothing)


async def test_living_connections_and_their_people_are_counted(house, count, two_people):
    body = (await count()).body
    row = await house.row(two_people[-1].claims["sid"])
    assert (body["living"], body["users"], body["elsewhere"], body["more"]) == (3, 2, 0, False)
    assert dt.datetime.fromisoformat(body["last_used_at"]) == row["rotated_at"]


async def test_what_is_dead_or_waits_for_its_exchange_is_not_counted(house, app, count, two_people, given_connection):
    (now,) = await house.sql("SELECT clock_timestamp() - interval '1 minute' AS past")
    whose = {"tenant": app.gate.tenant, "client": app.id}
    await given_connection(**whose, expires_at=now["past"])
    await given_connection(**whose, generation=0, rotated_at=None)
    assert (await count()).body["living"] == 3
    await house.revoke(app, two_people[0].body["refresh_token"])
    assert (await count()).body["living"] == 2


async def test_what_was_killed_with_others_is_not_counted_from_then_on(house, app, count, two_people):
    await house.changed(app, turn=2, reason="client.secret_rotated")
    assert (await count()).body["living"] == 0


async def test_an_app_of_its_own_is_a_connection_without_a_person(house, count, admin):
    own = await house.app(client_credentials=True)
    house.permissions.roles[own.gate.tenant, admin.user] = {"connection": ["view"]}
    form = {"grant_type": "client_credentials", "client_id": own.id, "client_secret": own.secret}
    assert (await house.post(form)).status == 200
    answer = await house.at_console(
        "GET", "/v1/connections/count", admin.user, own.gate.tenant, client=own.id
    )  # fmt: skip
    assert (answer.body["living"], answer.body["users"]) == (1, 0)


async def test_who_made_an_app_is_told_how_many_hang_on_it_elsewhere(house, app, count, two_people, admin):
    for _ in range(4):
        await house.connected(app, tenant=house.new_id())
    body = (await count()).body
    assert (body["living"], body["elsewhere"]) == (3, 4)


async def test_who_only_uses_an_app_counts_their_own_workspace(house, app, count, two_people, sam):
    await house.connected(app, tenant=sam.tenant, user=sam.user)
    house.permissions.roles[sam.tenant, sam.user] = {"connection": ["view"]}
    body = (await count(sam)).body
    assert (body["living"], body["users"], body["elsewhere"]) == (1, 1, 0)


async def test_counting_ends_somewhere_and_says_so(house, app, count, two_people, monkeypatch):
    monkeypatch.setattr(counting, "MOST_COUNTED", 2)
    body = (await count()).body
    assert (body["living"], body["more"]) == (2, True)


async def test_counting_needs_the_right_to_see_connections(house, app, count, admin, sam):
    assert (await count(sam)).status == 403
    house.permissions.roles[admin.tenant, admin.user] = {"connection": ["remove"]}
    answer = await count()
    assert (answer.status, answer.body["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("asked", [{}, {"client": ""}, {"client": "count"}, {"client": "c" * 32, "tenant": "a" * 32}])
async def test_a_count_of_nonsense_is_a_problem(house, admin, asked):
    for path in ("/v1/connections/count", "/v1/connections/secrets-used"):
        answer = await house.at_console("GET", path, admin.user, admin.tenant, **asked)
        assert answer.status == 400, path


async def test_numbers_are_not_on_the_public_port(house, app, admin):
    tokens = await house.connected(app)
    await house.lease(tokens.body["access_token"])
    for path in ("/v1/connections/count", "/v1/connections/secrets-used"):
        assert (await house.api("GET", path, tokens.body["access_token"], client=app.id)).status == 404
