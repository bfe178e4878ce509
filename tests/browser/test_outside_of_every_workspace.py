"""Somebody whose workspace let them go: what they are told, and what is still theirs."""

import pytest
from newcomers import PASSWORD
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")
ADMIN, EMAIL = "carly@acme.test", "odette@acme.test"
ANOTHER = "another password of theirs"
WORDS = (
    f"You do not belong to any workspace. Ask an admin of the one that you want to join for an invitation to {EMAIL}"
)


async def submit(visitor, name):
    async with visitor.page.expect_navigation():
        await visitor.page.get_by_role("button", name=name, exact=True).first.click()


async def test_whoever_belongs_to_no_workspace_is_told_what_to_do_and_keeps_their_own(visit):
    admin, person, elsewhere = await visit(ADMIN), await visit(), await visit()
    await admin.go("/members")
    await admin.page.fill("#email", EMAIL)
    await admin.page.select_option("#role", label="Rep")
    await submit(admin, "Make invitation")
    await person.go(await admin.page.input_value("#made-link"))
    await person.page.fill("#name", "Odette Lind")
    await person.page.fill("#password", PASSWORD)
    await submit(person, "Join")
    await submit(person, "Sign out")
    await admin.go("/members")
    await admin.page.get_by_role("link", name="Odette Lind", exact=True).click()
    await admin.page.get_by_role("button", name="Remove member", exact=True).first.click()
    async with admin.page.expect_navigation():
        await admin.page.get_by_role("dialog").get_by_role("button", name="Remove member", exact=True).click()

    for one in (person, elsewhere):
        await one.sign_in(EMAIL, PASSWORD)
    page = person.page
    await expect(page.get_by_text(WORDS)).to_be_visible()
    assert await person.inspect("documentation") == []
    await person.go("/")
    assert page.url.endswith("/profile/applications")
    await expect(page.get_by_text(WORDS)).to_be_visible()
    assert await person.inspect("applications") == []
    for path in ("/apps", "/audit", "/roles", "/members"):
        await person.go(path, status=403)
        await expect(page.get_by_role("heading", level=1)).to_have_text("You do not belong to a workspace")
        await expect(page.get_by_text(WORDS)).to_be_visible()
    assert await person.inspect("a refusal") == []

    await person.go("/profile/sessions")
    assert await person.inspect("sessions") == []
    await page.locator("main").get_by_role("link", name="Change password").click()
    await page.wait_for_url("**/password/change")
    assert await person.inspect("change password") == []
    await page.fill("#current", PASSWORD)
    await page.fill("#password", ANOTHER)
    await page.fill("#again", ANOTHER)
    await submit(person, "Change password")
    await expect(page.get_by_text("Your password is changed. 1 other session is ended.")).to_be_visible()
    await elsewhere.go("/profile/sessions")
    assert "/login" in elsewhere.page.url
    await elsewhere.sign_in(EMAIL, ANOTHER)
    await person.go("/profile/sessions")
    await page.get_by_role("button", name="End session").click()
    await expect(page.get_by_text("That session is ended.")).to_be_visible()
    await elsewhere.go("/profile/sessions")
    assert "/login" in elsewhere.page.url
