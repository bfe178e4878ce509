"""Profile → Applications: what somebody has connected, and how they end it themselves."""

import asyncio
import datetime as dt

import msgspec
import pytest


async def refreshes(house, app, tokens):
    return (await house.refresh(app, tokens.body["refresh_token"])).status == 200


async def test_nobody_has_connected_anything_at_first(listing, sam):
    assert await listing(sam) == []


async def test_an_app_is_one_row_however_many_machines_it_runs_on(house, listing, sam, app):
    first = await house.connected(app, tenant=sam.tenant, user=sam.user)
    last = await house.connected(app, tenant=sam.tenant, user=sam.user, document="d1" * 32, scope=("asset:view",))
    rows = [await house.row(one.claims["sid"]) for one in (first, last)]
    (shown,) = await listing(sam)
    assert {name: shown[name] for name in ("tenant", "client", "connections", "documents", "scope")} == {
        "tenant": sam.tenant, "client": app.id, "connections": 2, "documents": ["d1" * 32, "d0" * 32],
        "scope": ["asset:view", "company:update", "company:view"],
    }  # fmt: skip
    assert dt.datetime.fromisoformat(shown["connected_since"]) == rows[0]["created_at"]
    assert dt.datetime.fromisoformat(shown["last_used_at"]) == rows[1]["rotated_at"]


async def test_an_app_is_a_row_in_each_workspace_the_latest_first(house, listing, sam, app):
    elsewhere, other = house.new_id(), await house.app()
    for one, tenant in ((app, sam.tenant), (app, elsewhere), (other, sam.tenant)):
        await house.connected(one, tenant=tenant, user=sam.user)
    assert [(row["tenant"], row["client"]) for row in await listing(sam)] == [
        (sam.tenant, other.id), (elsewhere, app.id), (sam.tenant, app.id),
    ]  # fmt: skip


async def test_what_others_have_connected_is_not_shown(house, listing, sam, app):
    await house.connected(app, tenant=sam.tenant, user=house.new_id())
    assert await listing(sam) == []


async def test_only_what_lives_is_shown(house, listing, sam, app, given_connection):
    (now,) = await house.sql("SELECT clock_timestamp() - interval '1 minute' AS past")
    whose = {"tenant": sam.tenant, "client": app.id, "user_id": sam.user}
    await given_connection(**whose, expires_at=now["past"])
    await given_connection(**whose, revoked_at=now["past"], revoked_reason="disconnected")
    await given_connection(**whose, generation=0, rotated_at=None)
    assert await listing(sam) == []
    await given_connection(**whose)
    assert [row["connections"] for row in await listing(sam)] == [1]
    app = await house.changed(app, connection_lifetime=0)
    assert await listing(sam) == [], "by the limits as they are now"


async def test_who_is_in_no_workspace_sees_what_is_theirs_all_the_same(house, sam, app):
    await house.connected(app, tenant=sam.tenant, user=sam.user)
    answer = await house.at_console("GET", "/v1/my/connections", sam.user)
    assert len(answer.body["data"]) == 1


async def test_a_disconnect_ends_every_connection_with_the_app_and_the_row_is_gone(house, listing, part, sam, app):
    tokens = [await house.connected(app, tenant=sam.tenant, user=sam.user) for _ in range(3)]
    answer = await part(sam, app.id)
    (now,) = await house.sql("SELECT clock_timestamp() AS now")
    effective_at = dt.datetime.fromisoformat(answer.body["effective_at"])
    assert answer.status == 200
    assert effective_at - now["now"] <= dt.timedelta(seconds=house.served.settings.verifier_lease)
    assert await listing(sam) == []
    assert not any([await refreshes(house, app, one) for one in tokens])


async def test_a_disconnect_is_one_kill_that_names_who_did_it(house, part, sam, app):
    await house.connected(app, tenant=sam.tenant, user=sam.user)
    await part(sam, app.id)
    ((key, reason, by),) = await house.sql("SELECT key, reason, by FROM kill WHERE kind = 'tenant_user_client'")
    assert (key, reason, by) == (sam.tenant + sam.user + app.id, "user.disconnected", sam.user)
    assert await house.feed() == [("tenant_user_client", key)]


async def test_a_disconnect_is_told_to_the_workspace_as_the_persons_own_doing(house, part, sam, app):
    await house.connected(app, tenant=sam.tenant, user=sam.user)
    await part(sam, app.id)
    (told,) = [one for one in await house.told() if one.type == "user.disconnected"]
    assert (told.tenantid, told.subject, told.userid) == (sam.tenant, sam.user, sam.user)
    assert msgspec.json.decode(told.data) == {"user": sam.user, "client": app.id}


