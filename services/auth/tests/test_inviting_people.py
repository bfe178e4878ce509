"""Invitations: who may invite whom, and joining by the link, once."""

import asyncio

import msgspec
import pytest

from latchkey_contracts.requests.grants import TokenApply
from latchkey_contracts.requests.operator import MemberPut
from latchkey_contracts.requests.people import TenantSwitch, UserSwitch
from latchkey_contracts.requests.permissions import RoleGive, RoleOffer, RoleUnassign
from latchkey_kit.telemetry.redaction import without_secrets
from latchkey_kit.web.problems import Document

SAM, RITA, KIM, NEW = "sam@acme.test", "rita@acme.test", "kim@globex.test", "ned@new.test"
PASSWORD = "a new password"
ROLE = "e" * 32
BEYOND = Document(status=403, title="Nobody grants above themselves.", code="beyond_yourself", detail="It lacks much.")


@pytest.fixture
async def rita(at_console):
    return await at_console(RITA, "acme")


@pytest.fixture
def invite(rita):
    async def send(email=NEW, role=ROLE, desk=rita):
        status, made = await desk.ask("POST", "/v1/invitations", {"email": email, "role": role})
        assert status == 201, made
        return made["url"].removeprefix("http://localhost:8080")

    return send


async def join(browser, path, **fields):
    return await browser.submit(await browser.get(path), path, **{"name": "Ned", "password": PASSWORD, **fields})


async def members_of(world, tenant="acme"):
    rows = await world.execute(
        "SELECT email FROM membership JOIN app_user ON app_user.id = app_user WHERE tenant = $1 AND removed_at IS NULL",
        world.tenants[tenant],
    )
    return {row["email"] for row in rows}


async def nobody_joined(world):
    assert await members_of(world) == {SAM, RITA}
    assert await world.execute("SELECT 1 FROM app_user WHERE email = $1", NEW) == []
    assert await world.events("member.invitation_accepted") == []


async def test_an_invitation_is_shown_once_listed_and_told(world, rita):
    status, made = await rita.ask("POST", "/v1/invitations", {"email": " NED@new.test", "role": ROLE})
    assert status == 201
    assert (set(made), made["email"], made["role"]) == ({"id", "email", "role", "expires_at", "url"}, NEW, ROLE)
    assert made["url"].startswith("http://localhost:8080/invitation/lk_inv_")
    _, listed = await rita.ask("GET", "/v1/invitations")
    [shown] = listed["data"]
    assert set(shown) == {"id", "email", "role", "created_at", "expires_at", "invited_by"}
    assert (shown["id"], shown["invited_by"]) == (made["id"], world.users[RITA])
    [event] = await world.events("member.invited")
    assert (event.tenantid, event.userid, event.subject) == (world.tenants["acme"], world.users[RITA], made["id"])
    token = made["url"].rpartition("/")[2]
    written = b"".join(row["body"] for row in await world.execute("SELECT body FROM outbox"))
    assert token.encode() not in written
    assert token not in without_secrets(f"GET /invitation/{token}")
    assert (
        await world.execute("SELECT 1 FROM invitation WHERE position($1::bytea in token_hash) > 0", token.encode())
        == []
    )


async def test_somebody_new_chooses_a_password_and_is_in(world, invite, browser):
    path = await invite()
    page = await browser.get(path)
    assert page.texts("h1") == ["Join Acme Inc."]
    answer = await browser.submit(page, path, name=" Ned ", password=PASSWORD)
    assert (answer.status, answer.location) == (303, "/?said=joined")
    assert browser.cookies()["latchkey_workspace_8080"].value == "acme"
    assert "ned@new.test" in (await browser.get("/login")).text
    assert await members_of(world) == {SAM, RITA, NEW}
    [row] = await world.execute("SELECT replace(id::text, '-', '') AS id, name FROM app_user WHERE email = $1", NEW)
    assert row["name"] == "Ned"
    assert world.neighbours.all(RoleGive) == [
        RoleGive(tenant=world.tenants["acme"], user=row["id"], role=ROLE, actor=world.users[RITA])
    ]
    [event] = await world.events("member.invitation_accepted")
    assert (event.tenantid, event.userid) == (world.tenants["acme"], row["id"])
    assert msgspec.json.decode(event.data)["email"] == NEW
    added = [one for one in await world.events("member.added") if msgspec.json.decode(one.data)["user"] == row["id"]]
    assert [one.userid for one in added] == [world.users[RITA]]
    assert len(await world.events("user.created")) == 1


