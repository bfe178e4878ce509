"""Sign-in and consent in Chromium, with its script off: where the answer leads, and what a keyboard and a tap reach."""

import datetime as dt
import os
import shutil

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import async_playwright, expect

from latchkey_contracts.requests.console import StandingGrant
from latchkey_contracts.requests.grants import GrantsCreate
from latchkey_contracts.requests.permissions import ConsentLine, Resolution
from latchkey_kit.testing.looking import PAIRS, wrong_with
from latchkey_kit.testing.services import ORIGIN

expect.set_options(timeout=30_000)  # milliseconds; of its own it has five seconds
SITE = "http://app.example"
PHONE = {"width": 320, "height": 800}
_WIDTH = "document.documentElement.scrollWidth"
COMPANY = ConsentLine(
    title="Company",
    sentence="View and update companies",
    strong=True,
    details=("Update only Name and Phase",),
    words=("company:view", "company:update"),
)
TASK = ConsentLine(title="Task", sentence="View tasks", words=("task:view",))


class App:
    """A client's own server; ``leads_on`` is where its callback sends the browser after that."""

    def __init__(self):
        self.calls = []
        self.leads_on = None

    async def callback(self, request):
        self.calls.append(request)
        if self.leads_on is not None:
            return web.Response(status=302, headers={"Location": self.leads_on})
        return web.Response(text="<!doctype html><title>Back</title><h1>Connected</h1>", content_type="text/html")


@pytest_asyncio.fixture
async def app():
    served = App()
    application = web.Application()
    application.router.add_get("/callback", served.callback)
    async with TestServer(application) as server:
        served.port = server.port
        yield served


