"""Limits of clients and tenants act on the connections that there are, at once; the strictest counts, none kills."""

import datetime as dt

import pytest

from latchkey_contracts.requests.grants import TokenApply
from latchkey_contracts.requests.standing import Limits

DAY = 86_400


@pytest.fixture
def limit(house):
    """A limit of the client or of the tenant, as its owner tells it."""

    async def tell(by, app, **limits):
        if by == "client":
            await house.changed(app, **limits)
        else:
            revision = (await house.sql("SELECT count(*) FROM tenant_limits"))[0]["count"] + 1
            await house.auth.ask(TokenApply(limits=Limits(tenant=app.gate.tenant, revision=revision, **limits)))

    return tell


async def pass_days(house, answer, days):
    """Let days go by for a connection."""
    sid = answer.claims["sid"]
    await house.age(sid, days * DAY)
    await house.sql("UPDATE connection SET created_at = created_at - $2 * interval '1 day' WHERE id = $1", sid, days)


async def left(house, answer):
    """Whole days until the refresh token expires."""
    ((expires, now),) = await house.sql(
        "SELECT expires_at, clock_timestamp() FROM connection WHERE id = $1", answer.claims["sid"]
    )
    return round((expires - now) / dt.timedelta(days=1))


@pytest.mark.parametrize("by", ["client", "tenant"])
async def test_a_sliding_limit_ends_what_was_not_used_for_so_long(house, limit, by):
    app = await house.app()
    idle, used = await house.connected(app), await house.connected(app)
    await pass_days(house, idle, 31)
    await pass_days(house, used, 29)
    await limit(by, app, refresh_token_lifetime=30 * DAY)
    assert (await house.refresh(app, idle.body["refresh_token"])).error == (400, "invalid_grant")
    again = await house.refresh(app, used.body["refresh_token"])
    assert again.status == 200
    assert await left(house, used) == 30
    assert await house.alive(idle.claims["sid"]), "it expired, and nobody killed it"
    assert await house.feed() == []


@pytest.mark.parametrize("by", ["client", "tenant"])
async def test_an_absolute_limit_ends_what_was_consented_to_so_long_ago(house, limit, by):
    app = await house.app()
    old, young = await house.connected(app), await house.connected(app)
    await pass_days(house, old, 181)
    await pass_days(house, young, 179)
    await limit(by, app, connection_lifetime=180 * DAY)
    assert (await house.refresh(app, old.body["refresh_token"])).error == (400, "invalid_grant")
    again = await house.refresh(app, young.body["refresh_token"])
    assert again.status == 200
    await pass_days(house, young, 2)
    refused = await house.refresh(app, again.body["refresh_token"])
    assert refused.error == (400, "invalid_grant"), "however often it is used"
    assert await house.feed() == []


async def test_the_strictest_of_several_limits_counts(house, limit):
    app = await house.app()
    for by, days in (("client", 50), ("tenant", 40), ("client", 60)):
        await limit(by, app, refresh_token_lifetime=days * DAY)
    assert await left(house, await house.connected(app)) == 40
    await limit("tenant", app)
    assert await left(house, await house.connected(app)) == 60


async def test_a_limit_beyond_the_services_own_changes_nothing(house, limit):
    app = await house.app()
    await limit("client", app, refresh_token_lifetime=800 * DAY, connection_lifetime=9000 * DAY)
    assert await left(house, await house.connected(app)) == 365


async def test_a_limit_of_another_tenant_or_client_is_none_of_ours(house, limit):
    app, other = await house.app(), await house.app()
    answer = await house.connected(app)
    await pass_days(house, answer, 10)
    await limit("client", other, connection_lifetime=DAY)
    await limit("tenant", other, connection_lifetime=DAY)
    assert (await house.refresh(app, answer.body["refresh_token"])).status == 200


async def test_the_window_and_the_lost_answer_end_with_the_connection(house, limit):
    app = await house.app(retry_window=30)
    first = await house.connected(app)
    await house.refresh(app, first.body["refresh_token"])
    await house.sql("UPDATE connection SET created_at = created_at - interval '2 days', unanswered = 1")
    await limit("tenant", app, connection_lifetime=DAY)
    assert (await house.refresh(app, first.body["refresh_token"])).error == (400, "invalid_grant")


async def test_a_replay_after_the_end_kills_nothing_more(house, limit):
    app = await house.app()
    first = await house.connected(app)
    await house.refresh(app, first.body["refresh_token"])
    await pass_days(house, first, 2)
    await limit("tenant", app, connection_lifetime=DAY)
    assert (await house.refresh(app, first.body["refresh_token"])).error == (400, "invalid_grant")
    assert await house.fed() == []


async def test_older_limits_never_replace_newer_ones(house):
    tenant = house.new_id()
    for revision, seconds in ((2, 60), (1, 70), (2, 80)):
        await house.auth.ask(
            TokenApply(limits=Limits(tenant=tenant, revision=revision, refresh_token_lifetime=seconds))
        )
    assert [row[0] for row in await house.sql("SELECT refresh_token_lifetime FROM tenant_limits")] == [60]
