"""Somebody changes their password by hand: found from their profile, by keyboard, with and without script."""

import pytest
from playwright.async_api import expect

from latchkey_kit.testing import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")
KIM = "kim@globex.test"
OTHER = "another password of hers"


async def test_it_is_changed_by_keyboard_and_every_other_session_ends(visit, house):
    old = house.demo["users"][KIM]["password"]
    phone, visitor = await visit(KIM), await visit(KIM)
    page = visitor.page
    await visitor.go("/profile/sessions")
    await visitor.tab_to("Change password", exact=True)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/password/change")

    async def fill(current, password):
        for label, text in (("Current password", current), ("New password", password), ("once more", password)):
            await visitor.tab_to(label, most=5)
            await page.keyboard.type(text)
        async with page.expect_navigation():
            await page.keyboard.press("Enter")

    await fill("not this one", OTHER)
    await expect(page.get_by_label("Current password")).to_have_accessible_description(
        "This is not your current password."
    )
    assert await visitor.inspect("a wrong current password") == []
    await fill(old, OTHER)
    await page.wait_for_url("**/profile/sessions*")
    assert "Your password is changed." in await page.locator("#status").inner_text()
    assert await visitor.inspect("sessions after the change") == []
    await phone.page.goto("/profile/sessions")
    assert "/login" in phone.page.url

    async def is_told():
        await visitor.go("/audit?action=user.password_changed")
        return await page.locator("a[data-entry]").count() > 0

    await eventually(is_told)
    assert "Password changed" in await page.locator("a[data-entry]").first.inner_text()
    await visitor.go("/password/change")
    await fill(OTHER, old)


async def test_it_is_changed_without_script(visit, house):
    old = house.demo["users"][KIM]["password"]
    visitor = await visit(KIM, java_script_enabled=False)
    page = visitor.page
    await visitor.go("/profile/sessions")
    for current, wanted in ((old, OTHER), (OTHER, old)):
        await page.get_by_role("link", name="Change password").last.click()
        for name, text in (("current", current), ("password", wanted), ("again", wanted)):
            await page.fill(f"#{name}", text)
        await page.get_by_role("button", name="Change password").click()
        await page.wait_for_url("**/profile/sessions*")
        assert "Your password is changed." in await page.locator("#status").inner_text()
