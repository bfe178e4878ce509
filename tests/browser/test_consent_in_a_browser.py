"""Consent as a browser really does it: where forms may lead, without script, by keyboard, and back again."""

import asyncio

import pytest
import pytest_asyncio
from asking import asking, exchange, listening, make_client, sent_to

from latchkey_kit.testing import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")
PERSON = "carly@acme.test"
ELSEWHERE = "https://callback.example/oauth/done"
OWN_SCHEME = "cursor://anysphere.cursor-mcp/oauth/callback"


@pytest.fixture(scope="module")
def made():
    """Clients that were made before, by their redirect URL."""
    return {}


async def client_for(house, made, redirect_uri):
    if redirect_uri not in made:
        made[redirect_uri] = (await make_client(house, [redirect_uri]))["client_id"]
    return made[redirect_uri]


@pytest.mark.parametrize("redirect_uri", [ELSEWHERE, OWN_SCHEME])
@pytest.mark.parametrize("button", ["Authorize", "Cancel"])
async def test_the_browser_really_goes_to_another_site_or_program(visit, house, made, redirect_uri, button):
    visitor = await visit(PERSON)
    request = asking(house, await client_for(house, made, redirect_uri), redirect_uri, prompt="consent")
    await visitor.go(request.url)
    answer = await sent_to(visitor, redirect_uri, visitor.page.get_by_role("button", name=button, exact=True).click)
    assert answer["state"] == request.state
    assert answer["iss"] == house.origin
    assert ("code" in answer) is (button == "Authorize")
    assert answer.get("error") == (None if button == "Authorize" else "access_denied")


async def test_a_program_on_this_computer_hears_it_on_whatever_port_it_has(visit, house):
    visitor = await visit(PERSON)
    async with listening() as (port, came):
        client = house.client("sync-demo")["client_id"]
        request = asking(house, client, f"http://127.0.0.1:{port}/callback", prompt="consent")
        await visitor.go(request.url)
        await visitor.page.get_by_role("button", name="Authorize", exact=True).click()
        answer = await came.get()
    assert answer["state"] == request.state
    assert "code" in answer


async def test_consent_needs_no_script(visit, house):
    visitor = await visit(java_script_enabled=False, width=320)
    async with listening() as (port, came):
        client = house.client("sync-demo")["client_id"]
        request = asking(house, client, f"http://127.0.0.1:{port}/callback", prompt="consent")
        await visitor.page.goto(request.url)
        await visitor.page.fill("#email", PERSON)
        await visitor.page.fill("#password", house.demo["users"][PERSON]["password"])
        await visitor.page.get_by_role("button", name="Sign in").click()
        await visitor.page.get_by_role("button", name="Authorize", exact=True).click()
        assert "code" in await came.get()


async def test_consent_is_given_by_keyboard_alone(visit, house):
    visitor = await visit()
    await visitor.by_keyboard_alone()
    async with listening() as (port, came):
        client = house.client("sync-demo")["client_id"]
        request = asking(house, client, f"http://127.0.0.1:{port}/callback", prompt="consent")
        await visitor.go(request.url)
        await visitor.tab_to("E-mail address")
        await visitor.page.keyboard.type(PERSON)
        await visitor.tab_to("Password")
        await visitor.page.keyboard.type(house.demo["users"][PERSON]["password"])
        await visitor.page.keyboard.press("Enter")
        await visitor.page.get_by_role("button", name="Authorize", exact=True).wait_for()
        assert await visitor.inspect("consent") == []
        await visitor.tab_to("Authorize")
        await visitor.page.keyboard.press("Enter")
        assert "code" in await came.get()


async def test_nobody_presses_authorize_by_the_enter_key_unasked(visit, house):
    visitor = await visit(PERSON)
    request = asking(house, house.client("sync-demo")["client_id"], "http://127.0.0.1/callback", prompt="consent")
    await visitor.go(request.url)
    focused = await visitor.page.evaluate("document.activeElement.textContent.trim()")
    assert focused != "Authorize"


async def test_the_back_button_after_consent_gives_no_second_code_and_no_error_of_ours(visit, house):
    visitor = await visit(PERSON)
    async with listening() as (port, came):
        client = house.client("sync-demo")["client_id"]
        request = asking(house, client, f"http://127.0.0.1:{port}/callback", prompt="consent")
        await visitor.go(request.url)
        await visitor.page.get_by_role("button", name="Authorize", exact=True).click()
        await came.get()
        await visitor.page.wait_for_url("http://127.0.0.1:*/callback**")
        await visitor.page.go_back()
        assert await visitor.page.locator("h1").count() == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"client_id": "0" * 32}, "Invalid client_id: OAuth client not found."),
        ({"redirect_uri": "https://elsewhere.example/"}, "Invalid redirect_uri: not registered for this client."),
    ],
)
async def test_a_request_that_is_wrong_is_a_page_that_says_so(visit, house, change, words):
    visitor = await visit(PERSON)
    usual = {"client": house.client("sync-demo")["client_id"], "redirect_uri": "http://127.0.0.1/callback"}
    asked = asking(house, change.get("client_id", usual["client"]), change.get("redirect_uri", usual["redirect_uri"]))
    await visitor.page.goto(asked.url)
    assert await visitor.page.get_by_text(words, exact=True).count() == 1
    assert await visitor.inspect("error") == []


