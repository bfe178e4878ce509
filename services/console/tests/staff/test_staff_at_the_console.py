"""`/staff`: workspaces, reviews, switches, and nobody else gets there."""

import msgspec
import pytest

from latchkey_contracts.requests.console import LinesAnswer, LinesOf
from latchkey_contracts.requests.permissions import ConsentLine
from latchkey_kit.web.problems import Document

ACME, GLOBEX = "1" * 32, "9" * 32
APP = "c" * 32
WHEN = "2026-10-02T14:05:00Z"
TENANTS = [
    {"id": ACME, "name": "acme", "title": "Acme", "members": 3, "off_boarded": False, "created_at": WHEN},
    {"id": GLOBEX, "name": "globex", "title": "Globex", "members": 1, "off_boarded": True, "created_at": WHEN},
]
WAITING = {
    "id": APP,
    "name": "Acme Sync",
    "tenant": GLOBEX,
    "description": "Keeps two lists the same.",
    "logo": None,
    "redirect_uris": ["https://sync.acme.test/callback"],
    "type": "confidential",
    "preset": "custom",
    "permissions": {"company": ["view"]},
    "dynamic": False,
    "note": "Please.",
    "requested_at": WHEN,
    "requested_by": "2" * 32,
    "revision": 7,
}
PLACES = ("/staff", "/staff/requests", "/staff/apps", f"/staff/apps/{APP}", "/staff/password-link")


def _tenants(sent):
    words = sent.params.get("q", "").lower()
    found = [one for one in TENANTS if words in one["title"].lower() or words == one["id"]]
    return {"data": found, "next_cursor": None}


@pytest.fixture(autouse=True)
def app(house):
    """The one app, as the registry knows it."""
    known = {"id": APP, "name": "Acme Sync", "tenant": GLOBEX, "status": "active", "published": False, "dynamic": False}
    house.sign_in(("acme", "Acme"), staff=True)
    house.on("auth", "GET", "/v1/tenants", _tenants)
    house.on("client-registry", "GET", "/v1/labs", {"on": [ACME]})
    house.on("client-registry", "GET", "/v1/publish-requests", {"data": [WAITING], "next_cursor": None})
    line = ConsentLine(title="Company", sentence="View companies")
    house.on("permissions", "POST", LinesOf.path, LinesAnswer(lines=(line,), scope=("company:view",)))
    house.on("client-registry", "GET", "/v1/all-clients", lambda _: {"data": [known], "next_cursor": None})
    for method, path in (
        ("PUT", "/v1/labs/.*"),
        ("POST", f"/v1/publish-requests/{APP}"),
        ("PUT", f"/v1/all-clients/{APP}/.*"),
    ):
        house.on("client-registry", method, path, {})
    return known


async def test_who_is_not_staff_gets_to_none_of_it(browser, house):
    house.sign_in(("acme", "Acme"))
    for path in PLACES:
        assert (await browser.get(path)).status == 403
    for path in ("/staff", f"/staff/labs/{ACME}", f"/staff/requests/{APP}", f"/staff/apps/{APP}/compromised"):
        assert (await browser.post(path, {"on": "1"})).status == 403
    assert not [one for one in house.sent if one.path.startswith("/v1/")]


async def test_staff_who_are_in_no_workspace_get_everywhere(browser, house):
    house.person = msgspec.structs.replace(house.person, workspaces=(), workspace=None)
    for path in PLACES:
        assert (await browser.get(path)).status == 200


async def test_workspaces_show_their_labs_switch_and_can_be_searched(browser, house):
    page = await browser.get("/staff")
    assert "Acme acme 3 2 Oct 2026, 14:05 UTC On Turn off" in page.words
    assert "Globex Off-boarded globex 1 2 Oct 2026, 14:05 UTC Off Turn on" in page.words
    page = await browser.get("/staff?q=glo")
    assert "Acme acme" not in page.words
    assert "No workspace has this" in (await browser.get("/staff?q=nothing")).words
    assert house.asked("auth", "GET", "/v1/tenants")[-1].actor == "assertion-for-auth"


async def test_labs_is_switched_and_the_search_stays(browser, house):
    form = (await browser.get("/staff?q=glo")).form(f"/staff/labs/{GLOBEX}")
    page = await browser.post(f"/staff/labs/{GLOBEX}", form)
    assert page.where == "/staff?q=glo&said=labs_on"
    (sent,) = house.asked("client-registry", "PUT", f"/v1/labs/{GLOBEX}")
    assert sent.body == {"on": True}
    assert "Labs is on for this workspace." in (await browser.get(page.where)).words


async def test_a_workspace_is_made_and_the_link_for_its_admin_shown_once(browser, house):
    house.on("auth", "POST", "/v1/tenants", {"id": "8" * 32, "url": "http://127.0.0.1:8080/invitation/first"})
    fields = {"name": "initech", "title": "Initech", "admin_email": "bill@initech.test"}
    page = await browser.post("/staff", fields)
    assert (page.status, page.headers["Cache-Control"]) == (201, "no-store")
    assert "/invitation/first" in page.text
    assert house.asked("auth", "POST", "/v1/tenants")[0].body == fields
    assert "/invitation/first" not in (await browser.get("/staff")).text


