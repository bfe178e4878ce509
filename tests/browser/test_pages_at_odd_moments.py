"""Pages that nobody opens on purpose: too late, not allowed, empty, changed meanwhile, shown once."""

import pytest
import pytest_asyncio
from asking import asking, make_client
from newcomers import PASSWORD
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")
ADMIN, REP, STAFF, OTHERS = "carly@acme.test", "sam@acme.test", "staff@latchkey.test", "kim@globex.test"
IN_BOTH = "rita@acme.test"
LOOPBACK = "http://127.0.0.1/callback"


async def submit(visitor, name):
    async with visitor.page.expect_navigation():
        await visitor.page.get_by_role("button", name=name, exact=True).first.click()


async def type_password(visitor, house, email, password=None):
    await visitor.page.fill("#email", email)
    await visitor.page.fill("#password", password or house.demo["users"][email]["password"])


async def test_a_sign_in_that_is_wrong_or_too_late_says_so_and_can_be_tried_again(visit, house):
    visitor = await visit()
    await visitor.go("/login?next=/docs")
    await type_password(visitor, house, REP, "not the password")
    await submit(visitor, "Sign in")
    await expect(visitor.page.get_by_role("alert")).to_contain_text("is wrong")
    assert await visitor.inspect("a wrong password") == []
    await visitor.context.clear_cookies()
    await type_password(visitor, house, REP)
    await submit(visitor, "Sign in")
    await expect(visitor.page.get_by_role("alert")).to_contain_text("open for too long")
    assert await visitor.inspect("a sign-in form that is too old") == []
    await type_password(visitor, house, REP)
    await submit(visitor, "Sign in")
    assert visitor.page.url.endswith("/docs")


async def test_whoever_signs_out_is_at_the_sign_in_form_and_the_page_before_is_closed(visit):
    visitor = await visit(REP)
    await visitor.go("/profile/sessions")
    await submit(visitor, "Sign out")
    assert visitor.page.url.endswith("/login")
    assert await visitor.inspect("signed out") == []
    await visitor.go("/profile/sessions")
    assert "/login?next=/profile/sessions" in visitor.page.url


async def test_consent_after_the_session_is_over_asks_to_sign_in_and_then_again(visit, house):
    visitor = await visit(ADMIN)
    client = house.client("sync-demo")["client_id"]
    await visitor.go(asking(house, client, LOOPBACK, prompt="consent").url)
    await visitor.context.clear_cookies()
    await submit(visitor, "Authorize")
    await expect(visitor.page.get_by_text("to continue to")).to_be_visible()
    assert await visitor.inspect("sign-in for an app") == []
    await type_password(visitor, house, ADMIN)
    await submit(visitor, "Sign in")
    await expect(visitor.page.get_by_role("button", name="Authorize", exact=True)).to_be_visible()


async def test_consent_that_was_shown_in_another_session_grants_nothing(visit, house):
    visitor = await visit(ADMIN)
    client = house.client("sync-demo")["client_id"]
    await visitor.go(asking(house, client, LOOPBACK, prompt="consent").url)
    await visitor.context.clear_cookies()
    await (await visitor.tab()).sign_in(ADMIN)
    await submit(visitor, "Authorize")
    assert visitor.page.url.startswith(house.origin)
    assert await visitor.inspect("consent of another session") == []


async def test_an_app_that_wants_more_than_the_role_allows_is_refused_on_a_page(visit, house):
    visitor = await visit(REP)
    wanted = await make_client(house, [LOOPBACK], {"task": ["remove"]}, name="Task cleaner")
    await visitor.go(asking(house, wanted["client_id"], LOOPBACK).url, status=403)
    await expect(visitor.page.get_by_role("link", name="Back to Task cleaner")).to_be_visible()
    assert await visitor.inspect("a refusal") == []


async def test_a_role_that_somebody_changed_meanwhile_is_not_saved_unseen(visit):
    admin, other = await visit(ADMIN), await visit(ADMIN)
    await admin.go("/roles/new")
    await admin.page.fill("#name", "Auditor")
    await submit(admin, "Create role")
    await other.go(admin.page.url.partition("?")[0])
    await admin.page.fill("#name", "Chief auditor")
    await submit(admin, "Save role")
    await other.page.fill("#name", "Second auditor")
    await submit(other, "Save role")
    await expect(other.page.get_by_role("alert")).to_contain_text("Somebody changed this role meanwhile")
    assert await other.inspect("a role that changed meanwhile") == []


