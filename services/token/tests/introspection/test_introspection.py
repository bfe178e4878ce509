"""`POST /oauth/introspect` (RFC 7662): the truth for who may know it, one word for everybody else."""

import asyncio

import jwt
import pytest

from latchkey_kit.testing import eventually
from latchkey_kit.testing.services import ORIGIN

INACTIVE = (200, {"active": False})
REST, MCP = f"{ORIGIN}/v1", f"{ORIGIN}/v1/mcp"


async def test_an_access_token_is_shown_to_its_client(house, introspect):
    app = await house.app()
    tokens = await house.connected(app)
    status, shown = await introspect(tokens.body["access_token"], app)
    claims = tokens.claims
    assert status == 200
    assert shown == {
        "active": True, "scope": "company:view company:update", "token_type": "Bearer",
        **{name: claims[name] for name in ("client_id", "sub", "aud", "iss", "iat", "exp", "jti", "tid", "sid")},
    }  # fmt: skip


async def test_a_refresh_token_is_shown_to_its_client(house, introspect):
    app = await house.app()
    tokens = await house.connected(app)
    status, shown = await introspect(tokens.body["refresh_token"], app, token_type_hint="access_token")
    claims = tokens.claims
    assert (status, shown["active"], shown["aud"]) == (200, True, [REST, MCP])
    assert {name: shown[name] for name in ("client_id", "sub", "iss", "sid", "tid")} == {
        name: claims[name] for name in ("client_id", "sub", "iss", "sid", "tid")
    }
    assert shown["exp"] - shown["iat"] == 365 * 24 * 3600
    assert "token_type" not in shown, "nobody takes it for an access token"


async def test_only_the_current_refresh_token_is_good(house, introspect):
    app = await house.app(retry_window=30)
    tokens = await house.connected(app)
    later = await house.refresh(app, tokens.body["refresh_token"])
    assert await introspect(tokens.body["refresh_token"], app) == INACTIVE
    assert (await introspect(later.body["refresh_token"], app))[1]["active"]
    assert (await introspect(tokens.body["access_token"], app))[1]["active"], "it was not asked to die"


async def test_asking_about_a_spent_token_kills_nothing(house, introspect):
    app = await house.app()
    tokens = await house.connected(app)
    later = await house.refresh(app, tokens.body["refresh_token"])
    assert await introspect(tokens.body["refresh_token"], app) == INACTIVE
    assert await house.alive(tokens.claims["sid"])
    assert (await house.refresh(app, later.body["refresh_token"])).status == 200


async def test_all_of_a_dead_connection_is_inactive(house, introspect):
    app = await house.app()
    tokens = await house.connected(app)
    await house.revoke(app, tokens.body["refresh_token"])
    assert await introspect(tokens.body["access_token"], app) == INACTIVE
    assert await introspect(tokens.body["refresh_token"], app) == INACTIVE


async def test_a_wide_kill_counts_at_once(house, introspect):
    app = await house.app()
    tokens = await house.connected(app)
    await house.sql(
        "INSERT INTO kill (kind, key, source, cutoff, number, reason) VALUES ('tenant', $1, 'owner', $2, 1, 'test')",
        app.gate.tenant, tokens.claims["born"],
    )  # fmt: skip
    assert await introspect(tokens.body["access_token"], app) == INACTIVE
    assert await introspect(tokens.body["refresh_token"], app) == INACTIVE


async def test_a_token_of_another_client_is_inactive(house, introspect):
    mine, theirs = await house.app(), await house.app()
    tokens = await house.connected(theirs)
    for token in (tokens.body["access_token"], tokens.body["refresh_token"]):
        assert await introspect(token, mine) == INACTIVE
        assert (await introspect(token, theirs))[1]["active"]


async def test_an_expired_token_is_inactive(running_house, introspect, house):
    async with running_house(access_token_lifetime=1) as brief:
        app = await brief.app()
        tokens = await brief.connected(app)
        house.registry.gates[app.id] = app.gate

        async def is_over():
            return await introspect(tokens.body["access_token"], app) == INACTIVE

        await eventually(is_over)
        assert (await introspect(tokens.body["refresh_token"], app))[1]["active"]


async def test_a_code_is_no_token(house, introspect):
    app = await house.app()
    grant = await house.consent(app)
    assert await introspect(grant.code, app) == INACTIVE
    assert (await house.exchange(app, grant.code)).status == 200, "and asking spent nothing"


