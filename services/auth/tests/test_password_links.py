"""Links for a new password: who may make one for whom, and that each works once and ends every session."""

import asyncio

import msgspec
import pytest

from latchkey_auth.domain.links import token_hash
from latchkey_auth.store import members, password_links, sessions
from latchkey_contracts.requests.operator import MemberPut
from latchkey_contracts.requests.people import UserSwitch
from latchkey_contracts.requests.permissions import RoleWithin
from latchkey_kit.db import connect
from latchkey_kit.telemetry.redaction import without_secrets
from latchkey_kit.testing.waiting import eventually
from latchkey_kit.web.problems import Document

SAM, RITA, KIM, STACY = "sam@acme.test", "rita@acme.test", "kim@globex.test", "stacy@staff.test"
PASSWORD = "a new password"
BEYOND = Document(status=403, title="Nobody grants above themselves.", code="beyond_yourself", detail="It lacks much.")


@pytest.fixture
async def rita(at_console):
    return await at_console(RITA, "acme")


@pytest.fixture
async def staff(at_console):
    return await at_console(STACY, staff=True)


async def made(desk, world, email=SAM):
    status, link = await desk.ask("POST", f"/v1/members/{world.users[email]}/password-link")
    assert status == 201, link
    assert set(link) == {"url", "expires_at"}
    return link["url"].removeprefix("http://localhost:8080")


async def choose(browser, path, password=PASSWORD, again=None):
    page = await browser.get(path)
    return await browser.submit(page, path, password=password, again=password if again is None else again)


async def test_a_new_password_is_chosen_by_a_link_and_every_session_ends(world, rita, browser, new_browser):
    old = await new_browser(world)
    await old.sign_in(SAM)
    path = await made(rita, world)
    assert path.startswith("/password/lk_pwl_")
    page = await browser.get(path)
    assert (page.status, page.texts("h1")) == (200, ["Choose a new password"])
    answer = await browser.submit(page, path, password=PASSWORD, again=PASSWORD)
    assert (answer.status, answer.location) == (303, "/login?said=password_set")
    assert {"class": "note done", "role": "status"} in (await browser.get(answer.location)).attributes("p")
    assert (await old.get("/login")).texts("h1") == ["Sign in"]
    assert (await old.sign_in(SAM)).status == 403, "the old one is wrong"
    assert (await old.sign_in(SAM, PASSWORD)).status == 303
    assert (await rita.browser.get("/login")).texts("h1") != ["Sign in"], "nobody else's session ended"
    [set_anew] = await world.events("user.password_set")
    assert (set_anew.tenantid, set_anew.userid) == (world.tenants["acme"], world.users[SAM])
    assert msgspec.json.decode(set_anew.data) == {"user": world.users[SAM], "sessions": 1}
    [told] = await world.events("user.password_link_made")
    assert (told.tenantid, told.userid) == (world.tenants["acme"], world.users[RITA])


async def test_a_link_is_good_once_and_its_token_is_written_nowhere(world, rita, browser, new_browser):
    path = await made(rita, world)
    token = path.rpartition("/")[2]
    await choose(browser, path)
    late = await new_browser(world)
    page = await late.get(path)
    assert (page.status, page.texts("h1")) == (404, ["This link is no longer good"])
    written = b"".join(row["body"] for row in await world.execute("SELECT body FROM outbox"))
    assert token.encode() not in written
    assert PASSWORD.encode() not in written
    assert token not in without_secrets(f"GET /password/{token}")


@pytest.mark.parametrize(
    ("password", "again", "wrong"),
    [("short", "short", ["password"]), (PASSWORD, "another one", ["again"]), ("", "", ["password"])],
)
async def test_what_cannot_be_is_said_beside_its_field(world, rita, browser, password, again, wrong):
    path = await made(rita, world)
    page = await choose(browser, path, password, again)
    assert page.status == 400
    assert [one["name"] for one in page.attributes("input") if "aria-invalid" in one] == wrong
    assert all("value" not in one for one in page.attributes("input") if one["type"] == "password")
    assert (await choose(browser, path)).status == 303, "the link is still good"


async def test_a_form_of_another_browser_or_site_does_nothing(world, rita, browser, new_browser):
    path = await made(rita, world)
    fields = (await browser.get(path)).form(path)["fields"] | {"password": PASSWORD, "again": PASSWORD}
    assert (await (await new_browser(world)).post(path, fields)).status == 403
    assert (await browser.post(path, fields, headers={"Sec-Fetch-Site": "cross-site"})).status == 403
    assert await world.events("user.password_set") == []
    assert (await browser.post(path, fields)).status == 303


