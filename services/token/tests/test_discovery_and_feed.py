"""What clients discover (RFC 8414, RFC 7517), and what verifiers pull."""

import jwt
import msgspec
import pytest

from latchkey_contracts.feed import PULL_PATH, ROLE, Floor, Page, mark
from latchkey_contracts.requests.grants import TokenApply
from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_kit.testing.services import ORIGIN

METADATA = "/.well-known/oauth-authorization-server"


async def get(house, path):
    async with house.http.get(house.served.public_url + path, headers={"Origin": "https://app.example"}) as response:
        return response, await response.json(content_type=None)


async def test_metadata_names_the_issuer_byte_for_byte(house):
    response, document = await get(house, METADATA)
    tokens = await house.connected(await house.app())
    assert response.status == 200
    assert document["issuer"] == tokens.claims["iss"] == ORIGIN
    assert response.headers["Access-Control-Allow-Origin"] == "*"


async def test_metadata_names_only_what_answers(house):
    _, document = await get(house, METADATA)
    endpoints = {name: value for name, value in document.items() if name.endswith(("_endpoint", "_uri"))}
    assert endpoints == {
        "authorization_endpoint": f"{ORIGIN}/oauth/authorize",  # auth answers this one
        "token_endpoint": f"{ORIGIN}/oauth/token",
        "revocation_endpoint": f"{ORIGIN}/oauth/revoke",
        "introspection_endpoint": f"{ORIGIN}/oauth/introspect",
        "jwks_uri": f"{ORIGIN}/oauth/jwks",
    }
    assert {"inclusive", "default", "offline_access"} <= set(document["scopes_supported"])
    for path in ("/oauth/token", "/oauth/revoke"):
        async with house.http.post(house.served.public_url + path) as response:
            assert response.status == 400
            assert "error" in await response.json()
    async with house.http.post(house.served.public_url + "/oauth/introspect", data={"token": "x"}) as response:
        assert (response.status, (await response.json())["error"]) == (401, "invalid_client")


async def test_the_keys_check_an_access_token(house, peer):
    response, keys = await get(house, "/oauth/jwks")
    token = (await house.connected(await house.app())).body["access_token"]
    kid = jwt.get_unverified_header(token)["kid"]
    (key,) = (key for key in keys["keys"] if key["kid"] == kid)
    assert jwt.decode(token, jwt.PyJWK(key), audience=f"{ORIGIN}/v1", issuer=ORIGIN)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert not any({"d", "p", "q", "k"} & set(key) for key in keys["keys"])
    inside = await peer("records", house.heads_url).send("GET", "/oauth/jwks")
    assert msgspec.json.decode(inside) == keys


async def test_openid_connect_is_not_spoken(house):
    response, body = await get(house, "/.well-known/openid-configuration")
    assert (response.status, body["code"]) == (404, "not_found")
    assert response.headers["Content-Type"].startswith("application/problem+json")
    assert response.headers["Access-Control-Allow-Origin"] == "*"


async def pull(house, peer, caller="edge", **params):
    given = {"after": "0", "verifier": caller, "applied": "0"} | params
    answer = await peer(caller, house.heads_url).send("GET", PULL_PATH, params=given)
    return msgspec.json.decode(answer, type=Page)


async def test_a_pull_tells_what_is_dead(house, peer):
    app = await house.app()
    before = await pull(house, peer)
    tokens = await house.connected(app)
    await house.revoke(app, tokens.body["access_token"])
    page = await pull(house, peer, after=str(before.head))
    marked = mark(bytes.fromhex(page.salt), "connection", tokens.claims["sid"]).hex()
    assert [(entry.kind, entry.key) for entry in page.entries] == [("connection", marked)]
    assert (page.head, page.more, page.epoch) == (before.head + 1, False, before.epoch)


async def test_every_verifier_and_the_operator_may_pull(house, peer):
    for caller in ("edge", "records", "mcp", "token", "client-registry", "audit", "auth", "operator"):
        assert (await pull(house, peer, caller)).head == 0


async def test_others_may_not_pull(house, peer):
    with pytest.raises(PeerUnavailable):
        await pull(house, peer, "stranger")
    for url in (house.served.public_url, house.served.internal_url):
        async with house.http.get(f"{url}/feed?after=0&verifier=x") as response:
            assert response.status == 404, "the feed has a process of its own"
    async with house.http.get(f"{house.heads_url}/feed?after=0&verifier=x") as response:
        assert response.status == 401


async def test_a_malformed_pull_is_a_problem(house, peer):
    malformed = (
        {"after": "-1"}, {"after": "x"}, {"after": ""}, {"after": str(2**63)}, {"applied": "1.5"},
        {"verifier": ""}, {"verifier": "a b"}, {"verifier": "é" * 40}, {"nonsense": "1"},
    )  # fmt: skip
    for params in malformed:
        with pytest.raises(PeerRefused) as refused:
            await pull(house, peer, **params)
        assert refused.value.problem.status == 400, params


async def test_a_floor_of_a_kind_that_no_verifier_knows_stays_out(house, peer):
    permissions = peer("permissions", house.served.internal_url)
    for kind in ("connection", "portfolio"):
        with pytest.raises(PeerRefused) as refused:
            await permissions.ask(TokenApply(floors=(Floor(kind=kind, key="k", revision=1),)))
        assert refused.value.problem.status == 400
    assert (await permissions.ask(TokenApply(floors=(Floor(kind=ROLE, key="k", revision=1),)))).number == 1
    page = await pull(house, peer)
    marked = mark(bytes.fromhex(page.salt), ROLE, "k").hex()
    assert [(entry.kind, entry.key, entry.value) for entry in page.entries] == [(ROLE, marked, 1)]
