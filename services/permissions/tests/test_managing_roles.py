"""`/v1/roles`: made, seen and changed by admins of the tenant, and never above themselves."""

import asyncio

import pytest

from latchkey_contracts.requests.permissions import LeavingAsk, RoleUnassign
from latchkey_kit.testing import eventually

REP = {"name": "Rep", "permissions": {"company": ["view", "update"]}}


async def made(manage, **members):
    status, role = await manage("POST", "/v1/roles", REP | members)
    assert status == 201, role
    return role


async def test_a_role_is_made_shown_changed_and_removed(house, manage, token):
    role = await made(manage, portfolio="listed", audit=True)
    shown = REP | {"id": role["id"], "portfolio": "listed", "app_center": False, "settings": False, "audit": True}
    shown["revision"] = 1
    shown["permissions"] = {"company": ["update", "view"]}
    assert role == shown
    path = f"/v1/roles/{role['id']}"
    assert await manage("GET", path) == (200, shown)
    narrowed = {"company": {"view": ["arr", "name"], "update": {"except": ["name"]}, "remove": "*"}}
    status, changed = await manage("PATCH", path, {"permissions": narrowed, "audit": False})
    assert (status, changed) == (200, shown | {"permissions": narrowed, "audit": False, "revision": 2})
    assert token.floors["role", role["id"]] == 2
    assert await manage("PATCH", path, {"audit": False}) == (200, changed)
    assert token.floors["role", role["id"]] == 2, "the same again changes nothing"
    assert await manage("DELETE", path) == (204, None)
    assert (await manage("GET", path))[0] == 404


async def test_roles_are_listed_page_by_page_and_of_the_own_tenant_only(house, manage):
    await made(manage)
    _, first = await manage("GET", "/v1/roles?limit=1")
    _, second = await manage("GET", f"/v1/roles?limit=1&cursor={first['next_cursor']}")
    assert second["next_cursor"] is None
    assert {role["name"] for role in first["data"] + second["data"]} == {"Admin", "Rep"}
    _, theirs = await manage("GET", "/v1/roles", by=house.kim, tenant=house.globex)
    assert [role["name"] for role in theirs["data"]] == ["Admin"]


async def test_a_change_of_what_was_changed_meanwhile_is_refused(manage):
    path = f"/v1/roles/{(await made(manage))['id']}"
    status, changed = await manage("PATCH", path, {"audit": True}, headers={"If-Match": '"1"'})
    assert (status, changed["revision"]) == (200, 2)
    status, problem = await manage("PATCH", path, {"audit": False}, headers={"If-Match": '"1"'})
    assert (status, problem["code"]) == (412, "changed_meanwhile")
    assert (await manage("GET", path)) == (200, changed)
    assert (await manage("PATCH", path, {"audit": False}, headers={"If-Match": "*"}))[0] == 200


async def test_a_name_is_had_once(manage):
    role = await made(manage)
    assert (await manage("POST", "/v1/roles", REP))[1]["code"] == "name_taken"
    status, problem = await manage("PATCH", f"/v1/roles/{role['id']}", {"name": "Admin"})
    assert (status, problem["code"]) == (409, "name_taken")


@pytest.mark.parametrize(
    ("permissions", "pointer"),
    [
        ({"planet": ["view"]}, "/permissions/planet"),
        ({"company": ["view", "fly"]}, "/permissions/company/1"),
        ({"company": {"fly": "*"}}, "/permissions/company/fly"),
        ({"company": {"view": ["name", "colour"]}}, "/permissions/company/view/1"),
        ({"company": {"view": {"except": ["colour"]}}}, "/permissions/company/view/except/0"),
        ({"company": {"update": ["arr"]}}, "/permissions/company/update/0"),
        ({"company": {"create": ["name", "arr"]}}, "/permissions/company/create/1"),
        ({"company": {"remove": ["name"]}}, "/permissions/company/remove"),
        ({"company": {"view": "some"}}, "/permissions/company/view"),
        ({"company": {"view": {"only": ["name"]}}}, "/permissions/company/view"),
    ],
)
async def test_what_cannot_be_permitted_is_pointed_at(manage, permissions, pointer):
    status, problem = await manage("POST", "/v1/roles", REP | {"permissions": permissions})
    assert (status, problem["code"]) == (400, "invalid_request")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": 7}, "/name"),
        ({"portfolio": "galaxy"}, "/portfolio"),
        ({"settings": None}, "/settings"),
        ({"permissions": {"company": "view"}}, "/permissions/*"),
        ({"colour": "red"}, ""),
    ],
)
async def test_a_malformed_role_is_refused_by_name(manage, body, pointer):
    status, problem = await manage("POST", "/v1/roles", REP | body)
    assert (status, problem["errors"][0]["pointer"]) == (400, pointer)