async def test_expired_and_replaced_links_and_those_of_disabled_users_open_nothing(world, rita, browser):
    first = await made(rita, world)
    second = await made(rita, world)
    assert (await browser.get(first)).status == 404
    page = await browser.get(second)
    assert page.status == 200
    await world.operator.ask(UserSwitch(email=SAM, disabled=True))
    assert (await browser.submit(page, second, password=PASSWORD, again=PASSWORD)).status == 404
    await world.operator.ask(UserSwitch(email=SAM, disabled=False))
    assert (await browser.get(second)).status == 200
    await world.execute("UPDATE password_link SET expires_at = clock_timestamp()")
    assert (await browser.get(second)).status == 404


async def test_an_account_that_opens_more_than_the_tenant_is_left_to_staff(world, at_console):
    sam = await at_console(SAM, "acme")
    ask = ("POST", f"/v1/members/{world.users[RITA]}/password-link")
    status, problem = await sam.ask(*ask)
    assert (status, problem["code"]) == (409, "belongs_elsewhere")
    await world.execute(
        "UPDATE membership SET removed_at = clock_timestamp() WHERE tenant = $1", world.tenants["globex"]
    )
    assert (await sam.ask(*ask))[0] == 201, "who is no member elsewhere any more belongs here alone"
    await world.execute("UPDATE app_user SET staff = true WHERE email = $1", RITA)
    assert (await sam.ask(*ask))[1]["code"] == "belongs_elsewhere"


async def test_who_joins_another_tenant_meanwhile_is_out_of_reach(world, rita, browser):
    path = await made(rita, world)
    await world.operator.ask(MemberPut(tenant=world.tenants["globex"], user=world.users[SAM]))
    assert (await browser.get(path)).status == 404


@pytest.mark.parametrize("known", [False, True], ids=["for the first time", "again"])
async def test_who_joins_another_tenant_while_the_password_is_hashed_is_out_of_reach(world, rita, browser, known):
    globex, sam = world.tenants["globex"], world.users[SAM]
    path = await made(rita, world)
    page = await browser.get(path)
    if known:
        await world.execute(
            "INSERT INTO membership (tenant, app_user, removed_at) VALUES ($1, $2, clock_timestamp())", globex, sam
        )

    async def join():
        """Permissions is asked last of all before the password is hashed."""
        await world.operator.ask(MemberPut(tenant=globex, user=sam))

    world.neighbours.before[RoleWithin] = join
    answer = await browser.submit(page, path, password=PASSWORD, again=PASSWORD)
    assert (answer.status, answer.texts("h1")) == (404, ["This link is no longer good"])
    assert await world.events("user.password_set") == []
    assert (await browser.sign_in(SAM, PASSWORD)).status == 403


@pytest.mark.parametrize("known", [False, True], ids=["for the first time", "again"])
async def test_who_is_about_to_join_another_tenant_is_waited_for(world, rita, known):
    """The link is used while a membership is written that nobody can see yet."""
    globex, sam = world.tenants["globex"], world.users[SAM]
    token = (await made(rita, world)).rpartition("/")[2]
    if known:
        await world.execute(
            "INSERT INTO membership (tenant, app_user, removed_at) VALUES ($1, $2, clock_timestamp())", globex, sam
        )
    async with connect(world.served.settings.database_url.reveal()) as database:
        async with database.transaction() as joining:
            assert await members.add(joining, globex, sam, by=None)
            using = asyncio.create_task(_ties_held(database, token, world.tenants["acme"]))
            await eventually(lambda: _somebody_waits(world))
        assert (await using).elsewhere


async def _ties_held(database, token, tenant):
    async with database.transaction() as connection:
        held = await password_links.hold(connection, token_hash(token))
        return await password_links.ties(connection, held.user.id, tenant)


async def _somebody_waits(world):
    return await world.execute(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )


async def test_who_is_promoted_while_the_password_is_hashed_is_out_of_reach(world, rita, browser):
    path = await made(rita, world)
    page = await browser.get(path)

    async def promote():
        world.neighbours.refused_roles[RoleWithin] = BEYOND

    async def first_question():
        world.neighbours.before[RoleWithin] = promote

    world.neighbours.before[RoleWithin] = first_question
    assert (await browser.submit(page, path, password=PASSWORD, again=PASSWORD)).status == 404
    assert await world.events("user.password_set") == []


