"""Joining by an invitation and choosing a password in Chromium, with its script off and by keyboard alone."""

import os
import shutil

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

expect.set_options(timeout=30_000)  # milliseconds; of its own it has five seconds
PHONE = {"width": 320, "height": 800}
PASSWORD = "a new password"
_WIDTH = "document.documentElement.scrollWidth"


@pytest_asyncio.fixture
async def page():
    """A tab without script; what the browser complains of is a failure."""
    found = shutil.which("chromium")
    if found is None:
        sentence = "Chromium is needed here: apt-get install chromium"
        pytest.fail(sentence) if os.environ.get("CI") else pytest.skip(sentence)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        context = await browser.new_context(java_script_enabled=False, viewport=PHONE)
        tab = await context.new_page()
        complaints = []
        tab.on("console", lambda message: complaints.append(message.text))
        yield tab
        await browser.close()
    # That the start page is the console's, which is not here, and that a form was refused, is no fault of a page.
    assert [one for one in complaints if "status of 40" not in one] == []


async def heading(page, text):
    await expect(page.get_by_role("heading", level=1)).to_have_text(text)


async def test_somebody_new_joins_by_keyboard_alone(world, page):
    await page.goto(world.served.public_url + await world.invite("ned@new.test"))
    await heading(page, "Join Acme Inc.")
    assert await page.evaluate(_WIDTH) == PHONE["width"]
    await page.get_by_label("E-mail address").focus()
    for text in ("Ned", PASSWORD):
        await page.keyboard.press("Tab")
        await page.keyboard.type(text)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/?said=joined")
    await page.goto(f"{world.served.public_url}/login")
    await heading(page, "You are signed in")
    await page.go_back()
    await page.go_back()
    await heading(page, "This link is no longer good")


async def test_somebody_who_is_signed_in_as_another_changes_accounts_and_joins(world, page):
    where = world.served.public_url
    await page.goto(f"{where}/login")
    await sign_in(page, "sam@acme.test")
    path = await world.invite("kim@globex.test")
    await page.goto(where + path)
    await page.get_by_role("button", name="Use another account").click()
    await heading(page, "Sign in")
    await expect(page.get_by_label("E-mail address")).to_have_value("kim@globex.test")
    await sign_in(page, None)
    await heading(page, "Join Acme Inc.")
    await page.get_by_role("button", name="Join").click()
    await page.wait_for_url("**/?said=joined")
    members = await world.execute("SELECT 1 FROM membership WHERE tenant = $1", world.tenants["acme"])
    assert len(members) == 3


async def test_a_new_password_is_chosen_and_signed_in_with(world, page):
    await page.goto(world.served.public_url + await world.password_link("sam@acme.test"))
    await heading(page, "Choose a new password")
    assert await page.evaluate(_WIDTH) == PHONE["width"]
    await page.get_by_label("New password", exact=True).fill("short")
    await page.get_by_label("New password, once more").fill("other")
    await page.get_by_role("button", name="Set password").click()
    await expect(page.get_by_role("alert")).to_have_count(2)
    for label in ("New password", "New password, once more"):
        await page.get_by_label(label, exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Set password").click()
    await expect(page.get_by_role("status")).to_contain_text("Your new password is set")
    await sign_in(page, "sam@acme.test", PASSWORD)
    assert len(await world.events("user.signed_in")) == 1


async def sign_in(page, email, password="latchkey"):
    if email is not None:
        await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
