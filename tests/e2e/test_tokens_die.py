"""Replay, revocation and disconnection, seen from outside."""

import asyncio
import os
import statistics
import sys
import time

import pytest

from latchkey_kit.testing import eventually

ROUNDS = 20
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LIST_TOOLS = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


async def at_rest(house, token, **more):
    return (await house.ask("GET", "/v1/companies?limit=1", token, **more))[0]


async def at_mcp(house, token, **more):
    return (await house.ask("POST", "/v1/mcp", token, json=LIST_TOOLS, **more))[0]


async def until_refused(ask, house, token):
    """Milliseconds until the first 401, asking without a pause."""
    start = time.perf_counter()

    async def refused():
        status = await ask(house, token, attempts=1)
        assert status in (200, 401, 503)
        return status == 401

    await eventually(refused)
    return (time.perf_counter() - start) * 1000


async def test_replayed_token_is_dead_everywhere_in_twenty_rounds(house, carly):
    app, times = house.app("sync-demo"), {"rest": [], "mcp": []}
    for _ in range(ROUNDS):
        first = await app.connect(carly, resource=[house.api, house.mcp])
        second = await app.refreshed(first.refresh)
        assert (await at_rest(house, second.access), await at_mcp(house, second.access)) == (200, 200)
        status, body = await app.refresh(first.refresh)
        assert (status, body["error"]) == (400, "invalid_grant")
        rest, mcp = await asyncio.gather(
            until_refused(at_rest, house, second.access), until_refused(at_mcp, house, second.access)
        )
        times["rest"].append(rest)
        times["mcp"].append(mcp)
        assert (await app.refresh(second.refresh))[0] == 400
    for door, taken in times.items():
        sys.stdout.write(
            f"\n{door} refused {statistics.median(taken):.1f} ms after a replay, at most {max(taken):.1f} ms"
        )


async def test_forged_tokens_kill_nothing(house, carly):
    app = house.app("sync-demo")
    tokens = await app.connect(carly, resource=[house.api, house.mcp])
    living = tokens.refresh
    forged = [swapped(living, len("lk_rt_") + place % (len(living) - len("lk_rt_")), place) for place in range(200)]
    forged += ["lk_rt_" + "".join(ALPHABET[byte % 62] for byte in os.urandom(len(living) - 6)) for _ in range(20)]
    forged += ["lk_rt_", living[:-1], living + "0", living.upper(), "lk_ac_" + living[6:], tokens.access]
    for batch in range(0, len(forged), 10):
        answers = await asyncio.gather(*(app.refresh(token) for token in forged[batch : batch + 10]))
        assert {(status, body["error"]) for status, body in answers} == {(400, "invalid_grant")}
    assert await at_rest(house, tokens.access) == 200
    assert (await app.refresh(living))[0] == 200


def swapped(token: str, place: int, by: int) -> str:
    now = ALPHABET.index(token[place])
    return token[:place] + ALPHABET[(now + 1 + by % 61) % 62] + token[place + 1 :]


async def test_twin_of_the_claude_preset_gets_the_same_refresh_token(house, carly):
    app = house.app("claude-connector")
    first = await app.connect(carly)
    answers = await asyncio.gather(*(app.refreshed(first.refresh) for _ in range(5)))
    assert len({one.refresh for one in answers}) == 1
    assert len({one.access for one in answers}) == 5
    again = await app.refreshed(first.refresh)
    assert again.refresh == answers[0].refresh
    assert await at_mcp(house, again.access) == 200
    assert (await app.refresh(again.refresh))[0] == 200


async def test_code_that_comes_twice_kills(house, carly):
    app = house.app("claude-connector")
    url, verifier = app.ask()
    answer = await carly.authorize(url)
    form = {"grant_type": "authorization_code", "code": answer["code"], "code_verifier": verifier}
    form["redirect_uri"] = "http://127.0.0.1:4711/callback"
    status, body = await app.post("/oauth/token", form)
    assert status == 200
    assert (await app.post("/oauth/token", form))[0] == 400
    await until_refused(at_mcp, house, body["access_token"])


async def test_admin_cuts_one_connection_and_its_sibling_lives(house, carly, sam):
    admin = await house.app("admin-cli").connect(carly, resource=house.api)
    app = house.app("spa-demo")
    first, sibling = await app.connect(sam), await app.connect(sam)
    _, listed, _ = await house.ask("GET", f"/v1/connections?client={app.client_id}", admin.access)
    assert {first.claims["sid"], sibling.claims["sid"]} <= {one["id"] for one in listed["data"]}
    assert (await house.ask("DELETE", f"/v1/connections/{first.claims['sid']}", first.access))[0] == 403
    assert (await house.ask("DELETE", f"/v1/connections/{first.claims['sid']}", admin.access))[0] == 204
    await until_refused(at_rest, house, first.access)
    assert (await app.refresh(first.refresh))[0] == 400
    assert await at_rest(house, sibling.access) == 200
    assert (await app.refresh(sibling.refresh))[0] == 200


@pytest.mark.parametrize("name", ["sync-demo", "spa-demo"])
@pytest.mark.parametrize("kind", ["access", "refresh"])
async def test_app_revokes_its_own_connection(house, carly, name, kind):
    app = house.app(name)
    tokens = await app.connect(carly)
    assert await app.revoke(getattr(tokens, kind)) == 200
    await until_refused(at_rest, house, tokens.access)
    assert (await app.refresh(tokens.refresh))[0] == 400
    assert await app.revoke(tokens.refresh) == 200, "what is dead already is as good as revoked"


async def test_no_app_revokes_or_spends_the_tokens_of_another(house, carly):
    owner, other = house.app("sync-demo"), house.app("spa-demo")
    tokens = await owner.connect(carly)
    assert await other.revoke(tokens.refresh) == 400
    assert (await other.refresh(tokens.refresh))[1]["error"] == "invalid_grant"
    assert await at_rest(house, tokens.access) == 200
    assert (await owner.refresh(tokens.refresh))[0] == 200