@pytest.mark.parametrize("maker", [RITA, STACY])
async def test_links_of_who_was_disabled_open_nothing(world, rita, staff, browser, maker):
    if maker == RITA:
        path = await made(rita, world)
    else:
        _, link = await staff.ask("POST", "/v1/users/password-link", {"email": SAM})
        path = link["url"].removeprefix("http://localhost:8080")
    page = await browser.get(path)
    assert page.status == 200
    await world.operator.ask(UserSwitch(email=maker, disabled=True))
    assert (await browser.get(path)).status == 404
    assert (await browser.submit(page, path, password=PASSWORD, again=PASSWORD)).status == 404
    assert await world.events("user.password_set") == []


async def test_links_of_who_was_staff_open_nothing(world, staff, browser):
    _, link = await staff.ask("POST", "/v1/users/password-link", {"email": SAM})
    await world.execute("UPDATE app_user SET staff = false WHERE email = $1", STACY)
    assert (await browser.get(link["url"].removeprefix("http://localhost:8080"))).status == 404


async def test_nobody_takes_over_who_may_do_more_than_they(world, rita, browser):
    world.neighbours.refused_roles[RoleWithin] = BEYOND
    status, problem = await rita.ask("POST", f"/v1/members/{world.users[SAM]}/password-link")
    assert (status, problem["code"]) == (403, "beyond_yourself")
    assert world.neighbours.last(RoleWithin) == RoleWithin(
        tenant=world.tenants["acme"], user=world.users[SAM], actor=world.users[RITA]
    )
    world.neighbours.refused_roles.clear()
    path = await made(rita, world)
    page = await browser.get(path)
    world.neighbours.refused_roles[RoleWithin] = BEYOND
    assert (await browser.submit(page, path, password=PASSWORD, again=PASSWORD)).status == 404, "promoted meanwhile"
    assert await world.events("user.password_set") == []


async def test_while_permissions_are_away_no_password_is_set(world, rita, browser):
    path = await made(rita, world)
    world.neighbours.away.add(RoleWithin.path)
    assert (await browser.get(path)).status == 503
    world.neighbours.away.clear()
    assert (await choose(browser, path)).status == 303


async def test_links_are_for_other_members_of_the_own_tenant_and_need_the_right(world, rita):
    for user, status in ((RITA, 409), (KIM, 404)):
        assert (await rita.ask("POST", f"/v1/members/{world.users[user]}/password-link"))[0] == status
    assert (await rita.ask("POST", "/v1/members/nonsense/password-link"))[0] == 404
    world.neighbours.managing = {"member": ["view", "create", "remove"]}
    assert (await rita.ask("POST", f"/v1/members/{world.users[SAM]}/password-link"))[0] == 403
    assert await world.events("user.password_link_made") == []


async def test_staff_make_links_for_everybody_and_every_tenant_of_theirs_is_told(world, staff, browser):
    status, link = await staff.ask("POST", "/v1/users/password-link", {"email": " Rita@acme.test"})
    assert status == 201
    told = await world.events("user.password_link_made")
    assert {one.tenantid for one in told} == set(world.tenants.values())
    assert {(one.bystaff, one.userid) for one in told} == {(True, world.users[STACY])}
    assert (await choose(browser, link["url"].removeprefix("http://localhost:8080"))).status == 303
    assert world.neighbours.all(RoleWithin) == [], "no role bounds staff"
    assert (await browser.sign_in(RITA, PASSWORD)).status == 303


async def test_staffs_links_are_refused_by_name(world, staff, rita):
    for email, status in (("nobody@acme.test", 404), ("nobody", 400), (STACY, 409)):
        assert (await staff.ask("POST", "/v1/users/password-link", {"email": email}))[0] == status, email
    status, problem = await rita.ask("POST", "/v1/users/password-link", {"email": SAM})
    assert (status, problem["code"]) == (403, "not_staff")


async def test_the_sign_in_page_leads_to_whom_to_ask(world, browser):
    assert {"href": "/password"} in (await browser.get("/login")).attributes("a")
    page = await browser.get("/password")
    assert (page.status, page.texts("h1")) == (200, ["Forgot your password?"])


async def test_no_session_begins_with_a_password_that_was_just_replaced(world):
    """The check of a password takes a while: what it was checked against is looked at again."""
    [row] = await world.execute("SELECT password_hash FROM app_user WHERE email = $1", SAM)
    async with connect(world.served.settings.database_url.reveal()) as database, database.transaction() as connection:
        assert await sessions.may_begin(connection, world.users[SAM], row["password_hash"])
        assert not await sessions.may_begin(connection, world.users[SAM], "another hash")
