"""Named attacks on the token check (RFC 8725, RFC 9068 §4)."""

import base64
import hashlib
import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from latchkey_verify import InvalidToken, tokens


def b64(data):
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


async def reason(verifier, token, audience):
    with pytest.raises(InvalidToken) as refused:
        await verifier.check(token, audience)
    return refused.value.reason


async def test_good_token_speaks_for_its_connection(verifier, setting):
    token = setting.issuer.mint(born=42, aud=[setting.api, setting.mcp])
    bearer = await verifier.check(token, setting.mcp)
    assert (bearer.connection, bearer.tenant, bearer.user) == ("c" * 32, "1" * 32, "2" * 32)
    assert (bearer.client, bearer.document, bearer.born) == ("3" * 32, "d" * 64, 42)
    assert bearer.audiences == (setting.api, setting.mcp)
    assert (bearer.expires - setting.clock.now()).total_seconds() == 3600


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", ""])
async def test_unsigned_token_is_refused(verifier, setting, alg):
    header = {"alg": alg, "typ": "at+jwt", "kid": "key-1"}
    claims = b64(setting.issuer.claims())
    assert await reason(verifier, f"{b64(header)}.{claims}.", setting.api) == "malformed"
    assert await reason(verifier, f"{b64(header)}.{claims}.AAAA", setting.api) == "wrong_algorithm"


async def test_hmac_with_the_public_key_is_refused(verifier, setting):
    public = setting.issuer.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for alg in ("HS256", "ES256"):
        signing = f"{b64({'alg': alg, 'typ': 'at+jwt', 'kid': 'key-1'})}.{b64(setting.issuer.claims())}"
        token = f"{signing}.{b64(hmac.new(public, signing.encode(), hashlib.sha256).digest())}"
        assert await reason(verifier, token, setting.api) in {"wrong_algorithm", "wrong_signature"}


async def test_signature_of_another_key_is_refused_though_the_header_brings_the_key(verifier, setting):
    thief = ec.generate_private_key(ec.SECP256R1())
    own = jwt.algorithms.ECAlgorithm.to_jwk(thief.public_key(), as_dict=True)
    for extra in (
        {},
        {"jwk": own},
        {"jku": "https://thief.test/keys"},
        {"x5u": "https://thief.test/c"},
        {"x5c": ["A"]},
    ):
        header = {"typ": "at+jwt", "kid": "key-1", **extra}
        token = jwt.encode(setting.issuer.claims(), thief, algorithm="ES256", headers=header)
        assert await reason(verifier, token, setting.api) == "wrong_signature"


async def test_signature_cut_or_changed_is_refused(verifier, setting):
    token = setting.issuer.mint()
    head, claims, _ = token.split(".")
    stranger = b64(setting.issuer.claims(sub="9" * 32))
    for forged in (f"{head}.{claims}.AAAA", f"{head}.{claims}.{'A' * 86}", f"{head}.{stranger}.{token.split('.')[2]}"):
        assert await reason(verifier, forged, setting.api) == "wrong_signature"


@pytest.mark.parametrize("typ", ["JWT", "logout+jwt", "client-authentication+jwt", "AT+JWT", "application/at+jwt", ""])
async def test_token_of_another_type_is_refused(verifier, setting, typ):
    assert await reason(verifier, setting.issuer.mint({"typ": typ}), setting.api) == "wrong_type"


async def test_header_without_algorithm_type_or_kid_is_refused(verifier, setting):
    for missing in ("alg", "typ", "kid"):
        assert await reason(verifier, setting.issuer.mint({missing: None}), setting.api) == "malformed"


@pytest.mark.parametrize(
    "header", [{"crit": ["exp"]}, {"crit": []}, {"crit": ["b64"], "b64": True}, {"b64": True}, {"b64": False}]
)
async def test_extension_that_must_be_understood_is_refused(verifier, setting, header):
    assert await reason(verifier, setting.issuer.mint(header), setting.api) == "unknown_extension"


async def test_two_spellings_of_one_token_are_not_both_taken(verifier, setting):
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = setting.issuer.mint()
    assert await verifier.check(token, setting.api)
    twin = token[:-1] + digits[digits.index(token[-1]) + 1]
    assert base64.urlsafe_b64decode(twin.split(".")[2] + "==") == base64.urlsafe_b64decode(token.split(".")[2] + "==")
    for other in (twin, token + "=", token + "\n", " " + token, token.replace(".", ".\u200b", 1)):
        assert await reason(verifier, other, setting.api) == "malformed"


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b", "a.b.c.d", "a.b.c", "A" * 65536, "é.é.é", "\ud800", "e30.e30.e30"]
)
async def test_noise_is_malformed(verifier, setting, token):
    assert await reason(verifier, token, setting.api) == "malformed"


