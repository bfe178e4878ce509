"""Every page, for everybody who may see it: nothing for axe, nothing in the console, nothing that is too wide."""

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")
STRANGER, ADMIN, REP, STAFF = None, "carly@acme.test", "sam@acme.test", "staff@latchkey.test"
PAGES = {
    STRANGER: ("/login", "/docs", "/docs/api", "/docs/api/oauth-clients", "/password"),
    ADMIN: (
        "/apps", "/apps/new", "/apps/{client}", "/apps/{client}?tab=permissions", "/apps/{client}/connections",
        "/apps/{client}/audit", "/audit", "/roles", "/members", "/profile/applications", "/profile/sessions", "/docs",
    ),
    REP: ("/profile/applications", "/profile/sessions", "/password/change"),
    STAFF: ("/staff", "/profile/sessions"),
}  # fmt: skip


@pytest.mark.parametrize("who", PAGES, ids=lambda who: (who or "stranger").partition("@")[0])
async def test_a_page_is_for_everybody(visit, house, who):
    visitor = await visit(who)
    wrong = []
    for path in PAGES[who]:
        place = path.format(client=house.client("sync-demo")["client_id"])
        await visitor.go(place)
        wrong += await visitor.inspect(path)
    assert wrong == []


@pytest.mark.parametrize("path", ["/apps", "/audit", "/roles", "/members", "/staff"])
async def test_what_is_not_ones_own_says_whom_to_ask(visit, path):
    visitor = await visit(REP)
    await visitor.go(path, status=403)
    assert await visitor.inspect(path) == []


async def test_a_stranger_signs_in_first_and_comes_back(visit, house):
    visitor = await visit()
    await visitor.go("/profile/applications")
    assert "/login?next=/profile/applications" in visitor.page.url
    await visitor.page.fill("#email", REP)
    await visitor.page.fill("#password", house.demo["users"][REP]["password"])
    await visitor.page.get_by_role("button", name="Sign in").click()
    await visitor.page.wait_for_url("**/profile/applications")


async def test_an_address_without_a_page_says_so(visit):
    visitor = await visit(REP)
    await visitor.go("/apps/nowhere/at/all", status=404)
    assert await visitor.inspect("404") == []
