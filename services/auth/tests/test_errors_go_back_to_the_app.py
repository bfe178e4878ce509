"""Once client and redirect URI are proven, mistakes of the app are told to the app."""

import msgspec
import pytest

from latchkey_contracts.requests.permissions import PermissionsResolve, Resolution

AUTHORIZE = "/oauth/authorize"


def assert_error(page, code, issuer):
    assert page.status == 303
    assert page.location.startswith("https://app.example/callback?")
    assert page.answer["error"] == code
    assert page.answer["state"] == "s1"
    assert page.answer["iss"] == issuer
    assert "code" not in page.answer


_MISTAKES = [
    ({"response_type": None}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"code_challenge": None}, "invalid_request"),
    ({"resource": "https://other.example/v1"}, "invalid_target"),
    ({"scope": 'company:view "'}, "invalid_scope"),
    ({"scope": "漢"}, "invalid_scope"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"max_age": "an hour"}, "invalid_request"),
    ({"request": "eyJ"}, "request_not_supported"),
    ({"request_uri": "https://app.example/r"}, "request_uri_not_supported"),
]


async def test_a_mistake_is_told_before_anyone_signs_in(world, browser, issuer):
    for changes, code in _MISTAKES:
        assert_error(await browser.get(world.authorize(**changes)), code, issuer)


@pytest.mark.parametrize(("proof", "needed"), [("secret", False), ("pkce", True), ("both", True)])
async def test_a_confidential_client_needs_a_challenge_as_its_admin_set(world, browser, issuer, proof, needed):
    world.add_client(proof=proof)
    page = await browser.get(world.authorize(code_challenge=None, code_challenge_method=None))
    if needed:
        assert_error(page, "invalid_request", issuer)
    else:
        assert page.status == 200


async def test_a_public_client_always_needs_a_challenge(world, browser, issuer):
    world.add_client(client_type="public", proof="secret")
    page = await browser.get(world.authorize(code_challenge=None, code_challenge_method=None))
    assert_error(page, "invalid_request", issuer)


async def test_a_challenge_that_is_not_needed_must_still_be_sound(world, browser, issuer):
    world.add_client(proof="secret")
    assert_error(await browser.get(world.authorize(code_challenge_method="plain")), "invalid_request", issuer)


async def test_an_unknown_scope_word_is_told_once_somebody_is_signed_in(world, browser, issuer):
    world.neighbours.resolution = Resolution(refusal="unknown_scope", named=("ghost:view",))
    await browser.sign_in("sam@acme.test")
    assert_error(await browser.get(world.authorize(scope="ghost:view")), "invalid_scope", issuer)


async def test_a_decision_is_checked_like_the_request(world, browser, issuer):
    await browser.sign_in("sam@acme.test")
    consent = await browser.get(world.authorize())
    fields = {**consent.form(AUTHORIZE)["fields"], "decision": "authorize"}
    changed = world.authorize(resource="https://other.example/v1")
    assert_error(await browser.post(changed, fields), "invalid_target", issuer)


@pytest.mark.parametrize(
    ("preset", "resources", "audiences", "no_scope_means"),
    [
        ("custom", [], ["/v1", "/v1/mcp"], "default"),
        ("custom", ["/v1/mcp"], ["/v1/mcp"], "inclusive"),
        ("custom", ["/v1/mcp/"], ["/v1/mcp"], "inclusive"),
        ("custom", ["/v1/mcp", "/v1"], ["/v1", "/v1/mcp"], "default"),
        ("claude", [], ["/v1/mcp"], "inclusive"),
        ("chatgpt", ["/v1"], ["/v1"], "inclusive"),
    ],
)
async def test_audience_and_preset_say_what_is_asked_for(
    world, browser, issuer, preset, resources, audiences, no_scope_means
):
    world.add_client(preset=preset)
    await browser.sign_in("sam@acme.test")
    request = world.authorize(*[("resource", issuer + path) for path in resources])
    consent = await browser.get(request)
    await browser.submit(consent, AUTHORIZE, decision="authorize")
    assert world.neighbours.questions[-1].resources == tuple(issuer + path for path in audiences)
    assert world.neighbours.last(PermissionsResolve).default == no_scope_means


@pytest.mark.parametrize(
    ("resolution", "words"),
    [
        (
            Resolution(refusal="nothing"),
            "You do not have any of the permissions this application requests.",
        ),
        (
            Resolution(refusal="missing", named=("company:remove", "asset:view")),
            "OAuth permission check failed: missing permissions",
        ),
    ],
)
async def test_a_role_that_cannot_grant_is_told_on_a_page_that_leads_back(world, browser, issuer, resolution, words):
    world.neighbours.resolution = resolution
    await browser.sign_in("sam@acme.test")
    page = await browser.get(world.authorize())
    assert page.status == 403
    assert page.texts("h1") == [words]
    assert all(name in page.text for name in resolution.named)
    [link] = page.attributes("a")
    back = type(page)(303, {"Location": link["href"]}, "")
    assert_error(back, "access_denied", issuer)
    [event] = await world.events("consent.refused")
    assert msgspec.json.decode(event.data)["reason"] == resolution.refusal


async def test_a_role_reduced_before_the_decision_is_refused(world, browser):
    await browser.sign_in("sam@acme.test")
    consent = await browser.get(world.authorize())
    world.neighbours.resolution = Resolution(refusal="nothing")
    page = await browser.submit(consent, AUTHORIZE, decision="authorize")
    assert page.status == 403