async def test_a_disconnect_leaves_other_people_apps_and_workspaces_alone(house, part, sam, app):
    friend, elsewhere, other = house.new_id(), house.new_id(), await house.app()
    await house.connected(app, tenant=sam.tenant, user=sam.user)
    spared = [
        (app, await house.connected(app, tenant=sam.tenant, user=friend)),
        (app, await house.connected(app, tenant=elsewhere, user=sam.user)),
        (other, await house.connected(other, tenant=sam.tenant, user=sam.user)),
    ]
    assert (await part(sam, app.id)).status == 200
    assert all([await refreshes(house, one, tokens) for one, tokens in spared])


async def test_a_disconnect_reaches_another_workspace_of_the_same_person(house, part, listing, sam, app):
    elsewhere = house.new_id()
    tokens = await house.connected(app, tenant=elsewhere, user=sam.user)
    assert (await part(sam, app.id, tenant=elsewhere)).status == 200
    assert not await refreshes(house, app, tokens)


async def test_a_code_that_waits_for_its_exchange_dies_with_the_rest(house, part, sam, app):
    grant = await house.consent_now(app, tenant=sam.tenant, user=sam.user)
    assert (await part(sam, app.id)).status == 200
    assert (await house.exchange(app, grant.code)).error == (400, "invalid_grant")


async def test_a_second_disconnect_is_no_error_and_nothing_happens_twice(house, part, sam, app):
    await house.connected(app, tenant=sam.tenant, user=sam.user)
    answers = await asyncio.gather(*(part(sam, app.id) for _ in range(8)))
    answers.append(await part(sam, app.id))
    assert {one.status for one in answers} == {200}
    assert len(await house.feed()) == 1
    assert [one.type for one in await house.told()].count("user.disconnected") == 1


async def test_an_app_that_is_connected_again_can_be_parted_from_again(house, part, listing, sam, app):
    for number in (1, 2, 3):
        tokens = await house.connected(app, tenant=sam.tenant, user=sam.user)
        assert len(await listing(sam)) == 1
        assert (await part(sam, app.id)).status == 200
        assert not await refreshes(house, app, tokens)
        assert len(await house.feed()) == number


async def test_who_never_connected_an_app_leaves_no_trace_by_parting_from_it(house, part, sam, app):
    """Else anybody could fill a stranger's log, and the feed."""
    await house.connected(app, tenant=sam.tenant, user=house.new_id())
    before = len(await house.told())
    for client, tenant in ((app.id, None), (app.id, house.new_id()), (house.new_id(), None)):
        answer = await part(sam, client, tenant)
        assert (answer.status, answer.body["code"]) == (404, "not_found")
    assert await house.feed() == []
    assert await house.sql("SELECT 1 FROM kill") == []
    assert len(await house.told()) == before


@pytest.mark.parametrize(
    "asked",
    [{}, {"client": "c" * 32}, {"tenant": "a" * 32}, {"tenant": "a" * 32, "client": "x"},
     {"tenant": "a" * 32, "client": "c" * 32, "user": "b" * 32}, {"tenant": "' OR 1=1", "client": "c" * 32}],
)  # fmt: skip
async def test_a_disconnect_that_names_nonsense_is_a_problem(house, sam, asked):
    answer = await house.at_console("DELETE", "/v1/my/connections", sam.user, sam.tenant, **asked)
    assert answer.status == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")


async def test_without_the_word_of_auth_the_console_sees_and_ends_nothing(house, sam, app):
    await house.connected(app, tenant=sam.tenant, user=sam.user)
    whose = {"tenant": sam.tenant, "client": app.id}
    for assertion in ("", "noise", house.actors.assertion("auth", sam.user, sam.tenant)):
        for method, params in (("GET", {}), ("DELETE", whose)):
            answer = await house.at_console(method, "/v1/my/connections", sam.user, assertion=assertion, **params)
            assert (answer.status, answer.body["code"]) == (401, "assertion_refused")
    assert await house.feed() == []


async def test_what_is_ones_own_is_not_on_the_public_port(house, sam, app):
    tokens = await house.connected(app, tenant=sam.tenant, user=sam.user)
    for method in ("GET", "DELETE"):
        assert (await house.api(method, "/v1/my/connections", tokens.body["access_token"])).status == 404