@pytest.mark.parametrize("script", [True, False])
async def test_an_app_may_want_the_password_again_and_whoever_gives_theirs_goes_on(visit, house, script):
    visitor = await visit(PERSON, java_script_enabled=script)
    page, other = visitor.page, "rita@acme.test"
    async with listening() as (port, came):
        client = house.client("sync-demo")["client_id"]
        request = asking(house, client, f"http://127.0.0.1:{port}/callback", prompt="login")
        await visitor.go(request.url)
        assert await page.get_by_text("You are signed in already").is_visible()
        assert await page.input_value("#email") == PERSON
        if script:
            assert await visitor.inspect("password once more") == []
        await visitor.tab_to("E-mail address")
        await page.keyboard.press("Control+A")
        await page.keyboard.type(other)
        await visitor.tab_to("Password")
        await page.keyboard.type(house.demo["users"][other]["password"])
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Authorize", exact=True).wait_for()
        assert other in await page.locator(".account").inner_text()
        await visitor.tab_to("Authorize", exact=True)
        await page.keyboard.press("Enter")
        answer = await came.get()
    assert answer["state"] == request.state
    assert "code" in answer


@pytest_asyncio.fixture(loop_scope="session")
async def public(house):
    """A program without a secret, on this computer, that nobody has used."""
    return (await make_client(house, ["http://127.0.0.1/callback"], type="public"))["client_id"]


async def consents_told(visit, client):
    """How often the log tells that Field Notes was allowed something: after it has told of a later decision."""
    visitor = await visit(PERSON)
    request = asking(visitor.house, client, "http://127.0.0.1:9/callback")
    await visitor.go(request.url)
    await sent_to(visitor, "http://127.0.0.1:9/", visitor.page.get_by_role("button", name="Cancel", exact=True).click)
    admin = await visit(PERSON)

    async def entries(action):
        await admin.go(f"/audit?action={action}&about={client}")
        return await admin.page.locator("tbody tr").count()

    await eventually(lambda: entries("consent.cancelled"))
    return await entries("consent.granted")


async def test_a_double_click_on_authorize_makes_one_connection(visit, house, public):
    visitor = await visit(PERSON)
    visitor.nobody_there = True  # the first answer is dropped by the browser
    async with listening() as (port, came):
        request = asking(house, public, f"http://127.0.0.1:{port}/callback")
        await visitor.go(request.url)
        await visitor.page.get_by_role("button", name="Authorize", exact=True).dblclick()
        await visitor.page.get_by_text("You may close this window.").wait_for()
        answers = [came.get_nowait() for _ in range(came.qsize())]
    assert answers
    assert [answer == answers[0] for answer in answers] == [True] * len(answers)
    tokens = [await exchange(house, public, request, answer["code"]) for answer in answers]
    assert len({one["refresh_token"] for one in tokens}) == 1
    assert await consents_told(visit, public) == 1


async def test_who_presses_authorize_once_more_while_the_app_connects_is_told_so(visit, house, public):
    visitor, done = await visit(PERSON), asyncio.Event()
    visitor.nobody_there = True
    page, authorize = visitor.page, visitor.page.get_by_role("button", name="Authorize", exact=True)
    async with listening(done.wait) as (port, came):
        request = asking(house, public, f"http://127.0.0.1:{port}/callback")
        await visitor.go(request.url)
        await authorize.scroll_into_view_if_needed()
        box = await authorize.bounding_box()
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        try:
            await page.mouse.click(*middle)
            answer = await came.get()
            tokens = await exchange(house, public, request, answer["code"])
            await page.mouse.click(*middle)
            await page.get_by_role("heading", name="You have already allowed Field Notes here.").wait_for()
            assert await visitor.inspect("already allowed") == []
            assert came.empty()
        finally:
            done.set()
        await page.get_by_role("link", name="connect it again").click()
        await authorize.click()
        again = await came.get()
    assert (await exchange(house, public, request, again["code"]))["refresh_token"] != tokens["refresh_token"]


async def test_authorize_after_going_back_connects_once_more(visit, house, public):
    visitor = await visit(PERSON)
    authorize = visitor.page.get_by_role("button", name="Authorize", exact=True)
    async with listening() as (port, came):
        request = asking(house, public, f"http://127.0.0.1:{port}/callback")
        await visitor.go(request.url)
        codes = []
        for _ in range(2):
            await authorize.click()
            codes.append((await came.get())["code"])
            await visitor.page.wait_for_url("http://127.0.0.1:*/callback**")
            await visitor.page.go_back()
    tokens = [await exchange(house, public, request, code) for code in codes]
    assert len({one["refresh_token"] for one in tokens}) == 2
