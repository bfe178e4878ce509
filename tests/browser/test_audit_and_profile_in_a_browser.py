"""The log, one's own applications and sessions, as a browser shows them: beside the list, live, by keyboard."""

import re

import aiohttp
import pytest
from playwright.async_api import expect

from latchkey_cli.demo.browser import Browser
from latchkey_cli.demo.client import App, Credentials
from latchkey_kit.testing import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")
ADMIN = "carly@acme.test"
ENTRIES = "a[data-entry]"


@pytest.fixture
def connect(house):
    """Let the admin connect an app."""

    async def once():
        password = house.demo["users"][ADMIN]["password"]
        credentials = Credentials(client_id=house.client("admin-cli")["client_id"])
        async with aiohttp.ClientSession() as http, Browser(ADMIN, password) as person:
            await App(http, house.origin, credentials).connect(person, resources=(f"{house.origin}/v1",))

    return once


async def told(visitor, path, words):
    """Open the log when it has heard of something: that takes a moment."""

    async def is_there():
        await visitor.go(path)
        return await visitor.page.get_by_role("link", name=words).count() > 0

    await eventually(is_there)


async def test_filters_stand_in_a_short_address_and_are_taken_back_one_by_one(visit):
    visitor = await visit(ADMIN)
    await told(visitor, "/audit", "Signed in")
    page = visitor.page
    await page.get_by_label("What").select_option("user.signed_in")
    await page.get_by_label("Result").select_option("success")
    await page.get_by_role("button", name="Apply").click()
    await page.wait_for_url("**/audit?action=user.signed_in&result=success")
    assert await visitor.inspect("filtered log") == []
    await page.get_by_role("link", name="Remove this filter").first.click()
    await page.wait_for_url("**/audit?result=success")
    await page.get_by_role("link", name="Clear filters").click()
    await page.wait_for_url("**/audit")


async def test_days_are_those_of_the_readers_clock(visit):
    visitor = await visit(ADMIN, timezone_id="Asia/Tokyo")
    await visitor.go("/audit")
    await expect(visitor.page.get_by_label("First day")).to_be_hidden()
    await visitor.page.get_by_label("Time").select_option("custom")
    await visitor.page.get_by_label("First day").fill("2026-01-02")
    await visitor.page.get_by_role("button", name="Apply").click()
    await visitor.page.wait_for_url("**/audit?range=custom&from=2026-01-02&zone=Asia%2FTokyo")


async def test_an_entry_opens_beside_the_list_and_the_focus_comes_back(visit):
    visitor = await visit(ADMIN)
    await told(visitor, "/audit?action=user.signed_in", "Signed in")
    page = visitor.page
    await page.locator(ENTRIES).first.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog").get_by_role("heading", name="Signed in")).to_be_visible()
    assert await visitor.inspect("entry beside the list") == []
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(page.locator(ENTRIES).first).to_be_focused()


async def test_an_entry_is_a_page_where_there_is_no_room_beside(visit):
    visitor = await visit(ADMIN, width=320)
    await told(visitor, "/audit?action=user.*", "Signed in")
    await visitor.page.locator(ENTRIES).first.click()
    await visitor.page.wait_for_url(re.compile(r"/audit/[0-9a-f]{32}\?action=user\.\*$"))
    assert await visitor.inspect("entry") == []
    await visitor.page.get_by_role("link", name="Audit events").last.click()
    await visitor.page.wait_for_url("**/audit?action=user.*")


async def test_live_counts_what_comes_and_shows_it_when_asked(visit):
    visitor = await visit(ADMIN)
    await visitor.go("/audit?action=user.sign_in_failed")  # not of signing in, for that of this visitor may come late
    page = visitor.page
    before = await page.locator(ENTRIES).count()
    await page.get_by_role("button", name="Live").click()
    stranger = await visit()
    await stranger.go("/login")
    await stranger.page.fill("#email", ADMIN)
    await stranger.page.fill("#password", "not the password")
    await stranger.page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("link", name="1 new event: show").click()
    await expect(page.get_by_role("link", name="Sign-in failed").first).to_be_visible()
    assert await page.locator(ENTRIES).count() == before + 1
    assert await page.get_by_role("button", name="Live").get_attribute("aria-pressed") == "true"


async def test_the_tab_of_an_app_is_filtered_without_a_reload(visit, house):
    visitor = await visit(ADMIN)
    page, client = visitor.page, house.client("sync-demo")["client_id"]
    await visitor.go(f"/apps/{client}?tab=audit")
    await expect(page.get_by_role("link", name="App created")).to_be_visible()
    await page.evaluate("window.same = true")
    await page.locator("#audit-action").select_option("client.created")
    await page.get_by_role("button", name="Apply").click()
    await expect(page.get_by_role("link", name="Clear filters")).to_be_visible()
    await page.wait_for_url(f"**/apps/{client}?tab=audit&action=client.created")
    assert await page.evaluate("window.same")
    assert await visitor.inspect("audit tab") == []
    await page.reload()
    await expect(page.locator(ENTRIES)).to_have_count(1)


async def test_an_app_is_disconnected_by_keyboard_alone(visit, connect):
    await connect()
    visitor = await visit(ADMIN)
    await visitor.by_keyboard_alone()
    await visitor.go("/profile/applications")
    page = visitor.page
    assert await visitor.inspect("applications") == []
    await visitor.tab_to("Disconnect admin-cli")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    assert await visitor.inspect("Disconnect") == []
    await visitor.tab_to("Disconnect admin-cli")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_have_text("admin-cli is disconnected. Its access has ended.")
    await expect(page.get_by_role("heading", name="admin-cli")).to_have_count(0)
    await expect(page.locator("#applications")).to_be_focused()


async def test_an_app_is_disconnected_without_script(visit, house, connect):
    await connect()
    visitor = await visit(java_script_enabled=False)
    page = visitor.page
    await page.goto("/login?next=/profile/applications")
    await page.fill("#email", ADMIN)
    await page.fill("#password", house.demo["users"][ADMIN]["password"])
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="Disconnect admin-cli").first.click()
    await page.get_by_role("dialog").get_by_role("button", name="Disconnect admin-cli").click()
    await expect(page.get_by_text("admin-cli is disconnected.")).to_be_visible()


async def test_a_session_elsewhere_is_ended_from_here(visit):
    visitor, elsewhere = await visit(ADMIN), await visit(ADMIN)
    page = visitor.page
    await visitor.go("/profile/sessions")
    assert await visitor.inspect("sessions") == []
    await page.get_by_role("button", name="End all other sessions").click()
    await expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    await page.get_by_role("button", name="End sessions").click()
    await expect(page.get_by_role("status")).to_contain_text("ended")
    await expect(page.get_by_role("listitem").filter(has=page.get_by_role("heading"))).to_have_count(1)
    await elsewhere.page.goto("/profile/sessions")
    assert "/login?next=/profile/sessions" in elsewhere.page.url
