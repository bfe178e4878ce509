"""Keys come from the token service, are asked for once, and seldom."""

import asyncio

import pytest

from latchkey_kit.testing import eventually
from latchkey_verify import InvalidToken, NoLease
from latchkey_verify.testing import Issuer

JWKS = "/oauth/jwks"


@pytest.mark.parametrize(
    "kid", ["unknown", "../../../etc/passwd", "' OR 1=1 --", "key-1\nkey-2", "key-1\x00", "KEY-1", "k" * 128]
)
async def test_kid_that_names_nothing_is_refused(verifier, setting, kid):
    with pytest.raises(InvalidToken, match="unknown_key"):
        await verifier.check(setting.issuer.mint({"kid": kid}), setting.api)


@pytest.mark.parametrize("kid", ["", "k" * 129, "k" * 5000])
async def test_kid_of_absurd_length_is_malformed(verifier, setting, kid):
    with pytest.raises(InvalidToken, match="malformed"):
        await verifier.check(setting.issuer.mint({"kid": kid}), setting.api)


async def test_flood_of_unknown_keys_asks_once(verifier, setting):
    before = setting.owners.asked[JWKS]
    setting.clock.advance(10)
    await setting.owners.asked_again("/feed")
    flood = [setting.issuer.mint({"kid": f"unknown-{number}"}) for number in range(50)]
    results = await asyncio.gather(*(verifier.check(token, setting.api) for token in flood), return_exceptions=True)
    assert {str(result) for result in results} == {"unknown_key"}
    results = await asyncio.gather(*(verifier.check(token, setting.api) for token in flood), return_exceptions=True)
    assert {str(result) for result in results} == {"unknown_key"}
    assert setting.owners.asked[JWKS] == before + 1


async def test_new_key_is_found_when_the_first_token_names_it(verifier, setting):
    new = Issuer(setting.issuer.issuer, setting.api, setting.clock, kid="key-2")
    setting.owners.issuers.append(new)
    setting.clock.advance(10)
    await setting.owners.asked_again("/feed")
    assert (await verifier.check(new.mint(), setting.api)).kid == "key-2"
    assert (await verifier.check(setting.issuer.mint(), setting.api)).kid == "key-1"


async def test_token_of_a_withdrawn_key_is_refused_though_it_was_seen_before(verifier, setting):
    token = setting.issuer.mint()
    await verifier.check(token, setting.api)
    setting.owners.issuers[:] = [Issuer(setting.issuer.issuer, setting.api, setting.clock, kid="key-2")]
    setting.clock.advance(10)
    await setting.owners.asked_again("/feed")
    assert await verifier.check(setting.owners.issuers[0].mint(), setting.api)
    with pytest.raises(InvalidToken, match="unknown_key"):
        await verifier.check(token, setting.api)


async def test_no_keys_yet_is_no_fault_of_the_token(setting):
    setting.owners.away.add(JWKS)
    async with setting.verifier() as verifier:
        await eventually(lambda: verifier.problem() == "the signing keys are not known yet")
        with pytest.raises(NoLease):
            await verifier.check(setting.issuer.mint(), setting.api)
        setting.owners.away.clear()
        setting.clock.advance(0.5)
        await setting.owners.asked_again("/feed")
        assert await verifier.check(setting.issuer.mint(), setting.api)


@pytest.mark.parametrize(
    "spoil", [{"kty": "RSA"}, {"crv": "P-384"}, {"alg": "HS256"}, {"use": "enc"}, {"x": "AAAA"}, {"kid": 5}]
)
async def test_key_that_we_cannot_use_is_left_out(setting, ready, spoil):
    class Odd(Issuer):
        def jwk(self):
            return super().jwk() | spoil

    odd = Odd(setting.issuer.issuer, setting.api, setting.clock, kid="odd")
    setting.owners.issuers.insert(0, odd)
    async with setting.verifier() as verifier:
        await ready(verifier)
        assert await verifier.check(setting.issuer.mint(), setting.api)
        with pytest.raises(InvalidToken, match="unknown_key"):
            await verifier.check(odd.mint(), setting.api)


async def test_key_set_without_a_usable_key_does_not_replace_the_one_we_have(verifier, setting):
    setting.owners.issuers.clear()
    setting.clock.advance(10)
    await setting.owners.asked_again("/feed")
    with pytest.raises(NoLease):
        await verifier.check(setting.issuer.mint({"kid": "key-2"}), setting.api)
    assert await verifier.check(setting.issuer.mint(), setting.api)