async def test_who_may_not_manage_roles_is_told_so(house, manage):
    await house.assign(await house.role({"role": ("view",)}, name="Viewer"), house.rita)
    assert (await manage("GET", "/v1/roles", by=house.rita))[0] == 200
    for method, path, right in (
        ("POST", "/v1/roles", "role:create"),
        ("PATCH", f"/v1/roles/{house.sam}", "role:update"),
        ("DELETE", f"/v1/roles/{house.sam}", "role:remove"),
        ("PUT", f"/v1/roles/{house.sam}/members/{house.sam}", "role:update"),
        ("POST", "/v1/teams", "role:update"),
        ("PUT", f"/v1/portfolios/{house.sam}", "role:update"),
    ):
        status, problem = await manage(method, path, REP, by=house.rita)
        assert (status, problem["code"]) == (403, "insufficient_scope"), path
        assert right in problem["detail"]
    assert (await manage("GET", "/v1/roles", sid="9" * 32, prm="0" * 64))[0] == 503


async def test_nobody_gives_what_their_own_role_does_not_hold(house, manage):
    own = {"company": {"view": "*", "update": ["name"]}, "role": ["view", "create", "update", "remove"]}
    await house.assign(await house.role(own, name="Lead", portfolio="team"), house.rita)
    wanted = {"company": {"view": "*", "update": "*"}, "asset": ["view"]}
    body = {"name": "More", "permissions": wanted, "portfolio": "all", "settings": True}
    await house.register(*_with_notes(house))
    status, problem = await manage("POST", "/v1/roles", body, by=house.rita)
    assert (status, problem["code"]) == (403, "beyond_yourself")
    assert {error["pointer"]: error["message"] for error in problem["errors"]} == {
        "/permissions/company": "Your own role does not hold Company: update (Notes).",
        "/permissions/asset": "Your own role does not hold Asset: view.",
        "/portfolio": "The portfolio all is wider than that of your own role.",
        "/settings": "Your own role does not have this flag.",
    }
    within = {"name": "Same", "permissions": {"company": {"update": ["name"]}}, "portfolio": "own"}
    status, role = await manage("POST", "/v1/roles", within, by=house.rita)
    assert status == 201
    path = f"/v1/roles/{role['id']}"
    status, problem = await manage("PATCH", path, {"permissions": {"company": ["remove"]}}, by=house.rita)
    assert (status, problem["errors"][0]["pointer"]) == (403, "/permissions/company")
    higher = await made(manage, permissions={"asset": ["remove"]})
    for method, body in (("PATCH", {"permissions": {}}), ("DELETE", None)):
        status, problem = await manage(method, f"/v1/roles/{higher['id']}", body, by=house.rita)
        assert (status, problem["code"]) == (403, "beyond_yourself"), "what is above them is not theirs to lower"


def _with_notes(house):
    name = {"name": "name", "type": "text", "title": "Name"}
    notes = {"name": "notes", "type": "text", "title": "Notes"}
    actions = ["view", "update", "remove"]
    one = {"name": "company", "route": "companies", "title": "Company", "plural": "companies", "actions": actions}
    two = {"name": "asset", "route": "assets", "title": "Asset", "plural": "assets", "actions": actions}
    return one | {"fields": [name, notes]}, two | {"fields": [name]}


async def test_nobody_edits_the_role_that_they_have(house, manage):
    _, roles = await manage("GET", "/v1/roles")
    path = f"/v1/roles/{roles['data'][0]['id']}"
    for change in ({"name": "Owner"}, {"permissions": {"company": ["view"]}}, {"audit": False}):
        status, problem = await manage("PATCH", path, change)
        assert (status, problem["code"]) == (409, "yourself")


async def test_a_role_is_given_to_members_replaced_and_taken(house, manage, token):
    one, two = await made(manage), await made(manage, name="Other")
    path = f"/v1/roles/{one['id']}/members"
    assert await manage("PUT", f"{path}/{house.sam}") == (200, {"user": house.sam, "role": one["id"]})
    assert (await manage("GET", path))[1] == {"data": [{"id": house.sam}], "next_cursor": None}
    status, problem = await manage("DELETE", f"/v1/roles/{one['id']}")
    assert (status, problem["code"]) == (409, "role_in_use")
    await manage("PUT", f"/v1/roles/{two['id']}/members/{house.sam}")
    assert (await manage("GET", path))[1]["data"] == []
    assert (await manage("DELETE", f"{path}/{house.sam}"))[0] == 404, "it is not their role any more"
    await house.ceiling({"company": ("view",)})
    document = (await house.resolve("inclusive")).document
    assert (await manage("DELETE", f"/v1/roles/{two['id']}/members/{house.sam}"))[0] == 204
    rights = await house.rights(document)
    assert (rights.role, rights.assignment) == (None, 3)
    assert token.floors["assignment", house.acme + house.sam] == 3
    assert (await house.resolve("inclusive")).refusal == "nothing"


