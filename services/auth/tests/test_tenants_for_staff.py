"""`/v1/tenants`: staff see every customer, and let new ones in."""

import pytest

from latchkey_contracts.requests.permissions import AdminRolePut, RoleGive

STACY, NEW = "stacy@staff.test", "ida@initech.test"
TENANT = {"name": "initech", "title": "Initech", "admin_email": NEW}


@pytest.fixture
async def staff(at_console):
    return await at_console(STACY, staff=True)


async def names(staff, query=""):
    status, answer = await staff.ask("GET", f"/v1/tenants{query}")
    assert status == 200, answer
    return [one["name"] for one in answer["data"]]


async def test_every_tenant_is_listed_page_by_page(world, staff):
    await world.execute("UPDATE tenant SET off_boarded = true WHERE name = 'globex'")
    _, first = await staff.ask("GET", "/v1/tenants?limit=1")
    _, second = await staff.ask("GET", f"/v1/tenants?limit=1&cursor={first['next_cursor']}")
    acme, globex = [*first["data"], *second["data"]]
    assert set(acme) == {"id", "name", "title", "members", "off_boarded", "created_at"}
    assert (acme["id"], acme["title"], acme["members"], acme["off_boarded"]) == (
        world.tenants["acme"], "Acme Inc.", 2, False,
    )  # fmt: skip
    assert (globex["name"], globex["members"], globex["off_boarded"]) == ("globex", 2, True)
    assert second["next_cursor"] is None
    assert (await staff.ask("GET", "/v1/tenants?cursor=nonsense"))[0] == 400


async def test_tenants_are_found_by_words_and_by_id(world, staff):
    assert await names(staff, "?q=INC") == ["acme"]
    assert await names(staff, "?q=lobe") == ["globex"]
    assert await names(staff, f"?q={world.tenants['globex']}") == ["globex"]
    assert await names(staff, "?q=%25") == []


async def test_a_new_tenant_is_made_with_a_role_and_an_invitation_for_its_first_admin(world, staff, browser):
    status, answer = await staff.ask("POST", "/v1/tenants", TENANT)
    assert (status, set(answer)) == (201, {"id", "url"})
    tenant = answer["id"]
    assert world.neighbours.all(AdminRolePut) == [AdminRolePut(tenant=tenant)]
    path = answer["url"].removeprefix("http://localhost:8080")
    page = await browser.get(path)
    assert page.texts("h1") == ["Join Initech"]
    assert (await browser.submit(page, path, name="Ida", password="a new password")).status == 303
    [given] = world.neighbours.all(RoleGive)
    assert (given.tenant, given.role, given.actor) == (tenant, "ad" * 16, None)
    for kind in ("tenant.created", "member.invited"):
        [event] = [one for one in await world.events(kind) if one.tenantid == tenant]
        assert (event.bystaff, event.userid) == (True, world.users[STACY])
    [accepted] = await world.events("member.invitation_accepted")
    assert accepted.bystaff is False
    assert await names(staff) == ["acme", "globex", "initech"]


@pytest.mark.parametrize(
    ("changed", "status", "pointer"),
    [
        ({"name": "Bad Name"}, 400, "/name"),
        ({"name": "acme"}, 409, "/name"),
        ({"title": " "}, 400, "/title"),
        ({"title": "Ini\u202etech"}, 400, "/title"),
        ({"admin_email": "nobody"}, 400, "/admin_email"),
    ],
)
async def test_a_tenant_that_cannot_be_is_refused_by_name(world, staff, changed, status, pointer):
    answered, problem = await staff.ask("POST", "/v1/tenants", TENANT | changed)
    assert (answered, problem["errors"][0]["pointer"]) == (status, pointer)
    assert await names(staff) == ["acme", "globex"]
    assert world.neighbours.all(AdminRolePut) == []


async def test_while_permissions_are_away_no_tenant_is_made(world, staff):
    world.neighbours.away.add(AdminRolePut.path)
    assert (await staff.ask("POST", "/v1/tenants", TENANT))[0] == 503
    assert await names(staff) == ["acme", "globex"]
    world.neighbours.away.clear()
    assert (await staff.ask("POST", "/v1/tenants", TENANT))[0] == 201


async def test_tenants_are_for_staff_alone(at_console):
    rita = await at_console("rita@acme.test")
    for method, body in (("GET", None), ("POST", TENANT)):
        status, problem = await rita.ask(method, "/v1/tenants", body)
        assert (status, problem["code"]) == (403, "not_staff")
