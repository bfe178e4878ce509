"""A signing key in strange hands: it is out at once, and so is all that it ever signed."""

import base64

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import load_der_private_key

from latchkey_contracts.events.token import SigningKeyRetired
from latchkey_kit.entropy import SystemEntropy
from latchkey_kit.sealing import Sealer
from latchkey_kit.testing.services import MASTER_KEY, ORIGIN

SEALER = Sealer(MASTER_KEY, SystemEntropy())


@pytest.fixture
def forge(house):
    """Sign what an attacker wishes with a stolen key."""

    async def sign(kid, claims, **changed):
        (row,) = await house.sql("SELECT private_key FROM signing_key WHERE kid = $1", kid)
        private = load_der_private_key(SEALER.open(row["private_key"], f"signing key {kid}"), None)
        return jwt.encode(claims | changed, private, "ES256", {"typ": "at+jwt", "kid": kid})

    return sign


async def test_the_next_key_takes_over_at_once(house, keys, signed_by):
    active, following = await keys.in_state("active"), await keys.in_state("next")
    app = await house.app()
    tokens = await house.connected(app)
    after = await keys.retire(active, compromised=True)
    assert (after[active].state, after[active].compromised) == ("retired", True)
    assert after[following].state == "active"
    assert sum(key.state == "next" for key in after.values()) == 1
    assert active not in await keys.published()
    later = await house.refresh(app, tokens.body["refresh_token"])
    assert (later.status, signed_by(later)) == (200, following), "no connection dies of it"


async def test_verifiers_are_told_in_the_same_transaction(house, keys):
    active = await keys.in_state("active")
    await keys.retire(active, compromised=True)
    (entry,) = await house.sql("SELECT number, key, value FROM feed WHERE kind = 'kid'")
    (kill,) = await house.sql("SELECT key, source, cutoff, number, reason, swept FROM kill WHERE kind = 'kid'")
    assert (entry["key"], entry["value"]) == (active, 0)
    assert dict(kill) == {
        "key": active, "source": "owner", "cutoff": 0, "number": entry["number"], "reason": "key.retired",
        "swept": True,
    }  # fmt: skip
    await keys.retire(active, compromised=True)
    assert len(await house.sql("SELECT FROM feed WHERE kind = 'kid'")) == 1


async def test_the_event_kills_what_its_class_says_only_if_the_key_was_compromised(house, keys):
    await keys.rotate()
    former, active = await keys.in_state("former"), await keys.in_state("active")
    await keys.retire(former)
    await keys.retire(active, compromised=True)
    effect = SigningKeyRetired.effect
    told = [msgspec.json.decode(one.data) for one in await house.told() if one.type == SigningKeyRetired.type]
    assert [data["kid"] for data in told] == [former, active]
    killing = [data[effect.key[0]] for data in told if data.get(effect.where)]
    assert [row["key"] for row in await house.sql("SELECT key FROM feed WHERE kind = $1", effect.kind)] == killing


async def test_a_key_that_retired_quietly_can_still_be_called_compromised(house, keys):
    active = await keys.in_state("active")
    await keys.rotate()
    await keys.retire(active)
    after = await keys.retire(active, compromised=True)
    assert after[active].compromised
    assert [row["key"] for row in await house.sql("SELECT key FROM feed WHERE kind = 'kid'")] == [active]


async def test_a_forged_token_ends_no_connection(house, keys, forge):
    """Revocation takes expired tokens; it must not take those of a stolen key."""
    app = await house.app(client_type="public", proof="pkce")
    tokens = await house.connected(app)
    active = await keys.in_state("active")
    forged = await forge(active, tokens.claims)
    await keys.retire(active, compromised=True)
    assert (await house.revoke(app, forged))[0] == 200
    assert await house.alive(tokens.claims["sid"])
    assert (await house.refresh(app, tokens.body["refresh_token"])).status == 200


async def test_no_header_brings_a_key_of_its_own(house, keys, forge):
    """Whatever ``jwk``, ``jku`` or a strange ``kid`` say, only keys of ours are asked (RFC 8725 §3.5, §3.10)."""
    app = await house.app()
    tokens = await house.connected(app)
    kid = await keys.in_state("active")
    mine = jwt.algorithms.ECAlgorithm.from_jwk(
        '{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",'
        '"y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}'
    )
    public = jwt.algorithms.ECAlgorithm.to_jwk(mine.public_key(), as_dict=True)
    claims = tokens.claims
    attempts = [
        jwt.encode(claims, mine, "ES256", {"typ": "at+jwt", "kid": kid, "jwk": public}),
        jwt.encode(claims, mine, "ES256", {"typ": "at+jwt", "kid": kid, "jku": "https://evil.example/jwks"}),
        jwt.encode(claims, mine, "ES256", {"typ": "at+jwt", "kid": "../../dev/null"}),
        jwt.encode(claims, mine, "ES256", {"typ": "at+jwt", "kid": "' OR '1'='1"}),
        jwt.encode(claims, None, "none", {"typ": "at+jwt", "kid": kid}),
        jwt.encode(claims, "x" * 32, "HS256", {"typ": "at+jwt", "kid": kid}),
        base64.urlsafe_b64encode(b'{"alg":"ES256","typ":"at+jwt","kid":""}').decode().rstrip("=") + ".e30.AA",
    ]
    for forged in attempts:
        assert (await house.revoke(app, forged))[0] == 200
        assert (await house.api("GET", "/v1/connections", forged)).status in (401, 503)
    assert await house.alive(claims["sid"])
    assert claims["iss"] == ORIGIN