async def test_only_members_get_roles_and_only_those_of_the_tenant(house, manage):
    role = await made(manage)
    for user in (house.kim, "9" * 32, "nobody"):
        assert (await manage("PUT", f"/v1/roles/{role['id']}/members/{user}"))[0] == 404
    theirs = (await manage("GET", "/v1/roles", by=house.kim, tenant=house.globex))[1]["data"][0]["id"]
    for method, path in (
        ("GET", f"/v1/roles/{theirs}"),
        ("PATCH", f"/v1/roles/{theirs}"),
        ("DELETE", f"/v1/roles/{theirs}"),
        ("GET", f"/v1/roles/{theirs}/members"),
        ("PUT", f"/v1/roles/{theirs}/members/{house.sam}"),
        ("DELETE", f"/v1/roles/{theirs}/members/{house.kim}"),
    ):
        assert (await manage(method, path, {"name": "Ours"} if method == "PATCH" else None))[0] == 404, path


async def test_nobody_takes_or_gives_a_role_of_their_own(house, manage):
    role = await made(manage)
    status, problem = await manage("PUT", f"/v1/roles/{role['id']}/members/{house.carly}")
    assert (status, problem["code"]) == (409, "yourself")
    (admin,) = [one["id"] for one in (await manage("GET", "/v1/roles"))[1]["data"] if one["name"] == "Admin"]
    status, problem = await manage("DELETE", f"/v1/roles/{admin}/members/{house.carly}")
    assert (status, problem["code"]) == (409, "yourself")


async def test_a_lesser_admin_neither_gives_nor_takes_a_higher_role(house, manage):
    low = {"company": ("view",), "role": ("view", "update")}
    await house.assign(await house.role(low, name="Low", portfolio="all"), house.rita)
    high, mid = await made(manage), await made(manage, name="Mid", permissions={"company": ["view"]})
    await manage("PUT", f"/v1/roles/{high['id']}/members/{house.sam}")
    for method, role in (("PUT", mid), ("DELETE", high)):
        status, problem = await manage(method, f"/v1/roles/{role['id']}/members/{house.sam}", by=house.rita)
        assert (status, problem["code"]) == (403, "beyond_yourself")


@pytest.fixture
async def keepers(house, manage):
    """Sam and Rita alone have the Settings flag; gives the id of their role."""
    keeper = await house.role({"role": ("view", "update")}, name="Keeper", settings=True)
    for user in (house.sam, house.rita):
        await house.assign(keeper, user)
    await house.assign(await house.role({"company": ("view",)}, name="Plain"), house.carly)
    for user in (house.sam, house.rita):
        assert (await manage("GET", "/v1/roles", by=user))[0] == 200
    return keeper


async def test_of_two_who_take_each_others_settings_at_once_one_stays(house, manage, keepers):
    path = f"/v1/roles/{keepers}/members"
    taken = await asyncio.gather(
        manage("DELETE", f"{path}/{house.sam}", by=house.rita),
        manage("DELETE", f"{path}/{house.rita}", by=house.sam),
    )
    assert sorted(status for status, _ in taken) == [204, 403]


async def test_who_leaves_takes_the_settings_from_nobody_who_stays(house, manage, keepers):
    plain = await house.role({"role": ("view",)}, name="Less")
    assert (await house.caller("auth").ask(LeavingAsk(tenant=house.acme, user=house.rita))).allowed
    for method, path, body in (
        ("DELETE", f"/v1/roles/{keepers}/members/{house.sam}", None),
        ("PUT", f"/v1/roles/{plain}/members/{house.sam}", None),
    ):
        status, problem = await manage(method, path, body, by=house.rita)
        assert (status, problem["code"]) == (409, "last_manager")
    other = await house.role({"role": ("view",)}, name="Other", settings=True)
    await house.assign(other, house.sam)
    status, problem = await manage("PATCH", f"/v1/roles/{other}", {"settings": False}, by=house.rita)
    assert (status, problem["code"]) == (409, "last_manager")


