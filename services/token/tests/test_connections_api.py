"""``/v1/connections``: a tenant's connections for who holds the right, and nobody else's (RFC 6750, RFC 9457)."""

import pytest

from latchkey_kit.testing import eventually
from latchkey_kit.testing.services import ORIGIN


async def test_a_connection_is_shown_as_it_stands(house, admin):
    app, tokens = admin
    answer = await house.api("GET", "/v1/connections", tokens.body["access_token"])
    (shown,) = answer.body["data"]
    row = await house.row(tokens.claims["sid"])
    assert answer.status == 200
    assert answer.body["next_cursor"] is None
    assert {name: shown[name] for name in ("id", "client", "user", "scope", "status")} == {
        "id": tokens.claims["sid"], "client": app.id, "user": tokens.claims["sub"],
        "scope": ["company:view", "company:update"], "status": "active",
    }  # fmt: skip
    assert [shown[name][:19] for name in ("created_at", "last_used_at", "expires_at")] == [
        row[name].isoformat()[:19] for name in ("created_at", "rotated_at", "expires_at")
    ]
    assert (shown["revoked_at"], shown["revoked_reason"], shown["effective_at"]) == (None, None, None)
    one = await house.api("GET", f"/v1/connections/{shown['id']}", tokens.body["access_token"])
    assert (one.status, one.body) == (200, shown)


async def test_each_status_has_its_word(house, admin, given_connection):
    app, tokens = admin
    (now,) = await house.sql("SELECT clock_timestamp() - interval '1 minute' AS past, clock_timestamp() AS now")
    given = {"tenant": app.gate.tenant, "client": app.id}
    expected = {
        await given_connection(**given): "active",
        await given_connection(**given, generation=0, rotated_at=None): "pending",
        await given_connection(**given, expires_at=now["past"]): "expired",
        await given_connection(**given, expires_at=now["past"], revoked_at=now["now"]): "revoked",
        tokens.claims["sid"]: "active",
    }
    await given_connection(**given, generation=0, rotated_at=None, expires_at=now["past"])  # never a connection
    shown = (await house.api("GET", "/v1/connections", tokens.body["access_token"])).body["data"]
    assert {one["id"]: one["status"] for one in shown} == expected


async def test_those_that_ended_are_left_out_or_alone(house, admin, given_connection):
    app, tokens = admin
    (now,) = await house.sql("SELECT clock_timestamp() - interval '1 minute' AS past, clock_timestamp() AS now")
    given = {"tenant": app.gate.tenant, "client": app.id}
    living = [tokens.claims["sid"], await given_connection(**given)]
    living.append(await given_connection(**given, generation=0, rotated_at=None))
    dead = [
        await given_connection(**given, expires_at=now["past"]),
        await given_connection(**given, revoked_at=now["now"]),
        await given_connection(**given, expires_at=now["past"], revoked_at=now["now"]),
    ]
    await given_connection(**given, generation=0, rotated_at=None, expires_at=now["past"])  # never a connection
    for ended, expected in (("false", living), ("true", dead)):
        for asked in ({}, {"client": app.id}):
            answer = await house.api("GET", "/v1/connections", tokens.body["access_token"], ended=ended, **asked)
            assert [one["id"] for one in answer.body["data"]] == sorted(expected, reverse=True), (ended, asked)


@pytest.mark.parametrize("kind", ["client", "tenant_client", "tenant_user", "tenant_user_client"])
async def test_those_that_a_kill_of_many_names_have_ended_before_they_are_marked(house, admin, given_connection, kind):
    _, tokens = admin
    doomed, token = await given_connection(tenant=admin[0].gate.tenant), tokens.body["access_token"]
    row = await house.row(doomed)
    whole = {name: row[f"{name}_id"] for name in ("tenant", "user", "client")}
    await house.sql(
        "INSERT INTO kill (kind, key, source, cutoff, number, reason, swept) VALUES ($1, $2, 'token', $3, 0, '', true)",
        kind, "".join(whole[name] for name in kind.split("_")), row["born"],
    )  # fmt: skip
    for asked in ({}, {"client": row["client_id"]}, {"user": row["user_id"]}):
        living = await house.api("GET", "/v1/connections", token, ended="false", **asked)
        dead = await house.api("GET", "/v1/connections", token, ended="true", **asked)
        assert doomed not in {one["id"] for one in living.body["data"]}
        assert [one["id"] for one in dead.body["data"]] == [doomed]


async def test_pages_of_living_ones_are_full_and_go_on_when_the_last_one_seen_dies(house, admin, given_connection):
    app, tokens = admin
    (now,) = await house.sql("SELECT clock_timestamp() AS now")
    given = {"tenant": app.gate.tenant, "client": app.id}
    living = [tokens.claims["sid"]]
    for _ in range(5):
        living.append(await given_connection(**given))
        await given_connection(**given, revoked_at=now["now"])
    seen, cursor = [], {}
    while cursor is not None:
        page = await house.api(
            "GET", "/v1/connections", tokens.body["access_token"], client=app.id, ended="false", limit=2, **cursor
        )
        seen.append([one["id"] for one in page.body["data"]])
        if len(seen) == 1:
            await house.sql("UPDATE connection SET revoked_at = now() WHERE id = $1", seen[0][-1])
        cursor = {"cursor": page.body["next_cursor"]} if page.body["next_cursor"] else None
    expected = sorted(living, reverse=True)
    assert seen == [expected[:2], expected[2:4], expected[4:]]