async def test_a_strange_token_is_never_an_error(house, introspect):
    app = await house.app()
    tokens = await house.connected(app)
    kid = jwt.get_unverified_header(tokens.body["access_token"])["kid"]
    header = {"typ": "at+jwt", "kid": kid}
    strange = [
        "x", "a.b.c", "...", "é" * 100, "eyJhbGciOiJub25lIn0.e30.", "lk_rt_" + "0" * 86, "lk_at_1", "' OR 1=1 --", "%",
        tokens.body["access_token"][:-2], tokens.body["access_token"] + "A", tokens.body["refresh_token"][:-1] + "~",
        jwt.encode(tokens.claims, None, "none", header),
        jwt.encode(tokens.claims, "s" * 32, "HS256", header),
        jwt.encode(tokens.claims, "s" * 32, "HS256", {"typ": "at+jwt", "kid": "../../../etc/passwd"}),
        "a" * 8000,
    ]  # fmt: skip
    for token in strange:
        assert await introspect(token, app) == INACTIVE, token[:40]


async def test_a_token_of_a_compromised_key_is_inactive_whatever_this_instance_knows(house, introspect):
    app = await house.app()
    tokens = await house.connected(app)
    kid = jwt.get_unverified_header(tokens.body["access_token"])["kid"]
    await house.sql(  # the row alone: no instance has been told of it
        "INSERT INTO kill (kind, key, source, cutoff, number, reason) VALUES ('kid', $1, 'owner', 0, 1, 'key.retired')",
        kid,
    )
    assert await introspect(tokens.body["access_token"], app) == INACTIVE
    assert (await introspect(tokens.body["refresh_token"], app))[1]["active"]


async def test_who_does_not_prove_itself_learns_nothing(house, introspect):
    app, public = await house.app(), await house.app(client_type="public", proof="pkce")
    by_pkce = await house.app(proof="pkce")
    token = (await house.connected(public)).body["access_token"]
    for fields in (
        {"client_id": app.id, "client_secret": "wrong"},
        {"client_id": app.id},
        {"client_id": by_pkce.id},
        {"client_id": public.id},
        {"client_id": public.id, "client_secret": "anything"},
        {"client_id": "partner", "client_secret": "anything"},
        {},
    ):
        status, body = await introspect(token, **fields)
        assert (status, body["error"]) == (401, "invalid_client"), fields
        assert "active" not in body
    status, body = await introspect(token, basic=(app.id, "wrong"))
    assert (status, body["error"]) == (401, "invalid_client")


async def test_a_question_without_a_token_is_malformed(house, introspect):
    app = await house.app()
    status, body = await introspect(None, app)
    assert (status, body["error"]) == (400, "invalid_request")
    async with house.http.get(f"{house.served.public_url}/oauth/introspect") as response:
        assert response.status == 405, "a token in an address would be logged"


async def test_many_who_ask_at_once_all_get_their_own(house, introspect):
    app = await house.app()
    tokens = [await house.connected(app) for _ in range(8)]
    await house.revoke(app, tokens[3].body["access_token"])
    asked = [one for one in tokens for _ in range(20)]
    answers = await asyncio.gather(*(introspect(one.body["access_token"], app) for one in asked))
    for one, (status, shown) in zip(asked, answers, strict=True):
        assert status == 200
        assert shown.get("sid") == (None if one is tokens[3] else one.claims["sid"])


@pytest.mark.parametrize("resource", [REST, MCP])
async def test_a_resource_server_sees_what_is_for_it(house, introspect, resource_server, resource):
    server = await resource_server(audience=resource)
    app = await house.app()
    grant = await house.consent(app)
    mine = await house.exchange(app, grant.code, resource=resource)
    both = await house.connected(app)
    other = await house.exchange(app, (await house.consent(app)).code, resource=MCP if resource == REST else REST)
    assert (await introspect(mine.body["access_token"], basic=server))[1]["sub"] == mine.claims["sub"]
    assert (await introspect(both.body["access_token"], basic=server))[1]["active"]
    assert await introspect(other.body["access_token"], basic=server) == INACTIVE


async def test_a_resource_server_is_not_shown_refresh_tokens(house, introspect, resource_server):
    """It would take one for a bearer token, and whoever has it could come in."""
    server = await resource_server()
    tokens = await house.connected(await house.app())
    assert await introspect(tokens.body["refresh_token"], basic=server) == INACTIVE