async def test_token_of_64_kilobytes_is_refused_before_its_signature_is_looked_at(verifier, setting):
    token = setting.issuer.mint(extra="x" * 48_000)
    assert await reason(verifier, token, setting.api) == "malformed"
    with pytest.raises(InvalidToken, match="malformed"):
        tokens.kid_of(token)


@pytest.mark.parametrize("payload", [b"[]", b"null", b"\xff\xfe", b"{", b"[" * 5000, b'{"x":' + b"[" * 5500])
async def test_signed_payload_that_is_no_claim_set_is_refused(verifier, setting, payload):
    token = setting.issuer.sign(payload)
    assert await reason(verifier, token, setting.api) == "wrong_claims"


@pytest.mark.parametrize("claim", ["aud", "sub", "client_id", "tid", "sid", "born", "jti", "iat", "exp", "prm", "iss"])
async def test_every_claim_is_required(verifier, setting, claim):
    assert await reason(verifier, setting.issuer.mint(**{claim: None}), setting.api) == "wrong_claims"


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("exp", "9999999999"), ("exp", 1e12), ("exp", 1.5e9), ("exp", True), ("exp", [1]), ("exp", 10**30), ("exp", -1),
        ("iat", "0"), ("iat", -5), ("born", "7"), ("born", -1), ("born", 2**70), ("jti", ""), ("jti", "x" * 500),
        ("sub", "2" * 31), ("sub", "G" * 32), ("sub", "A" * 32), ("sub", "2" * 32 + "\n"), ("client_id", "lk.>"),
        ("tid", "../../etc"), ("sid", ""), ("sid", ["c" * 32]), ("prm", "d" * 63), ("aud", 5), ("aud", {"a": 1}),
    ],
)  # fmt: skip
async def test_claim_of_another_shape_is_refused(verifier, setting, claim, value):
    payload = json.dumps(setting.issuer.claims() | {claim: value}).encode()
    assert await reason(verifier, setting.issuer.sign(payload), setting.api) == "wrong_claims"


@pytest.mark.parametrize("exp", [b"1e400", b"NaN", b"Infinity", b"1e3"])
async def test_number_that_json_should_not_hold_is_refused(verifier, setting, exp):
    payload = json.dumps(setting.issuer.claims() | {"exp": 0}).encode().replace(b'"exp": 0', b'"exp": ' + exp)
    token = setting.issuer.sign(payload)
    assert await reason(verifier, token, setting.api) == "wrong_claims"


async def test_issuer_is_compared_byte_for_byte(verifier, setting):
    for iss in (f"{setting.issuer.issuer}/", f"{setting.issuer.issuer}.thief.test", "https://API.latchkey.test", ""):
        assert await reason(verifier, setting.issuer.mint(iss=iss), setting.api) == "wrong_issuer"


async def test_audience_is_compared_by_exact_value(verifier, setting):
    for aud in (
        setting.mcp,
        f"{setting.api}/",
        [f"{setting.api}2"],
        [],
        "https://api.latchkey.test",
        [setting.api.upper()],
    ):
        assert await reason(verifier, setting.issuer.mint(aud=aud), setting.api) == "wrong_audience"
    token = setting.issuer.mint(aud=[setting.mcp, setting.api])
    assert await verifier.check(token, setting.api) == await verifier.check(token, setting.mcp)


async def test_warm_token_is_still_held_to_its_audience(verifier, setting):
    token = setting.issuer.mint()
    await verifier.check(token, setting.api)
    assert await reason(verifier, token, setting.mcp) == "wrong_audience"


async def test_token_ends_when_it_says_so_warm_or_not(verifier, setting):
    now = int(setting.clock.now().timestamp())
    warm, cold = setting.issuer.mint(exp=now + 1), setting.issuer.mint(exp=now + 1, jti="b" * 32)
    await verifier.check(warm, setting.api)
    setting.clock.advance(1)
    assert await reason(verifier, warm, setting.api) == "expired"
    assert await reason(verifier, cold, setting.api) == "expired"


async def test_token_from_the_future_is_refused_beyond_the_skew_of_clocks(verifier, setting):
    now = int(setting.clock.now().timestamp())
    assert await verifier.check(setting.issuer.mint(iat=now + 30), setting.api)
    assert await reason(verifier, setting.issuer.mint(iat=now + 31), setting.api) == "wrong_times"
    assert await reason(verifier, setting.issuer.mint(nbf=now + 31), setting.api) == "wrong_times"
    assert await reason(verifier, setting.issuer.mint(iat=now, exp=now), setting.api) == "wrong_times"


async def test_warm_check_does_not_wait(verifier, setting):
    token = setting.issuer.mint()
    assert verifier.check_now(token, setting.api) is None
    bearer = await verifier.check(token, setting.api)
    assert verifier.check_now(token, setting.api) is bearer


async def test_audience_that_is_not_ours_is_a_mistake_of_the_wiring(verifier, setting):
    with pytest.raises(ValueError, match="no audience of this verifier"):
        await verifier.check(setting.issuer.mint(), "https://other.test")