async def test_the_list_is_paged_newest_first_and_complete(house, admin, given_connection):
    app, tokens = admin
    made = [await given_connection(tenant=app.gate.tenant, client=app.id) for _ in range(6)]
    expected = sorted([*made, tokens.claims["sid"]], reverse=True)
    seen, cursor = [], {}
    while cursor is not None:
        page = await house.api("GET", "/v1/connections", tokens.body["access_token"], limit=3, **cursor)
        seen += [one["id"] for one in page.body["data"]]
        assert len(page.body["data"]) <= 3
        cursor = {"cursor": page.body["next_cursor"]} if page.body["next_cursor"] else None
    assert seen == expected


async def test_the_list_is_filtered_by_client_and_by_user(house, admin, given_connection):
    app, tokens = admin
    other = await given_connection(tenant=app.gate.tenant)
    (row,) = await house.sql("SELECT client_id, user_id FROM connection WHERE id = $1", other)
    for asked in ({"client": row["client_id"]}, {"user": row["user_id"]}):
        found = await house.api("GET", "/v1/connections", tokens.body["access_token"], **asked)
        assert [one["id"] for one in found.body["data"]] == [other]


async def test_a_malformed_question_is_a_problem(house, admin):
    malformed = (
        {"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"cursor": "!"}, {"cursor": "AAAA"}, {"cursor": "é"},
        {"client": "x"}, {"user": "' OR 1=1"}, {"nonsense": "1"}, {"ended": "x"}, {"ended": ""}, {"ended": "2"},
    )  # fmt: skip
    for asked in malformed:
        answer = await house.api("GET", "/v1/connections", admin[1].body["access_token"], **asked)
        assert answer.status == 400, asked
        assert answer.headers["Content-Type"].startswith("application/problem+json")


async def test_a_disconnect_kills_and_says_who_did_it(house, admin, given_connection):
    app, tokens = admin
    doomed = await given_connection(tenant=app.gate.tenant)
    answer = await house.api("DELETE", f"/v1/connections/{doomed}", tokens.body["access_token"])
    assert (answer.status, answer.body) == (204, {})
    assert await house.fed() == [doomed]
    ((kind, data),) = await house.events(doomed)
    assert (kind, data["reason"], data["by"]) == ("connection.revoked", "disconnected", tokens.claims["sub"])
    (told,) = [one for one in await house.told() if one.subject == doomed]
    assert (told.userid, told.clientid) == (tokens.claims["sub"], app.id)
    assert data["client"] != app.id
    again = await house.api("DELETE", f"/v1/connections/{doomed}", tokens.body["access_token"])
    assert again.status == 204
    assert len(await house.fed()) == len(await house.events(doomed)) == 1


async def test_another_tenants_connection_does_not_exist(house, admin, given_connection, some_id):
    _, tokens = admin
    foreign = await given_connection()
    bodies = []
    for wanted in (foreign, some_id(), "x", foreign.upper()):
        answer = await house.api("DELETE", f"/v1/connections/{wanted}", tokens.body["access_token"])
        assert answer.status == 404, wanted
        bodies.append({name: value for name, value in answer.body.items() if name != "request_id"})
    assert bodies == [bodies[0]] * 4
    assert await house.alive(foreign)
    for asked in ({}, {"ended": "false"}, {"ended": "true"}):
        shown = (await house.api("GET", "/v1/connections", tokens.body["access_token"], **asked)).body["data"]
        assert foreign not in {one["id"] for one in shown}


async def test_each_verb_needs_its_own_right(house, admin, given_connection):
    app, _ = admin
    spared = await given_connection(tenant=app.gate.tenant)
    house.permissions.everybody = {"connection": ["view"]}
    viewer = (await house.connected(app, resources=(f"{ORIGIN}/v1",))).body["access_token"]
    assert (await house.api("GET", "/v1/connections", viewer)).status == 200
    refused = await house.api("DELETE", f"/v1/connections/{spared}", viewer)
    assert (refused.status, refused.body["code"]) == (403, "insufficient_scope")
    house.permissions.everybody = {"company": ["view"]}
    stranger = (await house.connected(app, resources=(f"{ORIGIN}/v1",))).body["access_token"]
    assert (await house.api("GET", "/v1/connections", stranger)).status == 403
    assert await house.alive(spared)


async def test_no_token_or_one_for_another_audience_is_challenged(house, admin):
    app, _ = admin
    for_mcp = (await house.connected(app, resources=(f"{ORIGIN}/v1/mcp",))).body["access_token"]
    for token in (None, "noise", for_mcp):
        answer = await house.api("GET", "/v1/connections", token)
        challenge = answer.headers["WWW-Authenticate"]
        assert answer.status == 401
        assert f'resource_metadata="{ORIGIN}/.well-known/oauth-protected-resource/v1"' in challenge
        assert ("invalid_token" in challenge) == (token is not None)


async def test_who_cuts_their_own_connection_is_out_at_once(house, admin):
    _, tokens = admin
    own = f"/v1/connections/{tokens.claims['sid']}"
    assert (await house.api("DELETE", own, tokens.body["access_token"])).status == 204

    async def refused():
        return (await house.api("GET", "/v1/connections", tokens.body["access_token"])).status == 401

    await eventually(refused)
