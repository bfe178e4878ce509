"""`prompt=login` and `max_age`: an app may want a password though somebody is signed in, and goes on with whose it is.

OpenID Connect Core §3.1.2.1, as apps say it without OpenID too.
"""

import datetime as dt

import pytest

from latchkey_auth.domain.forms import signed_in_path
from latchkey_contracts.requests.console import StandingGrant
from latchkey_contracts.requests.grants import GrantsCreate

AUTHORIZE, SESSION = "/oauth/authorize", "latchkey_session_8080"
SAM, KIM, RITA, PASSWORD = "sam@acme.test", "kim@globex.test", "rita@acme.test", "latchkey"
AGAIN = "You are signed in already, and the app asks for your password once more."


def asks_for_a_password(page):
    return page.status == 200 and page.texts("h1") == ["Sign in"]


def asks_for_consent(page):
    return page.status == 200 and ("decision", "authorize") in page.form(AUTHORIZE)["buttons"]


@pytest.fixture
async def signed_in(browser):
    await browser.sign_in(SAM)
    return browser


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"prompt": "consent login"}, {"max_age": "0"}])
async def test_the_password_is_asked_for_and_the_same_request_goes_on(world, signed_in, issuer, asked):
    before = signed_in.cookies()[SESSION].value
    page = await signed_in.get(world.authorize(**asked))
    assert asks_for_a_password(page)
    assert AGAIN in page.text
    assert "Acme Sync" in page.text
    assert page.form("/login")["fields"]["email"] == SAM
    assert (await signed_in.submit(page, "/login", password="wrong")).status == 403
    answer = await signed_in.submit(page, "/login", password=PASSWORD)
    kept = {"prompt": "consent"} if asked.get("prompt") == "consent login" else {}
    assert (answer.status, answer.location) == (303, world.authorize(**kept))
    assert signed_in.cookies()[SESSION].value != before
    assert len(await world.execute("SELECT 1 FROM session")) == 1, "the former session is over"
    consent = await signed_in.get(answer.location)
    assert asks_for_consent(consent), "and not for a password again"
    granted = await signed_in.submit(consent, AUTHORIZE, decision="authorize")
    assert granted.answer == {"code": "lk_ac_code", "state": "s1", "iss": issuer}
    assert world.neighbours.last(GrantsCreate).user == world.users[SAM]
    assert len(await world.events("user.signed_in")) == 2


async def test_until_the_password_is_given_nothing_is_granted(world, signed_in):
    world.neighbours.standing = StandingGrant(
        document=world.neighbours.resolution.document,
        resources=("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1/mcp"),
        connected_at=dt.datetime(2026, 10, 2, tzinfo=dt.UTC),
    )
    request = world.authorize(prompt="login")
    consent = (await signed_in.get(world.authorize(prompt="consent"))).form(AUTHORIZE)["fields"]
    for _ in range(3):
        assert asks_for_a_password(await signed_in.get(request))
    answer = await signed_in.post(request, {**consent, "decision": "authorize"})
    assert (answer.status, answer.location) == (303, request), "a decision is no proof either"
    assert world.neighbours.all(GrantsCreate) == []


async def test_who_granted_it_before_is_not_asked_for_that_again(world, signed_in, issuer):
    world.neighbours.standing = StandingGrant(
        document=world.neighbours.resolution.document,
        resources=(f"{issuer}/v1", f"{issuer}/v1/mcp"),
        connected_at=dt.datetime(2026, 10, 2, tzinfo=dt.UTC),
    )
    page = await signed_in.get(world.authorize(prompt="login"))
    answer = await signed_in.submit(page, "/login", password=PASSWORD)
    assert (await signed_in.get(answer.location)).answer["code"] == "lk_ac_code"


async def test_another_person_goes_on_as_themselves(world, signed_in):
    page = await signed_in.get(world.authorize(prompt="login"))
    answer = await signed_in.submit(page, "/login", email=RITA, password=PASSWORD)
    consent = await signed_in.get(answer.location)
    assert RITA in consent.text
    assert SAM not in consent.text
    await signed_in.submit(consent, AUTHORIZE, decision="authorize")
    assert world.neighbours.last(GrantsCreate).user == world.users[RITA]
    [row] = await world.execute("SELECT app_user FROM session")
    assert row["app_user"].hex == world.users[RITA]


async def test_who_may_not_use_the_app_makes_way_for_who_may(world, browser):
    await browser.sign_in(KIM)
    assert (await browser.get(world.authorize())).status == 400
    page = await browser.get(world.authorize(prompt="login"))
    assert asks_for_a_password(page)
    answer = await browser.submit(page, "/login", email=SAM, password=PASSWORD)
    assert asks_for_consent(await browser.get(answer.location))


async def test_a_stranger_signs_in_once(world, browser):
    page = await browser.get(world.authorize(prompt="login", max_age="0"))
    assert asks_for_a_password(page)
    assert AGAIN not in page.text
    answer = await browser.submit(page, "/login", email=SAM, password=PASSWORD)
    assert answer.location == world.authorize()


async def test_max_age_is_held_against_the_time_of_the_sign_in(world, signed_in):
    await world.execute("UPDATE session SET created_at = clock_timestamp() - interval '1 hour'")
    consent = await signed_in.get(world.authorize(max_age="3700"))
    assert asks_for_consent(consent)
    assert asks_for_a_password(await signed_in.get(world.authorize(max_age="3500")))
    await world.execute("UPDATE session SET created_at = clock_timestamp() - interval '2 hours'")
    late = await signed_in.submit(consent, AUTHORIZE, decision="authorize")
    assert (late.status, late.location) == (303, world.authorize(max_age="3700"))
    assert world.neighbours.all(GrantsCreate) == []


async def test_without_a_page_a_session_that_is_too_old_is_told(world, signed_in):
    await world.execute("UPDATE session SET created_at = clock_timestamp() - interval '1 hour'")
    answer = await signed_in.get(world.authorize(prompt="none", max_age="60"))
    assert (answer.status, answer.answer["error"]) == (303, "login_required")


async def test_errors_of_the_app_go_back_to_it_first(world, signed_in):
    answer = await signed_in.get(world.authorize(prompt="login", response_type="token"))
    assert answer.answer["error"] == "unsupported_response_type"


async def test_the_workspace_that_was_chosen_stays_chosen(world, browser):
    world.add_client(usable_in=("acme", "globex"))
    await browser.sign_in(RITA)
    page = await browser.get(world.authorize(prompt="login", tenant="globex"))
    answer = await browser.submit(page, "/login", password=PASSWORD)
    await browser.submit(await browser.get(answer.location), AUTHORIZE, decision="authorize")
    assert world.neighbours.last(GrantsCreate).tenant == world.tenants["globex"]


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("a=1&prompt=login&b=%20", "a=1&b=%20"),
        ("%70rompt=%6Cogin&m%61x_age=0", ""),
        ("prompt=login+consent%20login&max_age=", "prompt=consent"),
        ("prompt=consent&x_max_age=1", "prompt=consent&x_max_age=1"),
        ("prompt=logins", "prompt=logins"),
        ("prompt=%26login+login", "prompt=%26login"),
        ("prompt=%zz&state=", "state="),
    ],
)
def test_only_what_a_sign_in_fulfils_is_left_out(query, left):
    assert signed_in_path(f"{AUTHORIZE}?{query}") == f"{AUTHORIZE}?{left}"