async def test_what_people_will_read_is_a_page_of_its_own_without_script(visit, house):
    visitor = await visit(ADMIN)
    await visitor.go(f"/apps/{house.client('sync-demo')['client_id']}?tab=permissions")
    async with visitor.page.expect_navigation():
        await visitor.page.evaluate(
            "const form = document.querySelector('form#client'); form.action += '/preview';"
            " HTMLFormElement.prototype.submit.call(form)"
        )
    assert await visitor.inspect("the preview as a page") == []


async def test_a_password_link_is_shown_once_and_used_once(visit, house):
    admin, stranger = await visit(ADMIN), await visit()
    page = stranger.page
    await admin.go("/members")
    await admin.page.fill("#email", "lost@acme.test")
    await admin.page.select_option("#role", label="Rep")
    await submit(admin, "Make invitation")
    await stranger.go(await admin.page.input_value("#made-link"))
    await page.fill("#name", "Lost Password")
    await page.evaluate("document.querySelector('#password').required = false")
    await submit(stranger, "Join")
    assert await stranger.inspect("an invitation without a password") == []
    await page.fill("#password", PASSWORD)
    await submit(stranger, "Join")
    await submit(stranger, "Sign out")

    await admin.go("/members")
    await admin.page.get_by_role("link", name="Lost Password", exact=True).click()
    await submit(admin, "Make password link")
    assert await admin.inspect("a password link that was made") == []
    link = await admin.page.input_value("#made-link")
    await stranger.go(link)
    assert await stranger.inspect("a new password") == []
    await page.fill("#password", PASSWORD + "!")
    await page.fill("#again", "another one than that")
    await submit(stranger, "Set password")
    await expect(page.get_by_role("alert")).to_have_text("The two are not the same.")
    assert await stranger.inspect("two passwords that differ") == []
    await page.fill("#password", PASSWORD + "!")
    await page.fill("#again", PASSWORD + "!")
    await submit(stranger, "Set password")
    assert page.url.endswith("/login?said=password_set")
    await stranger.go(link, status=404)


@pytest_asyncio.fixture(loop_scope="session")
async def labs(visit):
    """Staff, who turn Labs of globex on or off; in the end it is off, as it was."""
    staff = await visit(STAFF)

    async def turn(state: str) -> None:
        await staff.go("/staff?q=globex")
        await submit(staff, f"Turn {state} Labs for Globex")

    yield turn
    await turn("off")


async def test_a_workspace_without_apps_says_what_to_do_and_people_of_two_choose_one(visit, house, labs):
    others = await visit(OTHERS)
    for path, status in (("/apps", 200), ("/apps/new", 403)):
        await others.go(path, status=status)
        assert await others.inspect(f"{path} without Labs") == []
    await labs("on")
    await others.go("/apps")
    await expect(others.page.get_by_role("heading", name="No apps yet")).to_be_visible()
    assert await others.inspect("no apps yet") == []
    for path, words in (("/profile/applications", "No applications yet."), ("/roles/teams", "There are no teams yet.")):
        await others.go(path)
        await expect(others.page.get_by_text(words)).to_be_visible()
        assert await others.inspect(path) == []

    made = await make_client(
        house, [LOOPBACK], {"company": ["view"]}, name="For everybody", description="Lists companies."
    )
    admin, staff = await visit(ADMIN), await visit(STAFF)
    await admin.go(f"/apps/{made['client_id']}")
    await admin.page.get_by_text("Request publication").first.click()
    await admin.page.fill("#note", "It lists companies.")
    await admin.page.get_by_role("button", name="Request publication").click()
    await expect(admin.page.get_by_text("In review").first).to_be_visible()
    await staff.go("/staff/requests")
    assert await staff.inspect("a request") == []
    await submit(staff, "Approve For everybody")

    both = await visit(IN_BOTH)
    await both.go(asking(house, made["client_id"], LOOPBACK).url)
    await expect(both.page.get_by_role("heading", name="Choose a workspace")).to_be_visible()
    assert await both.inspect("a choice of workspaces") == []
    await submit(both, "Globex")
    await expect(both.page.get_by_text("Verified")).to_be_visible()
    assert await both.inspect("consent to an app that is published") == []
