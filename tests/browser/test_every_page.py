"""Every page, for everybody who may see it: nothing for axe, nothing in the console, nothing that is too wide."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from asking import asking
from newcomers import MEMBER, READER, join
from places import ADMIN, EVERYBODY, FOR_STRANGERS, PLACES, REP, STAFF, page_routes, route_of

from latchkey_kit.testing.looking import EVERY_LOOK, PAIRS

pytestmark = pytest.mark.asyncio(loop_scope="session")
NAMES = {ADMIN: "admin", REP: "rep", STAFF: "staff", MEMBER.email: "member", READER.email: "reader"}
REFUSALS = {
    "This is not part of your role", "Your role does not show you this", "You do not belong to a workspace",
}  # fmt: skip
by_everybody = pytest.mark.parametrize("who", sorted(EVERYBODY), ids=NAMES.get)


@pytest.fixture(scope="module")
def known():
    """What was found out before: ids that stand in addresses, and the pages and refusals that were looked at."""
    return {}


@pytest_asyncio.fixture(loop_scope="session")
async def ids(visit, house, known):
    """Ids for the places of addresses, of things that acme has; and the newcomers have joined it."""
    if "ids" in known:
        return known["ids"]
    admin = await visit(ADMIN)
    for newcomer in (MEMBER, READER):
        assert await join(house, admin, await visit(), newcomer) == []
    await admin.go("/roles/teams")
    await admin.page.fill("#name", "Northern team")
    await admin.page.get_by_role("button", name="Create team").click()
    await admin.page.get_by_text("The team is made.").wait_for()
    found = {"team": urlsplit(admin.page.url).path.rpartition("/")[2]}
    for name, path, words in (("role", "/roles", "Rep"), ("member", "/members", "Sam Okafor")):
        await admin.go(path)
        href = await admin.page.get_by_role("link", name=words, exact=True).get_attribute("href")
        found[name] = href.rpartition("/")[2]
    await admin.go("/audit")
    href = await admin.page.locator("a[data-entry]").first.get_attribute("href")
    found["event"] = href.rpartition("/")[2]
    found["client"] = house.client("sync-demo")["client_id"]
    for name, uri in (("request", "http://127.0.0.1/callback"), ("foreign", "https://elsewhere.example/")):
        found[name] = urlsplit(asking(house, found["client"], uri).url).query
    known["ids"] = found
    return found


@by_everybody
async def test_everybody_sees_what_is_theirs_and_is_told_what_is_not(visit, ids, known, who):
    visitor = await visit(who)
    refusals, looked = known.setdefault("refusals", set()), known.setdefault("looked", set())
    pair = PAIRS[sorted(EVERYBODY).index(who) % 2]

    async def look(tab, place):
        path, may = place
        await tab.go(path.format(**ids), status=200 if may else 403)
        words = await tab.page.locator("main").inner_text()
        title = await tab.page.locator("h1").inner_text()
        assert (title in REFUSALS) is not may, path
        if not may and words in refusals:
            return []
        if not may:
            refusals.add(words)
        looks = pair if path in looked else EVERY_LOOK
        looked.add(path)
        return await tab.inspect(path, looks)

    assert await visitor.in_tabs(look, [(path, who in theirs) for theirs, paths in PLACES for path in paths]) == []


@by_everybody
@pytest.mark.usefixtures("ids")
async def test_no_link_leads_to_a_refusal(visit, who):
    visitor = await visit(who)
    routes, looked, waiting = page_routes(), set(), ["/"]
    while waiting:
        path = waiting.pop()
        where = urlsplit(path)
        kind = (route_of(where.path, routes), *sorted(one.partition("=")[0] for one in where.query.split("&")))
        if kind in looked or where.path.startswith("/.well-known/"):
            continue
        looked.add(kind)
        answer = await visitor.context.request.get(path)
        assert answer.status == 200, path
        if "text/html" in answer.headers["content-type"]:
            waiting += [unescape(href) for href in re.findall(r'<a [^>]*href="(/[^"]*)"', await answer.text())]
    assert len(looked) > 4


async def test_a_stranger_sees_what_is_for_everybody(visit, ids):
    async def look(tab, place):
        path, status = place
        await tab.go(path.format(**ids), status=status)
        return await tab.inspect(path)

    visitor = await visit()
    assert await visitor.in_tabs(look, FOR_STRANGERS.items()) == []


async def test_a_stranger_signs_in_first_whatever_page_it_is(visit, ids):
    visitor = await visit()
    for path in (path.format(**ids) for _, paths in PLACES for path in paths if path not in FOR_STRANGERS):
        answer = await visitor.context.request.get(path, max_redirects=0)
        assert answer.status == 303, path
        assert answer.headers["location"].startswith("/login?next="), path


async def test_a_stranger_signs_in_first_and_comes_back(visit, house):
    visitor = await visit()
    await visitor.go("/profile/applications")
    assert "/login?next=/profile/applications" in visitor.page.url
    await visitor.page.fill("#email", REP)
    await visitor.page.fill("#password", house.demo["users"][REP]["password"])
    await visitor.page.get_by_role("button", name="Sign in").click()
    await visitor.page.wait_for_url("**/profile/applications")


@pytest.mark.parametrize("form", ["secrets", "regenerate", "logo", "disable", "enable", "delete", "publish"])
async def test_the_address_of_a_form_leads_to_its_page(visit, ids, form):
    visitor = await visit(ADMIN)
    await visitor.go(f"/apps/{ids['client']}/{form}")
    assert visitor.page.url.endswith(f"/apps/{ids['client']}")


@pytest.mark.parametrize(
    "path", ["/apps/nowhere/at/all", "/apps/{none}", "/roles/{none}", "/members/{none}", "/audit/{none}"]
)
async def test_an_address_without_a_page_says_so(visit, path):
    visitor = await visit(ADMIN)
    await visitor.go(path.format(none="0" * 32), status=404)
    assert await visitor.inspect("404") == []
