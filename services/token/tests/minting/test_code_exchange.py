"""A code becomes tokens once (RFC 6749 §4.1.3 and §5.1)."""

import asyncio
import datetime as dt

from latchkey_kit.testing.services import ORIGIN


async def test_a_code_becomes_an_access_token_and_a_refresh_token(house):
    app = await house.app()
    grant = await house.consent(app)
    answer = await house.exchange(app, grant.code)
    assert answer.status == 200
    assert answer.body.keys() == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert (answer.body["token_type"], answer.body["expires_in"]) == ("Bearer", 3600)
    assert answer.body["scope"] == "company:view company:update"
    assert answer.body["refresh_token"].startswith("lk_rt_")
    assert answer.headers["Cache-Control"] == "no-store"


async def test_the_access_token_tells_whose_it_is(house):
    app = await house.app()
    user, tenant = house.new_id(), house.new_id()
    grant = await house.consent(app, user=user, tenant=tenant)
    claims = (await house.exchange(app, grant.code)).claims
    row = await house.row(grant.connection)
    assert (claims["iss"], claims["aud"]) == (ORIGIN, [f"{ORIGIN}/v1", f"{ORIGIN}/v1/mcp"])
    assert (claims["sub"], claims["tid"], claims["client_id"]) == (user, tenant, app.id)
    assert (claims["sid"], claims["born"], claims["prm"]) == (grant.connection, row["born"], "d0" * 32)
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["iat"] == int(row["rotated_at"].timestamp())


async def test_the_exchange_is_told_once(house):
    app = await house.app()
    grant = await house.consent(app)
    await house.exchange(app, grant.code)
    ((kind, data),) = await house.events(grant.connection)
    assert kind == "grant.issued"
    assert (data["client"], data["scope"]) == (app.id, ["company:view", "company:update"])


async def test_a_code_is_refused_after_a_minute_and_kills_nothing(house):
    app = await house.app()
    grant = await house.consent(app)
    lifetime = (row := await house.row(grant.connection))["expires_at"] - row["created_at"]
    assert abs(lifetime - dt.timedelta(seconds=60)) < dt.timedelta(seconds=1)
    await house.age(grant.connection, 61)
    assert (await house.exchange(app, grant.code)).error == (400, "invalid_grant")
    assert await house.alive(grant.connection)


async def test_a_code_that_comes_back_kills_what_it_made(house):
    app = await house.app()
    grant = await house.consent(app)
    first = await house.exchange(app, grant.code)
    assert (await house.exchange(app, grant.code)).error == (400, "invalid_grant")
    assert not await house.alive(grant.connection)
    assert (await house.refresh(app, first.body["refresh_token"])).error == (400, "invalid_grant")
    assert await house.event_types(grant.connection) == ["grant.issued", "token.reused", "connection.revoked"]


async def test_a_code_never_has_a_retry_window(house):
    app = await house.app(retry_window=30)
    grant = await house.consent(app)
    await house.exchange(app, grant.code)
    assert (await house.exchange(app, grant.code)).error == (400, "invalid_grant")
    assert not await house.alive(grant.connection)


async def test_a_spent_code_with_a_wrong_verifier_kills_nothing(house):
    app = await house.app()
    grant = await house.consent(app)
    first = await house.exchange(app, grant.code)
    again = await house.exchange(app, grant.code, code_verifier="another-verifier-" + "x" * 40)
    assert again.error == (400, "invalid_grant")
    assert await house.alive(grant.connection)
    assert (await house.refresh(app, first.body["refresh_token"])).status == 200


async def test_two_at_once_never_make_two_lineages_of_one_code(house):
    app = await house.app()
    grant = await house.consent(app)
    answers = await asyncio.gather(*(house.exchange(app, grant.code) for _ in range(10)))
    assert sum(answer.status == 200 for answer in answers) == 1
    assert not await house.alive(grant.connection)


async def test_another_client_cannot_burn_a_code(house):
    app, thief = await house.app(), await house.app()
    grant = await house.consent(app)
    assert (await house.exchange(thief, grant.code)).error == (400, "invalid_grant")
    assert await house.events(grant.connection) == [
        ("token.refused", {"connection": grant.connection, "reason": "wrong_client", "presented_by": thief.id})
    ]
    assert (await house.exchange(app, grant.code)).status == 200


async def test_another_redirect_cannot_burn_a_code(house):
    app = await house.app()
    grant = await house.consent(app)
    for redirect_uri in ("https://app.example/callback/", "https://evil.example/callback", None):
        assert (await house.exchange(app, grant.code, redirect_uri=redirect_uri)).error == (400, "invalid_grant")
    assert [data["reason"] for _, data in await house.events(grant.connection)] == ["wrong_redirect"] * 3
    assert (await house.exchange(app, grant.code)).status == 200


async def test_a_redirect_that_was_not_sent_to_authorize_may_be_left_out(house):
    app = await house.app()
    grant = await house.consent(app, redirect_uri_sent=False)
    assert (await house.exchange(app, grant.code, redirect_uri="https://evil.example/")).error[1] == "invalid_grant"
    assert (await house.exchange(app, grant.code, redirect_uri=None)).status == 200


async def test_a_code_is_not_a_refresh_token_nor_the_other_way_round(house):
    app = await house.app()
    grant = await house.consent(app)
    assert (await house.refresh(app, grant.code)).error == (400, "invalid_grant")
    token = (await house.exchange(app, grant.code)).body["refresh_token"]
    assert (await house.exchange(app, token)).error == (400, "invalid_grant")
    assert (await house.refresh(app, token)).status == 200


async def test_a_resource_narrows_the_token_and_not_the_connection(house):
    app = await house.app()
    grant = await house.consent(app)
    answer = await house.exchange(app, grant.code, resource=f"{ORIGIN}/v1/mcp")
    assert answer.claims["aud"] == f"{ORIGIN}/v1/mcp"
    later = await house.refresh(app, answer.body["refresh_token"])
    assert later.claims["aud"] == [f"{ORIGIN}/v1", f"{ORIGIN}/v1/mcp"]


async def test_a_resource_beyond_the_connection_burns_nothing(house):
    app = await house.app()
    grant = await house.consent(app, resources=(f"{ORIGIN}/v1/mcp",))
    for resource in (f"{ORIGIN}/v1", "https://elsewhere.example/v1"):
        assert (await house.exchange(app, grant.code, resource=resource)).error == (400, "invalid_target")
    assert (await house.exchange(app, grant.code)).claims["aud"] == f"{ORIGIN}/v1/mcp"
