"""The whole way by the pages alone: an admin makes a client, an assistant is connected, and disconnected again."""

import re
from urllib.parse import urlencode

import pytest
from asking import make_client, sent_to
from playwright.async_api import expect

from latchkey_cli.demo import assistant
from latchkey_cli.demo.client import Credentials
from latchkey_kit.testing import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")
ADMIN = "carly@acme.test"
LOOPBACK = "http://127.0.0.1/callback"


class InABrowser:
    """As the demo's `Browser`, for the MCP client: it opens a page, and a person says yes by keyboard."""

    def __init__(self, visitor):
        self._visitor = visitor
        self.asked = 0

    async def authorize(self, url):
        self.asked += 1
        tab = await self._visitor.tab()
        await tab.go(url)
        assert await tab.inspect("consent") == []
        await tab.tab_to("Authorize")
        answer = await sent_to(tab, LOOPBACK, lambda: tab.page.keyboard.press("Enter"))
        await tab.page.close()
        return LOOPBACK + "?" + urlencode(answer)


async def press(visitor, name, *, exact=False):
    await visitor.tab_to(name, exact=exact)
    await visitor.page.keyboard.press("Enter")


async def make(visitor, name):
    """The documented walk, by keyboard alone; gives id and secret as they stand on the page."""
    page = visitor.page
    await visitor.by_keyboard_alone()
    await visitor.go("/apps")
    await press(visitor, "+ New app")
    await page.wait_for_url("**/apps/new")
    await press(visitor, "+ OAuth Client")
    await page.wait_for_url("**/apps/new/oauth-client*")
    await visitor.tab_to("Name", exact=True)
    await page.keyboard.type(name)
    await press(visitor, "Create client")
    secret = page.locator("#secret-value")
    await expect(secret).to_be_visible()
    assert await visitor.inspect("a new client") == []
    await visitor.tab_to("Redirect URL 1")
    await page.keyboard.type(LOOPBACK)
    await press(visitor, "Permissions", exact=True)
    await expect(page.locator("#permissions-matrix")).to_be_visible()
    await expect(secret).to_be_visible()
    await visitor.tab_to("View Company")
    await page.keyboard.press("Space")
    await expect(page.get_by_role("complementary")).to_contain_text("companies", ignore_case=True)
    await press(visitor, "General", exact=True)
    shown = (await secret.text_content()).strip()
    await press(visitor, "Save changes")
    await expect(secret).to_have_count(0)
    client = (await page.locator("#client-id").text_content()).strip()
    return Credentials(client_id=client, client_secret=shown)


async def test_somebody_new_connects_an_mcp_client_by_the_pages_and_the_keyboard_alone(visit, house):
    admin = await visit(ADMIN)
    made = await make(admin, "Research helper")
    person = InABrowser(admin)
    async with assistant.connected(house.demo["mcp_url"], made, person) as connected:
        found = await connected.use("perform_model_action", model_route="companies", operation="list", parameters={})
        assert len(found["data"]) > 0
        await _sees_it_in_the_app_center(admin, made)
        await _disconnects(admin)
        assert person.asked == 1

        async def has_asked_again():
            await connected.use("get_model_actions")
            return person.asked == 2

        await eventually(has_asked_again)  # what it had is dead, as soon as the door has heard of it
    await admin.go(f"/apps/{made.client_id}/audit")
    assert await admin.inspect("audit of a client") == []


async def _sees_it_in_the_app_center(admin, made):
    await admin.go(f"/apps/{made.client_id}?tab=connections")
    await expect(admin.page.locator("#connections")).to_contain_text(ADMIN)
    await expect(admin.page.locator("#use")).to_have_text(re.compile(r"one connection · used (now|\d+ minutes? ago)"))
    assert await admin.inspect("connections") == []


async def _disconnects(admin):
    await admin.go("/profile/applications")
    assert await admin.inspect("my applications") == []
    await press(admin, "Disconnect Research helper")
    dialog = admin.page.get_by_role("dialog", name="Disconnect Research helper?")
    await expect(dialog).to_be_visible()
    focused = await admin.page.evaluate("document.activeElement.textContent.trim()")
    assert focused == "Cancel"
    assert await admin.inspect("the dialog of Disconnect") == []
    await admin.page.keyboard.press("Tab")
    await admin.page.keyboard.press("Enter")
    await expect(admin.page.locator("#status")).to_contain_text("disconnected")
    await expect(admin.page.locator("#applications")).not_to_contain_text("Research helper")