@pytest_asyncio.fixture
async def chromium(app):
    """Chromium, for which ``app.example`` is the app's server."""
    found = shutil.which("chromium")
    if found is None:
        if os.environ.get("CHROMIUM_REQUIRED"):
            pytest.fail("Chromium is required here and is not installed.")
        pytest.skip("Chromium is not installed. On Debian: apt-get install chromium")
    flags = ["--no-sandbox", f"--host-resolver-rules=MAP app.example:80 127.0.0.1:{app.port}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=flags)
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def page(world, chromium):
    """A tab without script, at a client that leads to ``app.example``; what the browser complains of is a failure."""
    redirects = (f"{SITE}/callback", "http://127.0.0.1/callback", "cursor://callback")
    world.add_client(redirect_uris=redirects)
    world.neighbours.resolution = Resolution(
        document="d" * 64, scope=(*COMPANY.words, *TASK.words), lines=(COMPANY, TASK)
    )
    context = await chromium.new_context(java_script_enabled=False, viewport={"width": 400, "height": 900})
    tab = await context.new_page()
    tab.complaints = []
    tab.on("console", lambda message: tab.complaints.append(message.text))
    yield tab
    await context.close()


async def sign_in(page):
    await page.get_by_label("E-mail address").fill("sam@acme.test")
    await page.get_by_label("Password").fill("latchkey")
    await page.get_by_role("button", name="Sign in").click()


async def walk_to(page, control):
    """With the tabulator."""
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await control.evaluate("element => element === document.activeElement"):
            return
    pytest.fail("the keyboard does not get there")


def about_company(page):
    return page.get_by_role("button", name="Details: View and update companies"), page.locator("#about-1")


def complaints(page):
    """What the browser says of us; that this service alone has no icon is another's matter."""
    return [text for text in page.complaints if "404" not in text]


async def consent(world, page, redirect_uri):
    await page.goto(world.served.public_url + world.authorize(redirect_uri=redirect_uri))
    await sign_in(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Acme Sync wants to access Acme Inc.")


@pytest.mark.parametrize("where", ["site", "loopback"])
@pytest.mark.parametrize("decision", ["Authorize", "Cancel"])
async def test_a_decision_arrives_at_the_app(world, page, app, where, decision):
    redirect_uri = f"{SITE}/callback" if where == "site" else f"http://127.0.0.1:{app.port}/callback"
    await consent(world, page, redirect_uri)
    await page.get_by_role("button", name=decision).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Connected")
    [call] = app.calls
    assert call.query.get("code" if decision == "Authorize" else "error") in ("lk_ac_code", "access_denied")
    assert call.query["state"] == "s1"
    assert "Referer" not in call.headers
    assert complaints(page) == []


def leads_to(start):
    return lambda request: request.url.startswith(start)


async def test_a_decision_arrives_at_an_app_with_a_scheme_of_its_own(world, page):
    await consent(world, page, "cursor://callback")
    async with page.expect_request(leads_to("cursor://callback?code=lk_ac_code&state=s1")):
        await page.get_by_role("button", name="Authorize").click()
    assert complaints(page) == []


async def test_a_callback_may_lead_on_to_an_app(world, page, app):
    app.leads_on = "claude://connected"
    await consent(world, page, f"{SITE}/callback")
    async with page.expect_request(leads_to("claude://connected")):
        await page.get_by_role("button", name="Authorize").click()
    assert len(app.calls) == 1
    assert complaints(page) == []


async def test_signing_in_leads_on_to_the_app_when_as_much_stands(world, page, app):
    document = world.neighbours.resolution.document
    at = dt.datetime(2026, 10, 2, tzinfo=dt.UTC)
    resources = tuple(f"{ORIGIN}{path}" for path in ("/v1", "/v1/mcp"))
    world.neighbours.standing = StandingGrant(document=document, resources=resources, connected_at=at)
    await page.goto(world.served.public_url + world.authorize(redirect_uri=f"{SITE}/callback"))
    await sign_in(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Connected")
    assert complaints(page) == []


async def test_details_open_on_focus_and_close_on_escape(world, page):
    await consent(world, page, f"{SITE}/callback")
    details, tip = about_company(page)
    await expect(tip).to_be_hidden()
    await details.focus()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Tab")
    await expect(tip).to_be_visible()
    await expect(tip).to_contain_text("Update only Name and Phase")
    await page.keyboard.press("Escape")
    await expect(tip).to_be_hidden()
    await page.keyboard.press("Enter")
    await expect(tip).to_be_visible()


async def test_details_open_under_the_pointer_and_can_be_pointed_at(world, page):
    await consent(world, page, f"{SITE}/callback")
    details, tip = about_company(page)
    await details.hover()
    await expect(tip).to_be_visible()
    await tip.hover()
    await expect(tip).to_be_visible()
    await page.get_by_role("heading", level=1).hover()
    await expect(tip).to_be_hidden()


async def test_details_open_with_a_tap(world, chromium, page):
    context = await chromium.new_context(java_script_enabled=False, has_touch=True, viewport=PHONE)
    phone = await context.new_page()
    await consent(world, phone, f"{SITE}/callback")
    details, tip = about_company(phone)
    await details.tap()
    await expect(tip).to_be_visible()
    box = await tip.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    await phone.get_by_role("heading", level=1).tap()
    await expect(tip).to_be_hidden()
    await context.close()


async def test_a_keyboard_alone_signs_in_chooses_and_authorizes(world, page, app):
    world.add_client(redirect_uris=(f"{SITE}/callback",), narrowing=True)
    await page.goto(world.served.public_url + world.authorize(redirect_uri=f"{SITE}/callback"))
    for typed in ("sam@acme.test", "latchkey"):
        await page.keyboard.press("Tab")
        await page.keyboard.type(typed)
    await page.keyboard.press("Enter")
    update = page.get_by_role("checkbox", name="Update Company")
    await walk_to(page, update)
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(update).not_to_be_checked()
    assert world.neighbours.all(GrantsCreate) == [], "Enter in a box is no decision"
    await walk_to(page, page.get_by_role("button", name="Authorize"))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Connected")
    assert world.neighbours.last(GrantsCreate).scope == ("company:view", "task:view")


async def test_a_preset_checks_boxes_without_script(world, page):
    world.add_client(redirect_uris=(f"{SITE}/callback",), narrowing=True)
    await consent(world, page, f"{SITE}/callback")
    await page.get_by_role("button", name="Read-only").click()
    await expect(page.get_by_role("status")).to_have_text("2 of 3 are checked now. Nothing is authorized yet.")
    await expect(page.get_by_role("checkbox", name="Update Company")).not_to_be_checked()
    await page.get_by_role("button", name="All requested").click()
    await expect(page.get_by_role("checkbox", name="Update Company")).to_be_checked()


async def test_back_after_a_decision_is_no_dead_end(world, page, app):
    await consent(world, page, f"{SITE}/callback")
    await page.get_by_role("button", name="Authorize").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Connected")
    await page.go_back()
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Connected")
    assert [sorted(call.query) for call in app.calls] == [
        ["code", "iss", "state"], ["error", "error_description", "iss", "state"]
    ]  # fmt: skip


async def test_a_session_that_ended_in_another_tab_starts_over(world, page, app):
    await consent(world, page, f"{SITE}/callback")
    other = await page.context.new_page()
    await other.goto(f"{world.served.public_url}/login")
    async with other.expect_navigation():
        await other.get_by_role("button", name="Sign out").click()
    await page.get_by_role("button", name="Authorize").click()
    await sign_in(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Acme Sync wants to access Acme Inc.")
    assert world.neighbours.all(GrantsCreate) == []
    await page.get_by_role("button", name="Authorize").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Connected")


async def test_a_page_of_the_session_before_says_so_and_leads_back(world, page):
    await consent(world, page, f"{SITE}/callback")
    other = await page.context.new_page()
    await other.goto(f"{world.served.public_url}/login")
    async with other.expect_navigation():
        await other.get_by_role("button", name="Sign out").click()
    await sign_in(other)
    await page.get_by_role("button", name="Authorize").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("This page is no longer valid.")
    await page.get_by_role("link", name="Try again").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Acme Sync wants to access Acme Inc.")


async def test_nothing_is_wider_than_a_phone(world, chromium, page):
    long = "Weltraumfrachtabfertigungsgesellschaft" * 3
    world.add_client(name=long, description=long, redirect_uris=(f"{SITE}/callback",), narrowing=True)
    context = await chromium.new_context(viewport=PHONE)
    phone = await context.new_page()
    await phone.goto(world.served.public_url + world.authorize(redirect_uri=f"{SITE}/callback"))
    assert await phone.evaluate(_WIDTH) <= PHONE["width"]
    await sign_in(phone)
    await expect(phone.get_by_role("button", name="Authorize")).to_be_visible()
    assert await phone.evaluate(_WIDTH) <= PHONE["width"]
    await context.close()


async def test_whoever_has_to_wait_reads_so_on_a_page_that_is_well_made(world, chromium, browser):
    for _ in range(10):
        await browser.sign_in("sam@acme.test", "wrong-password")
    context = await chromium.new_context()
    tab = await context.new_page()
    await tab.goto(f"{world.served.public_url}/login")
    await tab.get_by_label("E-mail address").fill("sam@acme.test")
    await tab.get_by_label("Password").fill("wrong-password")
    async with tab.expect_navigation() as answered:
        await tab.get_by_role("button", name="Sign in").click()
    assert (await answered.value).status == 429
    await expect(tab.get_by_role("alert")).to_contain_text("Too many failed sign-ins.")
    assert await wrong_with(tab, "too many failed sign-ins") == []
    await context.close()


NAMES = {
    "right to left": "מזו\u202eמנה (Acme)",
    "accents": "S" + "\u0336\u0310\u0312\u0357\u0489" * 19 + "ync",
    "flags": "🏴\U000e0067\U000e0062\U000e007f 🇩🇪 👩\u200d💻",
    "lines": "Sync\r\nwants nothing\u2028at all" + "\u00a0" * 70 + "or so",
    "long": "Very" * 2_500,
    "markup": "<b>Sync</b></bdi></h1><script>alert(1)</script>&amp;",
    "a sentence": "Nothing. This page is for information, and nobody wants to access",
    "ours": "Latchkey ✓ Verified",
    "nothing": " \u3164\u200b\u2060\u00ad ",
    "address": "https://latchkey.example/login?" + "next=" * 12,
}
_OURS = """
    heading => { const name = heading.querySelector("bdi"), range = document.createRange();
        range.selectNodeContents(name.nextSibling);
        const after = range.getClientRects(), own = name.getClientRects(), last = own[own.length - 1];
        return {
            words: heading.innerText.replace(name.innerText, "").trim(),
            follows: after[0].left >= last.right - 1 || after[0].top >= last.bottom - 8,
            weights: [heading, name].map(one => getComputedStyle(one).fontWeight),
        }; }
"""
_NOT_THEIRS = """
    main => { const copy = main.cloneNode(true); for (const one of copy.querySelectorAll("bdi")) one.remove();
        return copy.textContent; }
"""


@pytest.mark.parametrize("published", [True, False])
async def test_no_name_takes_the_place_of_our_words(world, chromium, published):
    redirect_uri = f"{SITE}/callback"
    page = await chromium.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    await page.goto(f"{world.served.public_url}/login")
    await sign_in(page)
    for name, text in NAMES.items():
        world.add_client(name=text, description=text, redirect_uris=(redirect_uri,), published=published)
        await page.goto(world.served.public_url + world.authorize(redirect_uri=redirect_uri))
        told = await page.get_by_role("heading", level=1).evaluate(_OURS)
        assert told == {"words": "wants to access Acme Inc.", "follows": True, "weights": ["400", "700"]}, name
        verified = (await page.locator("main").evaluate(_NOT_THEIRS)).count("Verified")
        assert (verified, await page.locator(".badge.verified").count()) == ((1, 1) if published else (0, 0)), name
        assert await page.locator(".badge.unverified").count() == (0 if published else 1), name
        assert await wrong_with(page, name, PAIRS[int(published)]) == []
        await page.set_viewport_size(PHONE)
        for button in ("Cancel", "Authorize"):
            control = page.get_by_role("button", name=button, exact=True)
            await control.click(trial=True)
            box = await control.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= PHONE["width"]
    assert [text for text in complaints if "404" not in text] == []