async def test_the_new_account_signs_in_with_its_password(world, invite, browser, new_browser):
    await join(browser, await invite())
    elsewhere = await new_browser(world)
    assert (await elsewhere.sign_in(NEW, PASSWORD)).status == 303


async def test_a_link_is_good_once(invite, browser, new_browser, world):
    path = await invite()
    await join(browser, path)
    for again in (browser, await new_browser(world)):
        page = await again.get(path)
        assert (page.status, page.texts("h1")) == (404, ["This link is no longer good"])
        assert {"class": "button primary", "href": "/login"} in page.attributes("a")


async def test_sending_the_form_twice_at_once_makes_one_account(world, invite, browser):
    path = await invite()
    page = await browser.get(path)
    answers = await asyncio.gather(*(browser.submit(page, path, name="Ned", password=PASSWORD) for _ in range(2)))
    assert sorted(answer.status for answer in answers) in ([303, 303], [303, 404])
    assert len(await world.events("member.invitation_accepted")) == 1
    assert len(await world.execute("SELECT 1 FROM app_user WHERE email = $1", NEW)) == 1


async def test_who_has_an_account_signs_in_and_then_joins(world, invite, browser):
    path = await invite(KIM)
    form = await browser.get(path)
    assert form.texts("h1") == ["Sign in"]
    assert (form.form("/login")["fields"]["email"], form.form("/login")["fields"]["next"]) == (KIM, path)
    answer = await browser.submit(form, "/login", password="latchkey")
    assert (answer.status, answer.location) == (303, path)
    page = await browser.get(path)
    assert page.texts("h1") == ["Join Acme Inc."]
    answer = await browser.submit(page, path)
    assert (answer.status, answer.location) == (303, "/?said=joined")
    assert browser.cookies()["latchkey_workspace_8080"].value == "acme"
    assert await members_of(world) == {SAM, RITA, KIM}
    assert (await browser.get(path)).status == 404


async def test_an_invitation_is_for_its_own_address_alone(world, invite, browser):
    path = await invite(KIM)
    await browser.sign_in(SAM)
    page = await browser.get(path)
    assert "This invitation is for" in page.text
    assert [form["action"] for form in page.forms] == ["/logout"]
    assert page.form("/logout")["fields"]["next"] == path
    own = await browser.get(await invite("sam@other.test"))
    assert [form["action"] for form in own.forms] == ["/logout"]
    await world.execute("UPDATE invitation SET email = $1 WHERE email = $2", SAM, KIM)
    yours = await browser.get(path)
    await world.execute("UPDATE invitation SET email = $1 WHERE email = $2", KIM, SAM)
    assert (await browser.submit(yours, path)).status == 404
    await nobody_joined(world)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": " "}, ["name"]),
        ({"name": "a\x1bb"}, ["name"]),
        ({"name": "Ned \u202egnp"}, ["name"]),
        ({"name": "x" * 1_000}, ["name"]),
        ({"password": "short"}, ["password"]),
        ({"name": "", "password": ""}, ["name", "password"]),
    ],
)
async def test_what_cannot_be_is_said_beside_its_field(world, invite, browser, fields, wrong):
    page = await join(browser, await invite(), **fields)
    assert page.status == 400
    assert [one["name"] for one in page.attributes("input") if "aria-invalid" in one] == wrong
    ids = {one.get("id") for one in page.attributes("p")}
    for name in wrong:
        [field] = [one for one in page.attributes("input") if one.get("name") == name]
        assert f"{name}-error" in field["aria-describedby"].split()
        assert f"{name}-error" in ids
    assert page.texts("title")[0].startswith("Error: ")
    assert PASSWORD not in page.text
    await nobody_joined(world)


