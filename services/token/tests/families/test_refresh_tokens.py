"""A refresh token is spent once (RFC 6749 §6, RFC 9700 §4.14.2); every row of the table of misses."""

import asyncio

MCP_WINDOW = 30


async def test_a_refresh_answers_with_a_new_refresh_token(house):
    app = await house.app()
    first = await house.connected(app)
    second = await house.refresh(app, first.body["refresh_token"])
    assert second.status == 200
    assert second.body["refresh_token"] != first.body["refresh_token"]
    assert second.claims["jti"] != first.claims["jti"]
    assert second.body["scope"] == first.body["scope"]
    assert await house.event_types(first.claims["sid"]) == ["grant.issued", "token.refreshed"]


async def test_the_lifetime_slides_with_each_rotation(house):
    app = await house.app()
    first = await house.connected(app)
    await house.age(first.claims["sid"], 300 * 86_400)
    before = (await house.row(first.claims["sid"]))["expires_at"]
    assert (await house.refresh(app, first.body["refresh_token"])).status == 200
    assert ((await house.row(first.claims["sid"]))["expires_at"] - before).days >= 299


async def test_an_expired_refresh_token_is_refused_without_harm(house):
    app = await house.app()
    first = await house.connected(app)
    await house.age(first.claims["sid"], 366 * 86_400)
    assert (await house.refresh(app, first.body["refresh_token"])).error == (400, "invalid_grant")
    assert await house.alive(first.claims["sid"])


async def test_replayed_refresh_token_kills_the_connection(house):
    app = await house.app()
    first = await house.connected(app)
    second = await house.refresh(app, first.body["refresh_token"])
    assert (await house.refresh(app, first.body["refresh_token"])).error == (400, "invalid_grant")
    sid = first.claims["sid"]
    assert not await house.alive(sid)
    assert (await house.refresh(app, second.body["refresh_token"])).error == (400, "invalid_grant")
    (kind, told), _ = (await house.events(sid))[-2:]
    assert (kind, told["connection"], told["presented"], told["current"]) == ("token.reused", sid, 1, 2)
    assert [row["key"] for row in await house.sql("SELECT key FROM feed WHERE kind = 'connection'")] == [sid]


async def test_replays_of_the_dead_make_no_further_events(house):
    app = await house.app()
    first = await house.connected(app)
    await house.refresh(app, first.body["refresh_token"])
    await asyncio.gather(*(house.refresh(app, first.body["refresh_token"]) for _ in range(10)))
    types = await house.event_types(first.claims["sid"])
    assert types == ["grant.issued", "token.refreshed", "token.reused", "connection.revoked"]


async def test_replay_kills_one_connection_and_leaves_its_siblings(house):
    app = await house.app()
    user = house.new_id()
    first, sibling = await house.connected(app, user=user), await house.connected(app, user=user)
    await house.refresh(app, first.body["refresh_token"])
    await house.refresh(app, first.body["refresh_token"])
    assert not await house.alive(first.claims["sid"])
    assert (await house.refresh(app, sibling.body["refresh_token"])).status == 200


async def test_the_retry_window_answers_with_the_same_refresh_token(house):
    app = await house.app(retry_window=MCP_WINDOW)
    first = await house.connected(app)
    second = await house.refresh(app, first.body["refresh_token"])
    again = await house.refresh(app, first.body["refresh_token"])
    assert again.status == 200
    assert again.body["refresh_token"] == second.body["refresh_token"]
    assert again.body["access_token"] != second.body["access_token"]
    assert (await house.events(first.claims["sid"]))[-1][1]["again"] is True
    assert (await house.refresh(app, second.body["refresh_token"])).status == 200


async def test_after_the_retry_window_it_is_a_replay(house):
    app = await house.app(retry_window=MCP_WINDOW)
    first = await house.connected(app)
    await house.refresh(app, first.body["refresh_token"])
    await house.age(first.claims["sid"], MCP_WINDOW + 1)
    assert (await house.refresh(app, first.body["refresh_token"])).error == (400, "invalid_grant")
    assert not await house.alive(first.claims["sid"])


