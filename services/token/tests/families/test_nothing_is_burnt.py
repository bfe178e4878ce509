"""What somebody else brings, or brings with too much asked, burns nothing and kills nothing; a forgery is noise."""

import asyncio
import random  # noqa: TID251 - what repeats is the point here

from latchkey_kit.testing.services import ORIGIN
from latchkey_oauth.token_string import seal

WRONG_VERIFIER = "another-verifier-" + "x" * 40


async def test_a_wrong_client_burns_nothing(house):
    app, thief = await house.app(), await house.app()
    grant = await house.consent(app)
    assert (await house.exchange(thief, grant.code)).error == (400, "invalid_grant")
    first = await house.exchange(app, grant.code)
    second = await house.refresh(app, first.body["refresh_token"])
    for token in (first.body["refresh_token"], second.body["refresh_token"]):
        assert (await house.refresh(thief, token)).error == (400, "invalid_grant")
    assert (await house.exchange(thief, grant.code)).error == (400, "invalid_grant"), "the spent code neither"
    refused = [data for kind, data in await house.events(grant.connection) if kind == "token.refused"]
    assert refused == [
        {"connection": grant.connection, "reason": "wrong_client", "presented_by": thief.id} for _ in range(4)
    ]
    assert (await house.refresh(app, second.body["refresh_token"])).status == 200


async def test_a_wrong_scope_burns_nothing(house):
    app = await house.app()
    first = await house.connected(app)
    for scope in ("company:remove", "company:view asset:view", "company:view company:remove offline_access"):
        assert (await house.refresh(app, first.body["refresh_token"], scope=scope)).error == (400, "invalid_scope")
    assert (await house.refresh(app, first.body["refresh_token"])).status == 200


async def test_a_wrong_resource_burns_nothing(house):
    app = await house.app()
    first = await house.connected(app, resources=(f"{ORIGIN}/v1",))
    for resource in (f"{ORIGIN}/v1/mcp", "https://elsewhere.example", "nonsense"):
        refused = await house.refresh(app, first.body["refresh_token"], resource=resource)
        assert refused.error == (400, "invalid_target")
    narrowed = await house.refresh(app, first.body["refresh_token"], resource=f"{ORIGIN}/v1/")
    assert narrowed.claims["aud"] == f"{ORIGIN}/v1"


async def test_a_wrong_verifier_burns_nothing(house):
    app = await house.app()
    grant = await house.consent(app)
    for verifier in (WRONG_VERIFIER, "short", None):
        assert (await house.exchange(app, grant.code, code_verifier=verifier)).error == (400, "invalid_grant")
    first = await house.exchange(app, grant.code)
    assert first.status == 200
    for verifier in (WRONG_VERIFIER, "short", None):
        refused = await house.exchange(app, grant.code, code_verifier=verifier)
        assert refused.error == (400, "invalid_grant"), "nor does the spent code kill"
    assert (await house.refresh(app, first.body["refresh_token"])).status == 200
    refused = [data["reason"] for kind, data in await house.events(grant.connection) if kind == "token.refused"]
    assert refused == ["wrong_verifier"] * 6


async def test_a_wrong_secret_burns_nothing(house):
    app = await house.app()
    grant = await house.consent(app)
    assert (await house.exchange(app, grant.code, client_secret="lk_cs_wrong")).error == (401, "invalid_client")
    first = await house.exchange(app, grant.code)
    second = await house.refresh(app, first.body["refresh_token"])
    for token in (first.body["refresh_token"], second.body["refresh_token"]):
        assert (await house.refresh(app, token, client_secret="lk_cs_wrong")).error == (401, "invalid_client")
    assert (await house.refresh(app, second.body["refresh_token"])).status == 200


async def test_a_forged_flood_kills_nothing_and_leaves_no_events(house):
    """Who knows ids of connections, and how tokens are spelled, but not the key."""
    app = await house.app()
    firsts = [await house.connected(app) for _ in range(5)]
    seed = random.randrange(2**32)  # noqa: S311 - printed when it fails
    forged = list(forgeries(firsts, random.Random(seed)))  # noqa: S311 - as above
    before = len(await house.told())
    for start in range(0, len(forged), 100):
        answers = await asyncio.gather(*(house.refresh(app, text) for text in forged[start : start + 100]))
        assert {answer.error for answer in answers} == {(400, "invalid_grant")}, f"seed {seed}"
    assert len(await house.told()) == before
    assert await house.feed() == []
    for first in firsts:
        assert (await house.refresh(app, first.body["refresh_token"])).status == 200, f"seed {seed}"


def forgeries(firsts, chance):
    for first in firsts:
        sid, token = first.claims["sid"], first.body["refresh_token"]
        for generation in (1, 2, 2**32 - 1):
            for key in (1, 7):
                yield seal("refresh", sid, generation, chance.randbytes(20), key, chance.randbytes(32))
        yield from (token[:-3], token + "A", token.lower(), "lk_rt_", "x", token.replace("lk_rt_", "lk_ac_"))
        for _ in range(80):
            place = chance.randrange(len("lk_rt_"), len(token))
            other = chance.choice([letter for letter in "0123456789ABCXYZabcxyz" if letter != token[place]])
            yield token[:place] + other + token[place + 1 :]
