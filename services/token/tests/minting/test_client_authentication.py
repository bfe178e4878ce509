"""Who may bring a code or refresh token, and what else it must bring (RFC 6749 §2.3.1, RFC 7636)."""

import base64

import aiohttp
import pytest

from latchkey_kit.requests import PeerRefused

REDIRECT = "https://app.example/callback"
VERIFIER = "a-verifier-of-43-characters-or-more-0123456789"
OTHER_VERIFIER = "another-verifier-of-43-characters-or-more-0123"


def code_form(grant, **fields):
    form = {"grant_type": "authorization_code", "code": grant.code, "redirect_uri": REDIRECT} | fields
    return [(name, value) for name, value in form.items() if value is not None]


def basic(client_id, secret):
    return {"Authorization": aiohttp.encode_basic_auth(client_id, secret)}


async def test_the_secret_may_come_by_basic(house):
    app = await house.app()
    grant = await house.consent(app)
    headers = basic(app.id, app.secret)
    assert (await house.post(code_form(grant, code_verifier=VERIFIER), headers=headers)).status == 200


async def test_the_secret_may_come_by_basic_with_the_client_id_in_the_body_too(house):
    app = await house.app()
    grant = await house.consent(app)
    form = code_form(grant, code_verifier=VERIFIER, client_id=app.id)
    assert (await house.post(form, headers=basic(app.id, app.secret))).status == 200


async def test_two_client_ids_that_differ_are_refused(house):
    app, other = await house.app(), await house.app()
    grant = await house.consent(app)
    form = code_form(grant, code_verifier=VERIFIER, client_id=other.id)
    refused = await house.post(form, headers=basic(app.id, app.secret))
    assert refused.error == (400, "invalid_request")


async def test_two_ways_of_authentication_at_once_are_refused(house):
    app = await house.app()
    grant = await house.consent(app)
    form = code_form(grant, code_verifier=VERIFIER, client_secret=app.secret)
    refused = await house.post(form, headers=basic(app.id, app.secret))
    assert refused.error == (400, "invalid_request")


async def test_two_authorization_headers_are_refused_and_nothing_changes(house):
    app, other = await house.app(), await house.app()
    grant = await house.consent(app)
    for first, second in ((app, other), (other, app), (app, app)):
        headers = [tuple(*basic(one.id, one.secret).items()) for one in (first, second)]
        refused = await house.post(code_form(grant, code_verifier=VERIFIER), headers=headers)
        assert refused.error == (400, "invalid_request")
    assert (await house.exchange(app, grant.code)).status == 200


async def test_a_wrong_secret_by_basic_is_challenged_with_basic(house):
    app = await house.app()
    grant = await house.consent(app)
    refused = await house.post(code_form(grant, code_verifier=VERIFIER), headers=basic(app.id, "wrong"))
    assert refused.error == (401, "invalid_client")
    assert refused.headers["WWW-Authenticate"].startswith("Basic ")
    assert (await house.exchange(app, grant.code)).status == 200


async def test_a_wrong_secret_in_the_body_is_not_challenged(house):
    app = await house.app()
    grant = await house.consent(app)
    refused = await house.exchange(app, grant.code, client_secret="wrong")
    assert refused.error == (401, "invalid_client")
    assert "WWW-Authenticate" not in refused.headers


async def test_an_unknown_client_is_refused(house):
    app = await house.app()
    grant = await house.consent(app)
    for client_id in ("0" * 32, "nobody", "' OR 1=1 --", "\u2603", None):
        refused = await house.exchange(app, grant.code, client_id=client_id)
        assert refused.error == (401, "invalid_client")
    assert (await house.exchange(app, grant.code)).status == 200


async def test_a_public_client_needs_no_secret_and_one_that_it_sends_is_passed_over(house):
    app = await house.app(client_type="public", proof="pkce")
    first = await house.connected(app)
    assert (await house.refresh(app, first.body["refresh_token"], client_secret="left over")).status == 200


async def test_a_client_that_proves_itself_by_pkce_may_leave_its_secret_out_but_not_send_a_wrong_one(house):
    app = await house.app(proof="pkce")
    grant = await house.consent(app)
    assert (await house.exchange(app, grant.code, client_secret="wrong")).error == (401, "invalid_client")
    first = await house.exchange(app, grant.code, client_secret=None)
    assert first.status == 200
    assert (await house.refresh(app, first.body["refresh_token"], client_secret=None)).status == 200


@pytest.mark.parametrize(
    ("client_type", "proof"),
    [("public", "pkce"), ("confidential", "pkce"), ("confidential", "both"), ("confidential", "secret")],
)
async def test_a_code_with_a_challenge_always_needs_its_verifier(house, client_type, proof):
    app = await house.app(client_type=client_type, proof=proof)
    grant = await house.consent(app)
    for verifier in (None, OTHER_VERIFIER, "short", VERIFIER + "!", VERIFIER[:-1], "a" * 129):
        assert (await house.exchange(app, grant.code, code_verifier=verifier)).error == (400, "invalid_grant")
    assert [data["reason"] for _, data in await house.events(grant.connection)] == ["wrong_verifier"] * 6
    assert (await house.exchange(app, grant.code)).status == 200


async def test_the_challenge_itself_is_no_verifier(house):
    """What `plain` would accept."""
    app = await house.app()
    grant = await house.consent(app, challenge="a" * 42 + "A")
    assert (await house.exchange(app, grant.code, code_verifier="a" * 42 + "A")).error == (400, "invalid_grant")


async def test_a_verifier_for_a_code_without_a_challenge_is_refused(house):
    app = await house.app(proof="secret")
    grant = await house.consent(app, challenge=None)
    assert (await house.exchange(app, grant.code)).error == (400, "invalid_grant")
    assert (await house.exchange(app, grant.code, code_verifier=None)).status == 200


@pytest.mark.parametrize(("client_type", "proof"), [("public", "pkce"), ("confidential", "both")])
async def test_a_code_without_a_challenge_is_not_born_for_a_client_that_needs_one(house, client_type, proof):
    app = await house.app(client_type=client_type, proof=proof)
    with pytest.raises(PeerRefused):
        await house.consent(app, challenge=None)


async def test_a_client_that_turned_to_pkce_cannot_use_codes_from_before(house):
    app = await house.app(proof="secret")
    grant = await house.consent(app, challenge=None)
    app = await house.changed(app, proof="both")
    assert (await house.exchange(app, grant.code, code_verifier=None)).error == (400, "invalid_grant")


async def test_an_unreadable_authorization_header_is_refused(house):
    app = await house.app()
    grant = await house.consent(app)
    for header in ("Basic", "Basic !!!", "Bearer abc", "Basic " + base64.b64encode(b"x").decode(), ""):
        refused = await house.post(code_form(grant, code_verifier=VERIFIER), headers={"Authorization": header})
        assert refused.error == (401, "invalid_client")