async def test_a_grandparent_inside_the_window_kills(house):
    app = await house.app(retry_window=MCP_WINDOW)
    first = await house.connected(app)
    second = await house.refresh(app, first.body["refresh_token"])
    await house.refresh(app, second.body["refresh_token"])
    assert (await house.refresh(app, first.body["refresh_token"])).error == (400, "invalid_grant")
    assert not await house.alive(first.claims["sid"])


async def test_a_replay_a_year_later_is_still_proof(house):
    app = await house.app()
    first = answer = await house.connected(app)
    for _ in range(3):
        answer = await house.refresh(app, answer.body["refresh_token"])
    await house.age(first.claims["sid"], 364 * 86_400)
    assert (await house.refresh(app, first.body["refresh_token"])).error == (400, "invalid_grant")
    assert not await house.alive(first.claims["sid"])


async def test_revoked_inside_the_window_stays_dead(house):
    app = await house.app(retry_window=MCP_WINDOW)
    first = await house.connected(app)
    await house.refresh(app, first.body["refresh_token"])
    await house.sql("UPDATE connection SET revoked_at = now() WHERE id = $1", first.claims["sid"])
    assert (await house.refresh(app, first.body["refresh_token"])).error == (400, "invalid_grant")


async def test_failed_client_authentication_changes_nothing_and_is_told(house):
    app = await house.app()
    first = await house.connected(app)
    refused = await house.refresh(app, first.body["refresh_token"], client_secret="lk_cs_wrong")
    assert refused.error == (401, "invalid_client")
    assert (await house.events(first.claims["sid"]))[-1][1]["reason"] == "client_authentication_failed"
    assert (await house.refresh(app, first.body["refresh_token"])).status == 200


async def test_a_token_newer_than_the_row_is_an_alarm_and_never_a_kill(house):
    app = await house.app()
    first = await house.connected(app)
    before = await house.row(first.claims["sid"])
    second = await house.refresh(app, first.body["refresh_token"])
    await house.sql(
        "UPDATE connection SET generation = $2, current_hash = $3 WHERE id = $1",
        before["id"], before["generation"], before["current_hash"],
    )  # fmt: skip
    assert (await house.refresh(app, second.body["refresh_token"])).error == (400, "invalid_grant")
    assert await house.alive(before["id"])


async def test_an_unknown_connection_is_noise(house):
    app = await house.app()
    first = await house.connected(app)
    await house.sql("DELETE FROM connection WHERE id = $1", first.claims["sid"])
    assert (await house.refresh(app, first.body["refresh_token"])).error == (400, "invalid_grant")


async def test_a_scope_within_the_grant_is_taken(house):
    app = await house.app()
    answer = await house.connected(app)
    for scope in ("company:view", "company:update company:view", "inclusive", "offline_access"):
        answer = await house.refresh(app, answer.body["refresh_token"], scope=scope)
        assert (answer.status, answer.body["scope"]) == (200, "company:view company:update")


async def test_a_row_stays_small_and_on_its_page(house):
    app = await house.app()
    answer = await house.connected(app)
    for _ in range(30):
        answer = await house.refresh(app, answer.body["refresh_token"])
    ((size,),) = await house.sql("SELECT pg_column_size(connection.*) FROM connection")
    assert size <= 500


async def test_no_secret_is_in_an_event(house):
    app = await house.app()
    grant = await house.consent(app)
    first = await house.exchange(app, grant.code)
    await house.refresh(app, first.body["refresh_token"])
    await house.refresh(app, first.body["refresh_token"])
    told = b"".join(row["body"] for row in await house.sql("SELECT body FROM outbox"))
    for secret in (grant.code, first.body["refresh_token"], first.body["access_token"], app.secret):
        assert secret.encode() not in told
