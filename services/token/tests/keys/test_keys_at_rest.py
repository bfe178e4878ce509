"""Signing and MAC keys: made once, sealed at rest, never shown (real PostgreSQL)."""

import asyncio
import base64
import datetime as dt
import json

import jwt
import msgspec
import pytest

from latchkey_kit.entropy import SystemEntropy
from latchkey_kit.sealing import Sealer, SealError
from latchkey_token.keys.mac_keys import load_mac_keys
from latchkey_token.keys.signing import AccessClaims
from latchkey_token.keys.signing_keys import load_signer

ISSUER = "https://api.latchkey.test"
NOW = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
ENTROPY = SystemEntropy()
SEALER = Sealer(base64.b64encode(b"k" * 32).decode(), ENTROPY)
OTHER_SEALER = Sealer(base64.b64encode(b"o" * 32).decode(), ENTROPY)


def claims(**changed):
    given = {
        "sub": "1" * 32, "client_id": "2" * 32, "tid": "3" * 32, "sid": "4" * 32, "born": 5,
        "aud": (f"{ISSUER}/v1",), "prm": "6" * 64, "jti": "7" * 32,
        "iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 3600,
    }  # fmt: skip
    return AccessClaims(**(given | changed))


@pytest.fixture
async def signer(database):
    return await load_signer(database, SEALER, ISSUER, lifetime=3600)


async def test_starts_at_the_same_time_make_one_set_of_keys(database):
    signers = await asyncio.gather(*(load_signer(database, SEALER, ISSUER, lifetime=3600) for _ in range(6)))
    macs = await asyncio.gather(*(load_mac_keys(database, SEALER, ENTROPY) for _ in range(6)))
    (published,) = {msgspec.json.encode(signer.jwks()) for signer in signers}
    assert len(json.loads(published)["keys"]) == 2
    assert all(signers[0].read(signer.sign(claims())) for signer in signers)
    assert macs == [macs[0]] * 6


async def test_keys_survive_a_restart(database, signer):
    token, macs = signer.sign(claims()), await load_mac_keys(database, SEALER, ENTROPY)
    assert (await load_signer(database, SEALER, ISSUER, lifetime=3600)).read(token).connection == "4" * 32
    assert await load_mac_keys(database, SEALER, ENTROPY) == macs


async def test_an_access_token_is_what_rfc_9068_says(signer):
    token = signer.sign(claims())
    header = jwt.get_unverified_header(token)
    assert (header["typ"], header["alg"]) == ("at+jwt", "ES256")
    published = {key.kid: msgspec.to_builtins(key) for key in signer.jwks().keys}
    payload = jwt.decode(
        token,
        jwt.PyJWK(published[header["kid"]]),
        audience=f"{ISSUER}/v1",
        issuer=ISSUER,
        options={"verify_exp": False},
    )
    assert payload["iss"] == ISSUER
    assert payload["aud"] == f"{ISSUER}/v1"
    assert set(payload) == {
        "iss", "aud", "sub", "client_id", "tid", "sid", "born", "jti", "iat", "exp", "prm",
    }  # fmt: skip


async def test_two_audiences_are_a_list(signer):
    payload = jwt.decode(signer.sign(claims(aud=("a", "b"))), options={"verify_signature": False})
    assert payload["aud"] == ["a", "b"]


async def test_the_published_keys_have_no_private_member(signer):
    shown = json.loads(msgspec.json.encode(signer.jwks()))["keys"]
    assert [set(key) for key in shown] == [{"kty", "crv", "kid", "x", "y", "use", "alg"}] * 2
    assert len({key["kid"] for key in shown}) == 2


async def test_a_token_is_read_again_whatever_its_times(signer):
    for iat in (1000, int(NOW.timestamp()), 2**35):
        assert signer.read(signer.sign(claims(iat=iat, exp=iat + 1))).client == "2" * 32


async def test_a_token_signed_by_somebody_else_is_nobodys(database, signer, make_database):
    impostor = jwt.encode(
        msgspec.structs.asdict(claims()) | {"iss": ISSUER}, "a guess that is long enough for HMAC", "HS256",
        {"typ": "at+jwt", "kid": jwt.get_unverified_header(signer.sign(claims()))["kid"]},
    )  # fmt: skip
    for foreign in ("", "noise", "a.b.c", impostor, signer.sign(claims())[:-4] + "AAAA"):
        assert signer.read(foreign) is None
    elsewhere = await load_signer(database, SEALER, "https://elsewhere.test", lifetime=3600)
    assert signer.read(elsewhere.sign(claims())) is None, "the same key, another issuer"


async def test_no_key_lies_in_the_database_in_the_clear(database, signer):
    macs = await load_mac_keys(database, SEALER, ENTROPY)
    async with database.connection() as connection:
        stored = await connection.fetch(
            "SELECT key AS sealed FROM mac_key UNION ALL SELECT private_key FROM signing_key"
        )
    sealed = b"".join(row["sealed"] for row in stored)
    assert not any(key in sealed for key in (*macs.keys.values(), macs.derive))
    assert b"\x2a\x86\x48\xce\x3d\x02\x01" not in sealed, "the object identifier that every PKCS #8 EC key starts with"
    assert macs.current.hex() not in repr(macs)


async def test_another_master_key_opens_nothing(database, signer):
    await load_mac_keys(database, SEALER, ENTROPY)
    with pytest.raises(SealError):
        await load_signer(database, OTHER_SEALER, ISSUER, lifetime=3600)
    with pytest.raises(SealError):
        await load_mac_keys(database, OTHER_SEALER, ENTROPY)
