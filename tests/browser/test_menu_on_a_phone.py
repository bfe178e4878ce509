"""The ways through the console where it is narrow: they take little room, and need neither a mouse nor script."""

import pytest
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")
ADMIN, IN_BOTH, STAFF = "carly@acme.test", "rita@acme.test", "staff@latchkey.test"
MOST_PIXELS = 120
_HEIGHT = "element => element.getBoundingClientRect().height"


@pytest.mark.parametrize("who", [ADMIN, IN_BOTH, STAFF])
async def test_the_page_begins_near_the_top_of_a_phone(visit, who):
    visitor = await visit(who, width=320)
    await visitor.go("/profile/sessions")
    assert await visitor.page.locator("header").evaluate(_HEIGHT) <= MOST_PIXELS
    menu = visitor.page.get_by_role("button", name="Menu My sessions", exact=True)
    await expect(menu).to_be_visible()
    ways = visitor.page.locator("#menu")
    await expect(ways).to_be_hidden()
    await menu.click()
    for name in ("Documentation", "My applications", "Change password"):
        await expect(ways.get_by_role("link", name=name)).to_be_in_viewport()
    await expect(ways.get_by_role("button", name="Sign out")).to_be_in_viewport()
    await expect(ways.get_by_role("link", name="My sessions")).to_have_attribute("aria-current", "page")
    looks = [({"width": 320, "height": 640}, scheme) for scheme in ("light", "dark")]
    assert await visitor.inspect("the open menu", looks) == []


async def test_the_menu_is_opened_walked_and_closed_by_keyboard(visit):
    visitor = await visit(ADMIN, width=320)
    page = visitor.page
    await visitor.by_keyboard_alone()
    await visitor.go("/apps")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    menu = page.get_by_role("button", name="Menu App Center", exact=True)
    await visitor.tab_to("Menu", most=3)
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="App Center")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("link", name="App Center")).to_be_hidden()
    await expect(menu).to_be_focused()
    await page.keyboard.press("Enter")
    await visitor.tab_to("Roles", most=5)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/roles")
    await expect(page.get_by_role("button", name="Menu Roles", exact=True)).to_be_visible()


async def test_the_menu_needs_no_script(visit, house):
    visitor = await visit(width=320, java_script_enabled=False)
    page = visitor.page
    await page.goto("/login?next=/apps")
    await page.fill("#email", ADMIN)
    await page.fill("#password", house.demo["users"][ADMIN]["password"])
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("link", name="Audit events").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Audit events")


async def test_where_there_is_room_every_way_is_seen(visit):
    visitor = await visit(ADMIN)
    await visitor.go("/apps")
    await expect(visitor.page.get_by_role("button", name="Menu")).to_be_hidden()
    for name in ("App Center", "Documentation", "My applications"):
        await expect(visitor.page.get_by_role("link", name=name, exact=True)).to_be_in_viewport()
