"""The main road: sign in, consent, and back to the app."""

import msgspec

from latchkey_contracts.requests.clients import ClientsGet
from latchkey_contracts.requests.grants import GrantsCreate
from latchkey_contracts.requests.permissions import PermissionsResolve

AUTHORIZE = "/oauth/authorize"


async def test_a_signed_in_user_authorizes_and_the_app_gets_a_code(world, browser, issuer):
    request = world.authorize()
    asked_to_sign_in = await browser.get(request)
    assert asked_to_sign_in.status == 200
    assert asked_to_sign_in.texts("h1") == ["Sign in"]

    signed_in = await browser.submit(asked_to_sign_in, "/login", email="sam@acme.test", password="latchkey")
    assert (signed_in.status, signed_in.location) == (303, request)

    consent = await browser.get(signed_in.location)
    assert consent.status == 200
    assert consent.texts("h1") == ["Acme Sync wants to access Acme Inc."]

    answer = await browser.submit(consent, AUTHORIZE, decision="authorize")
    assert answer.status == 303
    assert answer.location.startswith("https://app.example/callback?")
    assert answer.answer == {"code": "lk_ac_code", "state": "s1", "iss": issuer}


async def test_the_connection_is_born_with_what_was_asked_and_seen(world, browser):
    await browser.sign_in("sam@acme.test")
    consent = await browser.get(world.authorize(scope="company:view"))
    await browser.submit(consent, AUTHORIZE, decision="authorize")
    born = world.neighbours.last(GrantsCreate)
    assert (born.tenant, born.user) == (world.tenants["acme"], world.users["sam@acme.test"])
    assert born.document == world.neighbours.resolution.document
    assert born.scope == ("company:view", "company:update")
    assert born.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert (born.redirect_uri, born.redirect_uri_sent) == ("https://app.example/callback", True)
    assert (born.client_revision, born.client_turn) == (7, 3)
    assert world.neighbours.last(PermissionsResolve).scope == "company:view"
    assert world.neighbours.last(ClientsGet).tenants == (world.tenants["acme"],)
    [event] = await world.events("consent.granted")
    assert (event.tenantid, event.clientid) == (world.tenants["acme"], "a1" * 16)


async def test_cancel_goes_back_with_access_denied(world, browser, issuer):
    await browser.sign_in("sam@acme.test")
    consent = await browser.get(world.authorize())
    answer = await browser.submit(consent, AUTHORIZE, decision="cancel")
    assert answer.status == 303
    assert answer.answer["error"] == "access_denied"
    assert (answer.answer["state"], answer.answer["iss"]) == ("s1", issuer)
    assert not any(isinstance(question, GrantsCreate) for question in world.neighbours.questions)
    assert len(await world.events("consent.cancelled")) == 1


async def test_cancel_works_while_permissions_are_away(world, browser):
    await browser.sign_in("sam@acme.test")
    consent = await browser.get(world.authorize())
    world.neighbours.away.add(PermissionsResolve.path)
    answer = await browser.submit(consent, AUTHORIZE, decision="cancel")
    assert answer.answer["error"] == "access_denied"


async def test_a_loopback_app_is_answered_on_the_port_it_named(world, browser):
    await browser.sign_in("sam@acme.test")
    consent = await browser.get(world.authorize(redirect_uri="http://127.0.0.1:49152/callback"))
    assert "an app on this computer" in consent.text
    answer = await browser.submit(consent, AUTHORIZE, decision="authorize")
    assert answer.location.startswith("http://127.0.0.1:49152/callback?code=")


async def test_the_only_redirect_uri_may_be_left_out(world, browser):
    world.add_client(redirect_uris=("https://app.example/callback?keep=1",))
    await browser.sign_in("sam@acme.test")
    consent = await browser.get(world.authorize(redirect_uri=None))
    answer = await browser.submit(consent, AUTHORIZE, decision="authorize")
    assert answer.location.startswith("https://app.example/callback?keep=1&code=")
    assert world.neighbours.last(GrantsCreate).redirect_uri_sent is False


async def test_state_comes_back_as_it_was_sent(world, browser):
    state = "a b&c=d/é漢\"'<script>%00+~#\r\n"
    await browser.sign_in("sam@acme.test")
    consent = await browser.get(world.authorize(state=state))
    answer = await browser.submit(consent, AUTHORIZE, decision="authorize")
    assert answer.answer["state"] == state


async def test_a_member_of_two_eligible_tenants_chooses_one(world, browser):
    world.add_client(usable_in=("acme", "globex"))
    await browser.sign_in("rita@acme.test")
    picker = await browser.get(world.authorize())
    assert picker.form(AUTHORIZE)["buttons"] == [("tenant", "acme"), ("tenant", "globex")]
    chosen = await browser.submit(picker, AUTHORIZE, tenant="globex")
    assert chosen.status == 303
    consent = await browser.get(chosen.location)
    assert consent.texts("h1") == ["Acme Sync wants to access Globex"]
    answer = await browser.submit(consent, AUTHORIZE, decision="authorize")
    assert answer.answer["code"] == "lk_ac_code"
    assert world.neighbours.last(GrantsCreate).tenant == world.tenants["globex"]


async def test_a_member_of_two_tenants_is_not_asked_when_one_is_eligible(world, browser):
    await browser.sign_in("rita@acme.test")
    consent = await browser.get(world.authorize())
    assert consent.texts("h1") == ["Acme Sync wants to access Acme Inc."]


async def test_a_tenant_that_may_not_use_the_client_cannot_be_chosen(world, browser):
    world.add_client(usable_in=("acme", "globex"))
    await browser.sign_in("rita@acme.test")
    consent = await browser.get(world.authorize(tenant="acme"))
    world.add_client(usable_in=("acme",))
    answer = await browser.submit(consent, AUTHORIZE, decision="authorize", tenant="globex")
    assert answer.status == 400
    assert not any(isinstance(question, GrantsCreate) for question in world.neighbours.questions)


async def test_what_changed_since_it_was_shown_is_shown_again(world, browser):
    await browser.sign_in("sam@acme.test")
    consent = await browser.get(world.authorize())
    world.neighbours.resolution = msgspec.structs.replace(world.neighbours.resolution, document="0" * 64)
    again = await browser.submit(consent, AUTHORIZE, decision="authorize")
    assert again.status == 409
    assert "has changed" in again.text
    answer = await browser.submit(again, AUTHORIZE, decision="authorize")
    assert answer.answer["code"] == "lk_ac_code"
