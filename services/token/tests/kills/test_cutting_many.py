"""``DELETE /v1/connections``: all of a client, of a user, or of a user with a client, in the bearer's tenant only."""

import msgspec
import pytest

from latchkey_kit.testing import eventually
from latchkey_kit.testing.services import ORIGIN


@pytest.mark.parametrize("named", [("client",), ("user",), ("client", "user")])
async def test_a_cut_ends_what_it_names_in_this_tenant_only(house, admin, cut, alive, named):
    tenant, app, other = admin[0].gate.tenant, await house.app(), await house.app()
    user, friend, elsewhere = house.new_id(), house.new_id(), house.new_id()
    made = {
        "both": (app, await house.connected(app, tenant=tenant, user=user)),
        "client": (app, await house.connected(app, tenant=tenant, user=friend)),
        "user": (other, await house.connected(other, tenant=tenant, user=user)),
        "neither": (other, await house.connected(other, tenant=tenant, user=friend)),
        "the same in another tenant": (app, await house.connected(app, tenant=elsewhere, user=user)),
    }
    answer = await cut(**{name: {"client": app.id, "user": user}[name] for name in named})
    assert (answer.status, answer.body["number"]) == (200, 1)
    doomed = {"both", named[0]} if len(named) == 1 else {"both"}
    assert {name for name, one in made.items() if not await alive(*one)} == doomed


async def test_a_sibling_in_another_tenant_outlives_the_kill_of_one_tenants_connection(house, admin, alive):
    """The same user, the same app, two tenants: one of them says goodbye."""
    _, tokens = admin
    app, user = await house.app(), house.new_id()
    mine = await house.connected(app, tenant=tokens.claims["tid"], user=user)
    sibling = await house.connected(app, tenant=house.new_id(), user=user)
    path = f"/v1/connections/{mine.claims['sid']}"
    assert (await house.api("DELETE", path, tokens.body["access_token"])).status == 204
    assert not await alive(app, mine)
    assert await alive(app, sibling)
    foreign = f"/v1/connections/{sibling.claims['sid']}"
    assert (await house.api("DELETE", foreign, tokens.body["access_token"])).status == 404


async def test_a_disconnect_is_told_at_once_and_counted_later(house, admin, cut, summaries, swept):
    _, tokens = admin
    tenant, by = tokens.claims["tid"], tokens.claims["sub"]
    app, user = await house.app(), house.new_id()
    for _ in range(3):
        await house.connected(app, tenant=tenant, user=user)
    await cut(client=app.id, user=user)
    (told,) = [one for one in await house.told() if one.type == "user.disconnected"]
    assert (told.tenantid, told.subject, told.userid) == (tenant, user, by)
    await swept()
    (summary,) = await summaries()
    data = msgspec.json.decode(summary.data)
    assert (summary.tenantid, data["about"], data["kind"]) == (tenant, app.id, "tenant_user_client")
    assert (data["connections"], data["reason"], data["by"]) == (3, "user.disconnected", by)
    assert data["committed_at"] <= data["effective_at"]


@pytest.mark.parametrize("named", [("client",), ("user",), ("client", "user")])
async def test_a_count_names_the_app_through_which_was_cut_and_none_for_who_did_it_at_the_console(
    house, admin, cut, summaries, swept, named
):
    through, tokens = admin
    tenant, by = tokens.claims["tid"], tokens.claims["sub"]
    app, user = await house.app(), house.new_id()
    whose = {name: {"client": app.id, "user": user}[name] for name in named}
    await house.connected(app, tenant=tenant, user=user)
    assert (await cut(**whose)).status == 200
    await swept()
    await house.connected(app, tenant=tenant, user=user)
    house.permissions.roles[tenant, by] = {"connection": ["remove"]}
    assert (await house.at_console("DELETE", "/v1/connections", by, tenant, **whose)).status == 200
    await swept()
    assert [(one.userid, one.clientid) for one in await summaries()] == [(by, through.id), (by, None)]


async def test_what_was_cut_with_others_is_shown_as_dead_at_once(house, admin, cut, given_connection):
    """Long before the sweep has marked a row."""
    app, tokens = admin
    user = house.new_id()
    doomed = await given_connection(tenant=app.gate.tenant, user_id=user)
    await cut(user=user)
    (row,) = await house.sql("SELECT reason FROM kill")
    shown = (await house.api("GET", f"/v1/connections/{doomed}", tokens.body["access_token"])).body
    assert (shown["status"], shown["revoked_reason"]) == ("revoked", row["reason"])
    assert shown["revoked_at"] is not None

    async def in_force():
        path = f"/v1/connections/{doomed}"
        return (await house.api("GET", path, tokens.body["access_token"])).body["effective_at"]

    assert await eventually(in_force) >= shown["revoked_at"]


async def test_a_cut_that_names_nothing_or_nonsense_is_a_problem(house, admin, cut):
    for asked in ({}, {"client": "x"}, {"user": "' OR 1=1"}, {"tenant": house.new_id()}, {"client": ""}):
        answer = await cut(**asked)
        assert answer.status == 400, asked
        assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert await house.feed() == []


async def test_a_cut_needs_the_right_to_remove(house, admin):
    app, _ = admin
    house.permissions.everybody = {"connection": ["view"]}
    viewer = (await house.connected(app, resources=(f"{ORIGIN}/v1",))).body["access_token"]
    refused = await house.api("DELETE", "/v1/connections", viewer, user=house.new_id())
    assert (refused.status, refused.body["code"]) == (403, "insufficient_scope")
    assert (await house.api("DELETE", "/v1/connections", None, user=house.new_id())).status == 401
    assert await house.feed() == []


async def test_a_cut_of_those_who_have_nothing_is_no_error(house, cut, admin, summaries, swept):
    assert (await cut(user=house.new_id())).status == 200
    await swept()
    assert await summaries() == []


async def test_a_second_cut_kills_what_was_born_since_the_first(house, admin, cut, alive):
    app, user = await house.app(), house.new_id()
    tenant = admin[0].gate.tenant
    numbers = []
    for _ in range(3):
        answer = await house.connected(app, tenant=tenant, user=user)
        numbers.append((await cut(user=user, client=app.id)).body["number"])
        assert not await alive(app, answer)
    assert numbers == [1, 2, 3]
    assert len(await house.sql("SELECT 1 FROM kill")) == 1, "one row for a key, however often it was cut"


async def test_a_cut_leaves_another_install_of_the_same_app_alone(house, admin, alive):
    """Install A is authorized anew and its old connection is cut; install B never notices (two codes, one client)."""
    _, tokens = admin
    app, user = await house.app(), house.new_id()
    whose = {"tenant": tokens.claims["tid"], "user": user}
    install_a, install_b = await house.connected(app, **whose), await house.connected(app, **whose)
    again_a = await house.connected(app, **whose)
    assert await house.revoke(app, install_a.body["refresh_token"]) == (200, None)
    assert not await alive(app, install_a)
    assert await alive(app, install_b)
    assert await alive(app, again_a)