async def test_markup_in_names_is_text(world, invite, browser):
    await world.execute("UPDATE tenant SET title = '<b>Acme</b>' WHERE name = 'acme'")
    page = await browser.get(await invite())
    assert page.texts("h1") == ["Join <b>Acme</b>"]


async def test_a_form_of_another_browser_or_site_does_nothing(world, invite, browser, new_browser):
    path = await invite()
    fields = (await browser.get(path)).form(path)["fields"] | {"name": "Ned", "password": PASSWORD}
    stranger = await new_browser(world)
    stale = await stranger.post(path, fields)
    assert (stale.status, "Please try again" in stale.text) == (403, True)
    cross = await browser.post(path, fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert cross.status == 403
    await nobody_joined(world)
    assert (await stranger.submit(stale, path, password=PASSWORD)).status == 303, "the page that came back is good"


async def test_what_is_withdrawn_replaced_or_expired_opens_nothing(world, rita, invite, browser):
    first = await invite()
    second = await invite()
    assert (await browser.get(first)).status == 404, "the newer one took its place"
    _, listed = await rita.ask("GET", "/v1/invitations")
    [pending] = listed["data"]
    assert await rita.ask("DELETE", f"/v1/invitations/{pending['id']}") == (204, None)
    assert (await rita.ask("DELETE", f"/v1/invitations/{pending['id']}"))[0] == 404
    assert (await browser.get(second)).status == 404
    assert len(await world.events("member.invitation_withdrawn")) == 2
    third = await invite()
    page = await browser.get(third)
    await world.execute("UPDATE invitation SET expires_at = clock_timestamp()")
    assert (await browser.submit(page, third, name="Ned", password=PASSWORD)).status == 404
    assert (await rita.ask("GET", "/v1/invitations"))[1]["data"] == []
    await nobody_joined(world)
    await invite("other@new.test")
    assert await world.execute("SELECT 1 FROM invitation WHERE email = $1", NEW) == [], "forgotten"


async def test_an_off_boarded_tenant_takes_nobody_in(world, invite, browser):
    path = await invite()
    await world.operator.ask(TenantSwitch(name="acme", off_boarded=True))
    assert (await browser.get(path)).status == 404


async def test_nobody_is_let_in_by_who_may_not_let_them_in_any_more(world, invite, browser):
    path = await invite()
    world.neighbours.refused_roles[RoleGive] = BEYOND
    assert (await join(browser, path)).status == 404
    await nobody_joined(world)
    world.neighbours.refused_roles.clear()
    await world.execute(
        "UPDATE membership SET removed_at = clock_timestamp() WHERE app_user = $1 AND tenant = $2",
        world.users[RITA], world.tenants["acme"],
    )  # fmt: skip
    assert (await join(browser, path)).status == 404
    assert await world.events("member.invitation_accepted") == []


async def test_an_invitation_of_who_was_disabled_opens_nothing(world, invite, browser):
    path = await invite()
    page = await browser.get(path)
    await world.operator.ask(UserSwitch(email=RITA, disabled=True))
    assert (await browser.get(path)).status == 404
    assert (await browser.submit(page, path, name="Ned", password=PASSWORD)).status == 404
    await nobody_joined(world)
    await world.operator.ask(UserSwitch(email=RITA, disabled=False))
    assert (await join(browser, path)).status == 303


async def test_while_permissions_are_away_nothing_is_done_and_the_link_stays_good(world, invite, browser):
    path = await invite()
    world.neighbours.away.add(RoleGive.path)
    assert (await join(browser, path)).status == 503
    await nobody_joined(world)
    world.neighbours.away.clear()
    assert (await join(browser, path)).status == 303


async def test_a_former_member_comes_back_with_the_next_turn_and_without_the_old_role(world, rita, invite, browser):
    assert (await rita.ask("DELETE", f"/v1/members/{world.users[SAM]}"))[0] == 200
    path = await invite(SAM)
    await browser.sign_in(SAM)
    assert (await browser.submit(await browser.get(path), path)).status == 303
    [told] = world.neighbours.last(TokenApply).standings
    assert (told.turn, told.reason, told.by) == (2, "member.added", world.users[RITA])
    asked = [type(one) for one in world.neighbours.questions if isinstance(one, RoleUnassign | RoleGive)]
    assert asked[-2:] == [RoleUnassign, RoleGive]


async def test_who_became_a_member_meanwhile_keeps_the_role_they_have(world, invite, browser):
    path = await invite(KIM)
    await world.operator.ask(MemberPut(tenant=world.tenants["acme"], user=world.users[KIM]))
    await browser.sign_in(KIM)
    assert (await browser.submit(await browser.get(path), path)).status == 303
    assert world.neighbours.all(RoleGive) == []


async def test_the_answer_does_not_tell_who_has_an_account(rita):
    for email in (KIM, "kxm@globex.test"):
        status, made = await rita.ask("POST", "/v1/invitations", {"email": email, "role": ROLE})
        assert (status, made["email"]) == (201, email)


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"email": "nobody", "role": ROLE}, 400, "invalid_request", "/email"),
        ({"email": SAM, "role": ROLE}, 409, "already_member", "/email"),
        ({"email": NEW, "role": "boss"}, 400, "invalid_request", "/role"),
        ({"email": NEW}, 400, "invalid_request", ""),
    ],
)
async def test_an_invitation_that_cannot_be_is_refused_by_name(rita, body, status, code, pointer):
    answered, problem = await rita.ask("POST", "/v1/invitations", body)
    assert (answered, problem["code"], problem["errors"][0]["pointer"]) == (status, code, pointer)
    assert (await rita.ask("GET", "/v1/invitations"))[1]["data"] == []