async def test_what_is_wrong_with_a_workspace_stands_beside_it(browser, house):
    house.refuse("auth", "POST", "/v1/tenants", 409, "name_taken", "This name is taken.")
    page = await browser.post("/staff", {"name": "acme", "title": "Acme", "admin_email": "x@acme.test"})
    assert page.status == 409
    assert 'id="name-problem">This name is taken.' in page.text
    assert ("title", "Acme") in page.form("/staff")
    house.refuse("auth", "POST", "/v1/tenants", 400, "invalid_request", admin_email="This is no address.")
    page = await browser.post("/staff", {"name": "acme", "title": "Acme", "admin_email": "x"})
    assert 'id="admin_email-problem">This is no address.' in page.text


async def test_a_request_is_shown_with_who_made_it_and_approved_as_it_was_seen(browser, house):
    page = await browser.get("/staff/requests")
    for words in (
        "Acme Sync",
        "Made by Globex",
        "Keeps two lists the same.",
        "Please.",
        "View companies",
        "https://sync.acme.test/",
    ):
        assert words in page.words
    page = await browser.post(f"/staff/requests/{APP}", {"decision": "approve", "revision": "7"})
    assert page.where == "/staff/requests?said=approved"
    (sent,) = house.asked("client-registry", "POST", f"/v1/publish-requests/{APP}")
    assert sent.body == {"decision": "approve", "reason": ""}
    assert sent.headers["If-Match"] == '"7"'


async def test_a_request_is_shown_while_nobody_can_say_what_the_app_may_do(browser, house):
    house.away.add("permissions")
    house.person = msgspec.structs.replace(house.person, workspaces=(), workspace=None)
    page = await browser.get("/staff/requests")
    assert (page.status, "Nobody can tell at the moment." in page.words) == (200, True)


async def test_a_rejection_needs_a_reason_and_keeps_what_was_typed(browser, house):
    house.refuse("client-registry", "POST", ".*", 400, "invalid_request", reason="Say why: its maker will read this.")
    page = await browser.post(f"/staff/requests/{APP}", {"decision": "reject", "reason": " <i>no</i> "})
    assert page.status == 400
    assert "Say why" in page.words
    assert "&lt;i&gt;no&lt;/i&gt;</textarea>" in page.text


async def test_a_decision_that_came_too_late_is_told(browser, house):
    house.on("client-registry", "GET", "/v1/publish-requests", {"data": [], "next_cursor": None})
    house.refuse("client-registry", "POST", ".*", 409, "not_requested", "Nobody asks for this app to be published.")
    page = await browser.post(f"/staff/requests/{APP}", {"decision": "approve"})
    assert page.status == 409
    assert "Nobody waits for a review. Nobody asks for this app to be published." in page.words


async def test_apps_are_looked_for_before_any_is_listed(browser, house):
    await browser.get("/staff/apps")
    assert house.asked("client-registry", "GET", "/v1/all-clients") == []
    page = await browser.get("/staff/apps?q=sync")
    assert "Acme Sync Globex Active No Off" in page.words


@pytest.mark.parametrize("switch", ["dynamic", "compromised"])
async def test_the_switches_of_an_app_are_switched(browser, house, app, switch):
    for value, word in (("1", "on"), ("0", "off")):
        page = await browser.post(f"/staff/apps/{APP}/{switch}", {"on": value})
        assert page.where == f"/staff/apps/{APP}?said={switch}_{word}"
    bodies = [one.body for one in house.asked("client-registry", "PUT", f"/v1/all-clients/{APP}/{switch}")]
    assert bodies == [{"on": True}, {"on": False}]


async def test_marking_an_app_is_asked_back_and_lifting_is_not(browser, app):
    assert "Mark Acme Sync as compromised?" in (await browser.get(f"/staff/apps/{APP}")).words
    app["status"] = "compromised"
    page = await browser.get(f"/staff/apps/{APP}")
    assert "Lift the mark" in page.words
    assert "Mark as compromised" not in page.words


async def test_an_app_that_is_not_there_is_not_found(browser):
    assert (await browser.get(f"/staff/apps/{'d' * 32}")).status == 404
    assert (await browser.get("/staff/apps/..%2Flabs")).status == 404


async def test_a_password_link_is_shown_once_or_it_is_said_why_not(browser, house):
    link = {"url": "http://127.0.0.1:8080/password/once", "expires_at": WHEN}
    house.on("auth", "POST", "/v1/users/password-link", link)
    page = await browser.post("/staff/password-link", {"email": "sam@acme.test"})
    assert page.status == 201
    assert "/password/once" in page.text
    nobody = Document(status=404, code="not_found", title="There is nothing here.", detail="Nobody has this address.")
    house.on("auth", "POST", "/v1/users/password-link", nobody)
    page = await browser.post("/staff/password-link", {"email": "nobody@acme.test"})
    assert page.status == 404
    assert 'id="email-problem">Nobody has this address.' in page.text
    assert ("email", "nobody@acme.test") in page.form("/staff/password-link")
