"""Lifetimes, the retry window and tokens without a person, set by hand; the log tells of them before and after."""

import aiohttp
import pytest
from asking import make_client

from latchkey_kit.testing import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")
ADMIN = "carly@acme.test"
SAVED = "Saved."


async def own_token(house, made):
    """What the token endpoint says to a client that wants a token of its own."""
    form = {"grant_type": "client_credentials", "client_id": made["client_id"], "client_secret": made["client_secret"]}
    async with aiohttp.ClientSession() as http, http.post(f"{house.origin}/oauth/token", data=form) as answer:
        return answer.status


async def last_entry(visitor, log):
    """What changed by the last entry, when the log has heard of it: that takes a moment."""
    entries = visitor.page.locator("a[data-entry]")

    async def is_there():
        await visitor.go(log)
        return await entries.count() > 0

    await eventually(is_there)
    await visitor.go(await entries.first.get_attribute("href"))
    return await visitor.page.locator(".changes").inner_text()


async def test_a_new_app_can_have_them_from_its_first_moment(visit):
    visitor = await visit(ADMIN)
    page = visitor.page
    await visitor.go("/apps/new/oauth-client")
    assert await page.locator("#retry_window").is_hidden()
    await page.locator("#name").fill("Night run")
    await visitor.tab_to("Advanced")
    await page.keyboard.press("Enter")
    await visitor.tab_to("A connection ends in any case after", most=4)
    await page.keyboard.type("8")
    await visitor.tab_to("Retry window, in seconds", most=2)
    await page.keyboard.type("90")
    assert await visitor.inspect("the advanced part of a new app") == []
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert await page.locator("#retry_window-problem").is_visible()
    assert await visitor.inspect("a new app with a retry window that cannot be") == []
    await page.locator("#retry_window").fill("20")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await page.locator("#secret-value").wait_for()
    assert await page.input_value("#retry_window") == "20"
    assert await page.input_value("#connection_lifetime") == "8"
    assert await page.input_value("#refresh_token_lifetime") == ""


async def test_they_are_set_by_keyboard_and_the_log_tells_before_and_after(visit, house):
    made = await make_client(house, ["http://127.0.0.1/callback"])
    visitor = await visit(ADMIN)
    page = visitor.page
    await visitor.go(f"/apps/{made['client_id']}")
    assert await page.locator("#retry_window").is_hidden()
    await visitor.tab_to("Advanced")
    await page.keyboard.press("Enter")
    await visitor.tab_to("A connection ends in any case after", most=4)
    await page.keyboard.type("8")
    await visitor.tab_to("Unit of: A connection ends in any case after", most=1)
    await page.keyboard.type("hours")
    assert "1 unsaved change" in await page.locator(".save-bar").inner_text()  # a number and its unit are one
    await visitor.tab_to("Retry window, in seconds", most=1)
    await page.keyboard.press("Control+A")
    await page.keyboard.type("90")
    await visitor.tab_to("The app may have tokens of its own", most=1)
    await page.keyboard.press("Space")
    assert "3 unsaved changes" in await page.locator(".save-bar").inner_text()
    assert await visitor.inspect("the advanced part of an app") == []

    await visitor.tab_to("Save changes", exact=True)
    await page.keyboard.press("Enter")
    await page.locator("#retry_window-problem").wait_for()
    assert await page.evaluate("document.activeElement.id") == "retry_window"
    assert await page.input_value("#connection_lifetime") == "8"
    assert await visitor.inspect("a retry window that cannot be") == []
    assert await own_token(house, made) == 400

    await page.keyboard.press("Control+A")
    await page.keyboard.type("20")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert SAVED in await page.locator("#status").inner_text()
    assert await page.locator("#retry_window").is_hidden()
    await page.locator("#advanced > summary").click()
    assert await page.input_value("[name=connection_lifetime_unit]") == "hours"
    assert await own_token(house, made) == 200

    log = f"/audit?action=client.updated&about={made['client_id']}"
    told = " ".join((await last_entry(visitor, log)).split())
    for setting in ("retry window", "connection lifetime", "client credentials"):
        assert setting in told
    for value in ("+ 20", "+ 28800", "+ true"):
        assert value in told


async def test_without_script_they_are_set_too(visit, house):
    made = await make_client(house, ["http://127.0.0.1/callback"])
    visitor = await visit(ADMIN, java_script_enabled=False)
    page = visitor.page
    await visitor.go(f"/apps/{made['client_id']}")
    await page.locator("#advanced > summary").click()
    await page.fill("#refresh_token_lifetime", "soon")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Save changes", exact=True).last.click()
    assert "From a minute to ten years" in await page.locator("#refresh_token_lifetime-problem").inner_text()
    assert await page.locator("#retry_window").is_visible()
    await page.fill("#refresh_token_lifetime", "14")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Save changes", exact=True).last.click()
    assert SAVED in await page.locator("#status").inner_text()
    await page.locator("#advanced > summary").click()
    assert await page.input_value("#refresh_token_lifetime") == "14"