async def test_nobody_gives_a_role_above_their_own_by_invitation(world, rita):
    world.neighbours.refused_roles[RoleOffer] = BEYOND
    status, problem = await rita.ask("POST", "/v1/invitations", {"email": NEW, "role": ROLE})
    assert (status, problem["code"]) == (403, "beyond_yourself")
    assert problem["errors"] == [{"pointer": "/role", "message": BEYOND.detail}]
    assert world.neighbours.last(RoleOffer) == RoleOffer(
        tenant=world.tenants["acme"], role=ROLE, actor=world.users[RITA]
    )
    world.neighbours.refused_roles[RoleOffer] = Document(
        status=404, title="There is nothing here.", code="not_found", detail="This workspace has no such role."
    )
    status, problem = await rita.ask("POST", "/v1/invitations", {"email": NEW, "role": ROLE})
    assert (status, problem["errors"]) == (
        400, [{"pointer": "/role", "message": "This workspace has no such role."}],
    )  # fmt: skip
    assert await world.events("member.invited") == []


async def test_every_act_needs_its_right_and_stays_in_its_tenant(world, rita, invite, at_console):
    await invite()
    _, listed = await rita.ask("GET", "/v1/invitations")
    kim = await at_console(KIM, "globex")
    assert (await kim.ask("GET", "/v1/invitations"))[1]["data"] == []
    assert (await kim.ask("DELETE", f"/v1/invitations/{listed['data'][0]['id']}"))[0] == 404
    world.neighbours.managing = {"member": ["update", "remove"]}
    asks = (
        ("GET", "", None),
        ("POST", "", {"email": NEW, "role": ROLE}),
        ("DELETE", f"/{listed['data'][0]['id']}", None),
    )
    for method, path, body in asks:
        status, problem = await rita.ask(method, f"/v1/invitations{path}", body)
        assert (status, problem["code"]) == (403, "not_allowed"), method