async def test_a_role_keeps_its_settings_flag_while_nobody_else_has_it(house, manage):
    boss = await house.role({"company": ("view",)}, name="Boss", settings=True)
    await house.assign(boss, house.sam)
    leader = await house.role(
        {"role": ("view", "update"), "company": ("view",)}, name="Leader", portfolio="all", settings=True
    )
    await house.assign(leader, house.rita)
    await house.assign(await house.role({"company": ("view",)}, name="Plain"), house.carly)
    assert (await manage("PATCH", f"/v1/roles/{boss}", {"settings": False}, by=house.rita))[0] == 200
    ask = house.caller("auth").ask
    assert not (await ask(LeavingAsk(tenant=house.acme, user=house.rita))).allowed
    assert (await ask(LeavingAsk(tenant=house.acme, user=house.sam))).allowed
    assert (await ask(LeavingAsk(tenant=house.globex, user=house.sam))).allowed


async def test_of_two_who_leave_at_once_one_is_kept_and_who_left_does_not_count(house, manage):
    keeper = await house.role({"company": ("view",)}, name="Keeper", settings=True)
    await house.assign(keeper, house.sam)
    ask = house.caller("auth").ask
    asked = [ask(LeavingAsk(tenant=house.acme, user=user)) for user in (house.sam, house.carly)]
    assert sorted(one.allowed for one in await asyncio.gather(*asked)) == [False, True]
    await house.assign(keeper, house.sam)
    await house.assign(keeper, house.rita)
    assert (await ask(LeavingAsk(tenant=house.acme, user=house.sam))).allowed, "who is given a role again, stays"


async def test_the_role_of_who_was_removed_ends_and_verifiers_are_told(house, manage):
    role = await house.role({"company": ("view",)}, name="Keeper", settings=True)
    await house.assign(role, house.sam)
    await house.ceiling({"company": ("view",)})
    document = (await house.resolve("inclusive")).document
    before = (await house.rights(document)).assignment
    ask = house.caller("auth").ask
    for _ in range(2):  # the second time changes nothing
        await ask(RoleUnassign(tenant=house.acme, user=house.sam))
        after = await house.rights(document)
        assert (after.role, after.assignment) == (None, before + 1)
    assert (await manage("GET", f"/v1/roles/{role}/members"))[1]["data"] == []
    await ask(RoleUnassign(tenant=house.globex, user=house.sam))
    await ask(RoleUnassign(tenant=house.acme, user=house.carly))  # the last who manages: that was decided elsewhere
    await house.assign(role, house.sam)
    assert (await house.rights(document)).assignment == before + 2


async def test_a_reduction_acts_on_a_token_in_use_and_a_restored_right_comes_back(house, manage):
    """Through the service's own door: it learns of its own floors as every verifier does."""
    role = await house.role({"role": ("view", "create", "update")}, name="Helper", portfolio="all")
    await house.assign(role, house.rita)
    assert (await manage("POST", "/v1/roles", {"name": "One"}, by=house.rita))[0] == 201
    await manage("PATCH", f"/v1/roles/{role}", {"permissions": {"role": ["view"]}})

    async def refused():
        return (await manage("POST", "/v1/roles", {"name": "Two"}, by=house.rita))[0] == 403

    await eventually(refused)
    assert (await manage("GET", "/v1/roles", by=house.rita))[0] == 200
    await manage("PATCH", f"/v1/roles/{role}", {"permissions": {"role": ["view", "create", "remove"]}})

    async def back():
        return (await manage("POST", "/v1/roles", {"name": "Three"}, by=house.rita))[0] == 201

    await eventually(back)
    status, problem = await manage("DELETE", f"/v1/roles/{role}", by=house.rita)
    assert (status, problem["code"]) == (403, "insufficient_scope"), "it was never granted"


async def test_a_client_acting_for_itself_gives_what_its_ceiling_holds_and_no_flags(house, manage):
    await house.ceiling({"role": ("view", "create"), "company": ("view",)}, client=house.cli)
    role = {"name": "Reader", "permissions": {"company": ["view"]}, "portfolio": "all"}
    assert (await manage("POST", "/v1/roles", role, by=house.cli))[0] == 201
    wanted = {"name": "More", "permissions": {"company": ["view", "remove"]}, "audit": True}
    status, problem = await manage("POST", "/v1/roles", wanted, by=house.cli)
    assert (status, [error["pointer"] for error in problem["errors"]]) == (403, ["/permissions/company", "/audit"])


async def test_an_admin_whose_role_was_taken_meanwhile_gives_nothing(house, manage):
    """Their token still says that they may, for as long as nobody told the verifier: the bound is read anew."""
    every = {"role": ("view", "create"), "company": ("view",)}
    role = await house.role(every, name="Helper", portfolio="all")
    await house.assign(role, house.rita)
    assert (await manage("POST", "/v1/roles", {"name": "One"}, by=house.rita))[0] == 201
    await house.assign(await house.role({"role": ("view",)}, name="Less"), house.rita)
    body = {"name": "Two", "permissions": {"company": ["view"]}}
    assert (await manage("POST", "/v1/roles", body, by=house.rita))[0] == 403
