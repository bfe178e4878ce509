"""What people are shown, and what the app hears of it."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from apps import REDIRECT, Tokens
from keepers import database

from latchkey_kit.testing import eventually
from latchkey_oauth.pkce import METHOD, challenge_digest, challenge_for


async def test_cancel_tells_the_app_with_its_state_and_our_issuer(house, carly):
    url, _ = house.app("sync-demo").ask()
    answer = await carly.authorize(url, decision="cancel")
    assert answer["error"] == "access_denied"
    assert (answer["state"], answer["iss"]) == ("s tate/+1", house.origin)
    assert "code" not in answer


async def test_who_has_granted_as_much_is_not_asked_again(house, carly):
    app, site = house.app("claude-connector"), "https://claude.ai/api/mcp/auth_callback"
    await app.connect(carly, redirect_uri=site)
    shown = len(carly.seen)
    again = await app.connect(carly, redirect_uri=site, scope="company:view", prompt="none")
    assert again.scope == ["company:view"]
    assert len(carly.seen) == shown
    url, _ = app.ask(redirect_uri=site, prompt="none")
    assert (await carly.authorize(url))["error"] == "consent_required", "the newest connection holds less"
    await app.connect(carly, redirect_uri=site)
    assert "This will also let" in carly.seen[-1].words
    assert "New:" in carly.seen[-1].words


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://evil.test/callback", "http://127.0.0.1:4711/callback/", "http://127.0.0.1.evil.test/callback",
        "http://127.0.0.1:4711/callback?x=1", "http://user@127.0.0.1:4711/callback", "javascript:alert(1)",
    ],
)  # fmt: skip
async def test_redirect_that_is_not_registered_stays_here(house, carly, redirect_uri):
    url, _ = house.app("sync-demo").ask(redirect_uri=redirect_uri)
    page = await carly.authorize(url)
    assert page.status == 400
    assert "Invalid redirect_uri: not registered for this client." in page.words
    assert page.links == []


async def test_default_needs_every_permission_of_the_client(house, sam):
    url, _ = house.app("sync-demo").ask(scope="default")
    page = await sam.authorize(url)
    assert "OAuth permission check failed: missing permissions" in page.words
    assert [line for line in page.words if line.endswith(": create, remove, export")], page.words
    (back,) = page.links
    assert parse_qs(urlsplit(back).query)["error"] == ["access_denied"]
    assert parse_qs(urlsplit(back).query)["state"] == ["s tate/+1"]
    assert parse_qs(urlsplit(back).query)["iss"] == [house.origin]


async def test_nothing_in_common_is_said_so(house, sam):
    url, _ = house.app("claude-connector").ask(scope="asset:view")
    page = await sam.authorize(url)
    assert "You do not have any of the permissions this application requests." in page.words
    assert parse_qs(urlsplit(page.links[0]).query)["error"] == ["access_denied"]


async def test_wrong_password_and_unknown_user_read_the_same(house, person):
    url, _ = house.app("sync-demo").ask()
    house.used.add("this is nobody's password")
    said = []
    for email in ("carly@acme.test", "nobody@acme.test"):
        someone = person(email, "this is nobody's password")
        shown = await someone.request("GET", url)
        shown = await someone.submit(shown, shown.form("password"), email=email, password="this is nobody's password")
        said.append((shown.status, shown.words))
    assert said[0] == said[1]
    assert "The e-mail address or the password is wrong." in said[0][1]


async def test_pages_cannot_be_framed_cached_or_lead_a_referrer_away(house, carly):
    url, _ = house.app("sync-demo").ask()
    await carly.authorize(url)
    for page in carly.seen:
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] in ("no-referrer", "same-origin")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"scope": "company:explode"}, "invalid_scope"),
        ({"resource": "https://evil.test"}, "invalid_target"),
    ],
)
async def test_malformed_requests_go_back_to_the_app(house, carly, changed, error):
    url, _ = house.app("spa-demo").ask(**changed)
    answer = await carly.authorize(url)
    assert (answer["error"], answer["state"], answer["iss"]) == (error, "s tate/+1", house.origin)


async def consent_page(person, url):
    """The page with the decision, after signing in."""
    shown = await person.request("GET", url)
    while not shown.form("decision"):
        shown = await person.submit(shown, shown.form("password"), **person.credentials)
    return shown


async def born(house, verifier):
    """Connections of an authorization request, exchanged or not."""
    async with database(house.folder, "token") as token:
        asked = challenge_digest(challenge_for(verifier), METHOD)
        return [row["id"].hex for row in await token.fetch("SELECT id FROM connection WHERE challenge = $1", asked)]


async def told(house, connections):
    """Events of auth that tell of these connections, by what audit has."""
    async with database(house.folder, "audit") as audit:
        rows = await audit.fetch("SELECT body FROM event WHERE action = 'consent.granted'")
    events = [msgspec.json.decode(row["body"])["data"]["connection"] for row in rows]
    return [connection for connection in events if connection in connections]


async def test_a_form_that_is_sent_five_times_makes_one_connection(house, carly):
    app = house.app("sync-demo")
    url, verifier = app.ask()
    page = await consent_page(carly, url)

    async def send():
        return await carly.submit(page, page.form("decision"), decision="authorize")

    answers = await asyncio.gather(*(send() for _ in range(5)))
    assert [answer == answers[0] for answer in answers] == [True] * 5
    [connection] = await born(house, verifier)
    form = {"grant_type": "authorization_code", "code": answers[0]["code"], "redirect_uri": REDIRECT}
    status, body = await app.post("/oauth/token", form | {"code_verifier": verifier})
    assert status == 200, body
    assert Tokens(body).claims["sid"] == connection

    late = await send()
    assert late.status == 409
    assert "You have already allowed" in late.words
    assert "Go back to the app." in late.words
    assert await born(house, verifier) == [connection]
    await app.refreshed(body["refresh_token"])

    url, other = app.ask()
    next_page = await consent_page(carly, url)
    await carly.submit(next_page, next_page.form("decision"), decision="authorize")
    last = await born(house, other)

    async def everything_came():
        return await told(house, last)

    await eventually(everything_came, 30)
    assert await told(house, [connection]) == [connection]
