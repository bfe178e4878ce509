"""`grant_type=client_credentials` (RFC 6749 §4.4): who gets a token of its own, and what it says."""

import asyncio

import pytest

from latchkey_kit.testing.services import ORIGIN

REST, MCP = f"{ORIGIN}/v1", f"{ORIGIN}/v1/mcp"


async def test_a_client_gets_a_token_for_itself(house, own):
    app = await own.app()
    answer = await own.token(app)
    assert answer.status == 200
    assert set(answer.body) == {"access_token", "token_type", "expires_in", "scope"}, "no refresh token (§4.4.3)"
    assert (answer.body["token_type"], answer.body["expires_in"]) == ("Bearer", 3600)
    assert answer.headers["Cache-Control"] == "no-store"
    claims = answer.claims
    assert (claims["sub"], claims["client_id"], claims["tid"]) == (app.id, app.id, app.gate.tenant)
    assert (claims["iss"], claims["aud"]) == (ORIGIN, [REST, MCP])
    assert answer.body["scope"].split(" ") == ["connection:remove", "connection:view"]


async def test_the_token_works(house, own):
    app = await own.app()
    token = (await own.token(app)).body["access_token"]
    await house.lease(token)
    listed = await house.api("GET", "/v1/connections", token)
    assert listed.status == 200
    (shown,) = listed.body["data"]
    assert (shown["user"], shown["client"], shown["status"]) == (app.id, app.id, "active")


async def test_secret_may_come_by_basic(own):
    assert (await own.token(await own.app(), basic=True)).status == 200


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"client_credentials": False}, (400, "unauthorized_client")),
        ({"client_type": "public", "proof": "pkce"}, (400, "unauthorized_client")),
        ({"barred": True}, (401, "invalid_client")),
    ],
)
async def test_a_client_that_may_not(house, own, fields, error):
    app = await own.app(**fields)
    assert (await own.token(app)).error == error
    assert not await house.sql("SELECT FROM connection")


async def test_without_its_secret_it_is_nobody(house, own):
    for proof in ("both", "secret", "pkce"):
        app = await own.app(proof=proof)
        for secret in (None, "wrong", ""):
            assert (await own.token(app, client_secret=secret)).error == (401, "invalid_client"), (proof, secret)
    assert (await own.token(app, client_id="unheard-of")).error == (401, "invalid_client")
    assert not await house.sql("SELECT FROM connection")


async def test_all_its_tokens_are_of_one_connection(house, own):
    app = await own.app()
    answers = await asyncio.gather(*(own.token(app) for _ in range(40)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.claims["sid"] for answer in answers}) == 1
    assert len({answer.claims["jti"] for answer in answers}) == 40
    assert house.permissions.resolved == 1, "asked once, for all that came together"


async def test_clients_side_by_side_have_their_own(own):
    apps = [await own.app() for _ in range(5)]
    answers = await asyncio.gather(*(own.token(app) for app in apps for _ in range(10)))
    assert [answer.claims["sub"] for answer in answers] == [app.id for app in apps for _ in range(10)]
    assert len({answer.claims["sid"] for answer in answers}) == 5


async def test_every_token_is_told(house, own):
    app = await own.app()
    first = await own.token(app)
    await asyncio.gather(*(own.token(app) for _ in range(9)))
    told = await house.events(first.claims["sid"])
    assert [kind for kind, _ in told] == ["token.issued"] * 10
    assert told[0][1] == {
        "connection": first.claims["sid"], "client": app.id, "scope": ["connection:remove", "connection:view"],
    }  # fmt: skip


async def test_scope_narrows_the_token(house, own):
    app = await own.app()
    whole = await own.token(app)
    narrow = await own.token(app, scope="connection:view")
    assert narrow.body["scope"] == "connection:view"
    assert narrow.claims["sid"] == whole.claims["sid"]
    assert narrow.claims["prm"] != whole.claims["prm"], "another grant document"
    for words in ("inclusive", "default", "*", "offline_access", "inclusive connection:view"):
        assert (await own.token(app, scope=words)).claims["prm"] == whole.claims["prm"]
    assert (await own.token(app, scope="offline_access connection:view")).claims["prm"] == narrow.claims["prm"]


@pytest.mark.parametrize("scope", ["role:view", "connection:view role:view", "connection:create", "a:b", ":", "::"])
async def test_scope_never_widens(own, scope):
    assert (await own.token(await own.app(), scope=scope)).error == (400, "invalid_scope")


async def test_a_right_that_came_later_waits_for_the_next_connection(house, own):
    app = await own.app()
    await own.token(app)
    house.permissions.everybody = house.permissions.everybody | {"role": ["view"]}
    assert (await own.token(app, scope="role:view")).error == (400, "invalid_scope")
    app = await house.changed(app)
    assert (await own.token(app, scope="role:view")).body["scope"] == "role:view"


async def test_resources_are_what_the_client_names(own):
    app, preset = await own.app(), await own.app(default_audience="mcp")
    assert (await own.token(app, resource=MCP)).claims["aud"] == MCP
    assert (await own.token(preset)).claims["aud"] == MCP
    assert (await own.token(preset, resource=REST)).claims["aud"] == REST
    assert (await own.token(app, resource="https://elsewhere.example")).error == (400, "invalid_target")


async def test_a_client_without_permissions_is_told_so(house, own):
    house.permissions.everybody = {}
    app = await own.app()
    assert (await own.token(app)).error == (400, "unauthorized_client")
    house.permissions.everybody = {"connection": ["view"]}
    assert (await own.token(app)).status == 200


async def test_while_permissions_is_away_only_the_first_token_waits(house, own):
    app, newcomer = await own.app(), await own.app()
    await own.token(app)
    house.permissions.away = True
    assert (await own.token(app)).status == 200
    answer = await own.token(newcomer)
    assert answer.error == (503, "temporarily_unavailable")
    assert int(answer.headers["Retry-After"]) <= 5


async def test_introspection_shows_the_scope_of_the_token_itself(house, own):
    app = await own.app()
    answer = await own.token(app, scope="connection:view")
    form = {"token": answer.body["access_token"], "client_id": app.id, "client_secret": app.secret}
    async with house.http.post(f"{house.served.public_url}/oauth/introspect", data=form) as response:
        shown = await response.json()
    assert (shown["active"], shown["scope"], shown["sub"]) == (True, "connection:view", app.id)
