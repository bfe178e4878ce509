"""RFC 7009: any token of a connection, of any generation, brought by its own client, ends the connection."""

from latchkey_kit.entropy import SystemEntropy
from latchkey_kit.sealing import Sealer
from latchkey_token.keys.signing import AccessClaims
from latchkey_token.keys.signing_keys import load_signer

GARBAGE = ("x", "lk_rt_" + "0" * 86, "a.b.c", "é\u2028", "lk_rt_" + "z" * 86)


async def test_a_refresh_token_ends_its_connection(house):
    app = await house.app()
    tokens = await house.connected(app)
    sid = tokens.claims["sid"]
    assert await house.revoke(app, tokens.body["refresh_token"]) == (200, None)
    assert not await house.alive(sid)
    assert await house.fed() == [sid]
    assert (await house.row(sid))["revoked_reason"] == "revoked_by_client"
    assert (await house.events(sid))[-1][0] == "connection.revoked"
    assert (await house.refresh(app, tokens.body["refresh_token"])).error == (400, "invalid_grant")


async def test_a_token_of_any_generation_does(house):
    app = await house.app()
    for spent in ("code", "first refresh token", "access token"):
        grant = await house.consent(app)
        first = await house.exchange(app, grant.code)
        second = await house.refresh(app, first.body["refresh_token"])
        shown = {
            "code": grant.code,
            "first refresh token": first.body["refresh_token"],
            "access token": second.body["access_token"],
        }[spent]
        assert await house.revoke(app, shown, token_type_hint="nonsense") == (200, None)
        assert not await house.alive(grant.connection), spent


async def test_a_code_that_was_never_exchanged_does(house):
    app = await house.app(client_type="public")
    grant = await house.consent(app)
    assert await house.revoke(app, grant.code) == (200, None)
    assert (await house.exchange(app, grant.code)).error == (400, "invalid_grant")


async def test_an_expired_access_token_does(house, database):
    app = await house.app()
    tokens = await house.connected(app)
    signer = await load_the_signer(house, database)
    spent = {**tokens.claims, "aud": tuple(tokens.claims["aud"]), "iat": 1000, "exp": 2000}
    del spent["iss"]
    assert await house.revoke(app, signer.sign(AccessClaims(**spent))) == (200, None)
    assert not await house.alive(tokens.claims["sid"])


async def load_the_signer(house, database):
    settings = house.served.settings
    return await load_signer(
        database, Sealer(settings.master_key.reveal(), SystemEntropy()), settings.origin, lifetime=3600
    )


async def test_revoking_twice_says_the_same_and_tells_once(house):
    app = await house.app()
    tokens = await house.connected(app)
    for _ in range(3):
        assert await house.revoke(app, tokens.body["refresh_token"]) == (200, None)
    assert await house.fed() == [tokens.claims["sid"]]
    assert (await house.event_types(tokens.claims["sid"])).count("connection.revoked") == 1


async def test_what_was_never_a_token_is_as_good_as_revoked(house):
    app = await house.app()
    for garbage in GARBAGE:
        assert await house.revoke(app, garbage) == (200, None)
    assert await house.fed() == []


async def test_another_clients_token_is_refused_and_changes_nothing(house):
    app, other = await house.app(), await house.app()
    tokens = await house.connected(app)
    sid = tokens.claims["sid"]
    for shown in (tokens.body["refresh_token"], tokens.body["access_token"]):
        status, body = await house.revoke(other, shown)
        assert (status, body["error"]) == (400, "invalid_grant")
    assert await house.alive(sid)
    assert await house.fed() == []
    kind, data = (await house.events(sid))[-1]
    assert (kind, data["reason"], data["presented_by"]) == ("token.refused", "wrong_client", other.id)


async def test_a_client_that_fails_to_authenticate_revokes_nothing(house):
    app = await house.app()
    tokens = await house.connected(app)
    for wrong in ({"client_secret": "lk_cs_wrong"}, {"client_secret": None}, {"client_id": "0" * 32}):
        status, body = await house.revoke(app, tokens.body["refresh_token"], **wrong)
        assert (status, body["error"]) == (401, "invalid_client")
    assert await house.alive(tokens.claims["sid"])


async def test_malformed_requests_get_the_errors_of_rfc_6749(house):
    app = await house.app()
    status, body = await house.revoke(app, None)
    assert (status, body["error"]) == (400, "invalid_request")
    for data, kind in ((b"token=%ff", "application/x-www-form-urlencoded"), (b"{}", "application/json")):
        async with house.http.post(
            f"{house.served.public_url}/oauth/revoke", data=data, headers={"Content-Type": kind}
        ) as response:
            assert (response.status, (await response.json())["error"]) == (400, "invalid_request")
            assert response.headers["Cache-Control"] == "no-store"