async def test_a_secret_is_regenerated_by_keyboard_and_says_first_what_that_costs(visit):
    admin = await visit(ADMIN)
    made = await make(admin, "Nightly export")
    await press(admin, "Regenerate")
    dialog = admin.page.locator("#regenerate")
    await expect(dialog).to_be_visible()
    await expect(dialog).to_contain_text("It has no connections now")
    await admin.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await press(admin, "Regenerate")
    await admin.page.keyboard.press("Tab")
    await admin.page.keyboard.press("Enter")
    secret = admin.page.locator("#secret-value")
    await expect(secret).to_be_visible()
    assert (await secret.text_content()).strip() != made.client_secret
    await press(admin, "I stored it")
    await expect(secret).to_have_count(0)


async def test_two_tabs_that_save_the_same_client_are_told_who_was_first(visit, house):
    client = (await make_client(house, [LOOPBACK], name="Two tabs"))["client_id"]
    admin, other = await visit(ADMIN), await visit(ADMIN)
    await admin.go(f"/apps/{client}")
    await other.go(f"/apps/{client}")
    await admin.page.fill("#description", "From the first tab")
    async with admin.page.expect_navigation():
        await admin.page.get_by_role("button", name="Save changes").last.click()
    await other.page.fill("#description", "From the second tab")
    await other.page.get_by_role("button", name="Save changes").last.click()
    await expect(other.page.get_by_role("alert")).to_contain_text("From the first tab")
    assert await other.inspect("a client that changed meanwhile") == []


@pytest.mark.parametrize(
    "redirect_url",
    ["http://app.example/cb", "https://app.example/cb#x", "https://*.app.example/cb", "javascript:alert(1)"],
)
async def test_a_redirect_url_that_will_not_do_is_refused_beside_its_field(visit, redirect_url):
    admin = await visit(ADMIN)
    await admin.go("/apps/new/oauth-client")
    await admin.page.fill("#name", "Wrong address")
    await admin.page.locator('input[name="redirect_uris"]').first.fill(redirect_url)
    async with admin.page.expect_navigation():
        await admin.page.get_by_role("button", name="Create client").last.click()
    field = admin.page.locator('input[name="redirect_uris"]').first
    await expect(field).to_have_attribute("aria-invalid", "true")
    assert await field.input_value() == redirect_url
    assert await admin.inspect("a redirect URL that will not do") == []


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "x" * 10_000, "abc\u202egpj.exe"])
async def test_a_name_that_will_not_do_or_looks_odd_breaks_nothing(visit, name):
    admin = await visit(ADMIN)
    await admin.go("/apps/new/oauth-client")
    await admin.page.evaluate("document.querySelector('#name').removeAttribute('maxlength')")
    await admin.page.fill("#name", name)
    async with admin.page.expect_navigation():
        await admin.page.get_by_role("button", name="Create client").last.click()
    assert await admin.inspect("an odd name") == []


async def test_a_form_that_is_sent_twice_makes_one_client(visit):
    admin = await visit(ADMIN)
    await admin.go("/apps/new/oauth-client")
    fields = await admin.page.evaluate(
        "Object.fromEntries(new FormData(document.querySelector('form[action=\"/apps\"]')).entries())"
    )
    fields |= {"name": "Sent twice"}
    for _ in range(2):
        answer = await admin.context.request.post("/apps", form=fields)
        assert answer.ok
    await admin.go("/apps?q=Sent+twice")
    assert await admin.page.get_by_role("link", name="Sent twice").count() == 1


async def test_a_page_of_a_session_that_is_over_leads_to_sign_in_and_does_nothing(visit):
    admin = await visit(ADMIN)
    await admin.go("/apps/new/oauth-client")
    await admin.context.clear_cookies()
    await admin.page.fill("#name", "Too late")
    await admin.page.get_by_role("button", name="Create client").last.click()
    await admin.page.wait_for_url(lambda url: "/login?next=" in url)
