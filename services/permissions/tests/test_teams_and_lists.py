"""Teams and lists of companies: kept here, told to verifiers, and never a way to see more oneself."""

import pytest

from latchkey_kit.testing import eventually

ONE, TWO = "7" * 32, "8" * 32


@pytest.fixture
async def sam(house, manage):
    """Sam's grant document, of a role whose portfolio is asked for."""

    async def granted(portfolio):
        await house.assign(await house.role({"company": ("view",)}, name=portfolio, portfolio=portfolio))
        await house.ceiling({"company": ("view",)})
        return (await house.resolve("inclusive")).document

    return granted


async def test_a_team_is_made_changed_and_removed_and_its_people_learn_of_it(house, manage, token, sam):
    document = await sam("team")
    assert (await house.rights(document)).team == (house.sam,), "everybody is in a team with themselves"
    status, team = await manage("POST", "/v1/teams", {"name": "North", "members": [house.sam, house.rita]})
    assert (status, team["members"]) == (201, [house.sam, house.rita])
    rights = await house.rights(document)
    assert (rights.team, rights.listed, rights.assignment) == ((house.sam, house.rita), (), 2)
    assert token.floors["assignment", house.acme + house.sam] == 2
    assert token.floors["assignment", house.acme + house.rita] == 1
    path = f"/v1/teams/{team['id']}"
    assert await manage("GET", path) == (200, team)
    assert (await manage("GET", "/v1/teams"))[1] == {"data": [team], "next_cursor": None}
    assert await manage("PATCH", path, {"name": "South"}) == (200, team | {"name": "South"})
    assert (await house.rights(document)).assignment == 2, "a name changes nobody's rights"
    status, changed = await manage("PATCH", path, {"members": [house.sam]})
    assert (status, changed["members"]) == (200, [house.sam])
    assert (await house.rights(document)).team == (house.sam,)
    assert token.floors["assignment", house.acme + house.rita] == 2
    assert await manage("DELETE", path) == (204, None)
    assert (await manage("GET", path))[0] == 404
    assert (await house.rights(document)).assignment == 4


async def test_colleagues_of_several_teams_are_told_once_each_and_only_where_a_portfolio_needs_them(house, manage, sam):
    for name in ("North", "South"):
        await manage("POST", "/v1/teams", {"name": name, "members": [house.sam, house.rita]})
    assert (await house.rights(await sam("own"))).team == ()
    granted_team = await sam("team")
    await sam("own")
    rights = await house.rights(granted_team)
    assert (rights.portfolio, rights.team) == ("own", (house.sam, house.rita)), "the kind granted needs them, too"


async def test_a_list_is_put_and_told_where_a_portfolio_needs_it(house, manage, token, sam):
    path = f"/v1/portfolios/{house.sam}"
    assert await manage("GET", path) == (200, {"user": house.sam, "companies": []})
    put = {"user": house.sam, "companies": [ONE, TWO]}
    assert await manage("PUT", path, {"companies": [TWO, ONE, TWO]}) == (200, put)
    assert await manage("GET", path) == (200, put)
    assert (await house.rights(await sam("all"))).listed == ()
    rights = await house.rights(await sam("listed"))
    assert rights.listed == (ONE, TWO)
    before = token.floors["assignment", house.acme + house.sam]
    await manage("PUT", path, {"companies": [ONE, TWO]})
    assert token.floors["assignment", house.acme + house.sam] == before
    await manage("PUT", path, {"companies": []})
    assert token.floors["assignment", house.acme + house.sam] == before + 1


async def test_nobody_widens_what_they_see_themselves(house, manage):
    for body in ({"name": "Us", "members": [house.carly, house.sam]}, {"name": "Me", "members": [house.carly]}):
        status, problem = await manage("POST", "/v1/teams", body)
        assert (status, problem["code"]) == (409, "yourself")
    _, team = await manage("POST", "/v1/teams", {"name": "North", "members": [house.sam]})
    status, problem = await manage("PATCH", f"/v1/teams/{team['id']}", {"members": [house.sam, house.carly]})
    assert (status, problem["code"]) == (409, "yourself")
    status, problem = await manage("PUT", f"/v1/portfolios/{house.carly}", {"companies": [ONE]})
    assert (status, problem["code"]) == (409, "yourself")
    assert (await manage("GET", "/v1/teams"))[1]["data"] == [team]


async def test_who_does_not_see_every_company_shows_no_more_of_them_to_others(house, manage):
    manager = {"role": ("view", "update")}
    await house.assign(await house.role(manager, name="Lead", portfolio="listed"), house.rita)
    await manage("PUT", f"/v1/portfolios/{house.rita}", {"companies": [ONE]})
    status, problem = await manage("POST", "/v1/teams", {"name": "N", "members": [house.sam]}, by=house.rita)
    assert (status, problem["code"], problem["errors"][0]["pointer"]) == (403, "beyond_yourself", "/members")
    path = f"/v1/portfolios/{house.sam}"
    status, problem = await manage("PUT", path, {"companies": [ONE, TWO]}, by=house.rita)
    assert (status, problem["code"], problem["errors"][0]["pointer"]) == (403, "beyond_yourself", "/companies")
    assert (await manage("PUT", path, {"companies": [ONE]}, by=house.rita))[0] == 200, "their own may be handed on"
    assert (await manage("PUT", f"/v1/portfolios/{house.rita}", {"companies": []}, by=house.rita))[0] == 200


async def test_strangers_and_other_tenants_are_not_found(house, manage):
    status, problem = await manage("POST", "/v1/teams", {"name": "N", "members": [house.sam, house.kim]})
    assert (status, [error["pointer"] for error in problem["errors"]]) == (400, ["/members/1"])
    for method, body in (("GET", None), ("PUT", {"companies": []})):
        assert (await manage(method, f"/v1/portfolios/{house.kim}", body))[0] == 404
    _, team = await manage("POST", "/v1/teams", {"name": "North", "members": [house.sam]})
    for method, body in (("GET", None), ("PATCH", {"name": "Ours"}), ("DELETE", None)):
        path = f"/v1/teams/{team['id']}"
        assert (await manage(method, path, body, by=house.kim, tenant=house.globex))[0] == 404
    assert (await manage("GET", "/v1/teams", by=house.kim, tenant=house.globex))[1]["data"] == []
    assert (await manage("POST", "/v1/teams", {"name": "North"}, by=house.kim, tenant=house.globex))[0] == 201


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/v1/teams", {"name": " "}, "/name"),
        ("/v1/teams", {"name": "N", "members": ["x"]}, "/members/0"),
        ("/v1/teams", {"name": "N", "members": ["7" * 32] * 501}, "/members"),
        ("/v1/portfolios/{sam}", {"companies": ["x"]}, "/companies/0"),
        ("/v1/portfolios/{sam}", {"companies": ["7" * 32] * 1001}, "/companies"),
        ("/v1/portfolios/{sam}", {}, ""),
    ],
)
async def test_a_malformed_body_is_refused_by_name(house, manage, path, body, pointer):
    method = "POST" if path == "/v1/teams" else "PUT"
    status, problem = await manage(method, path.format(sam=house.sam), body)
    assert (status, problem["errors"][0]["pointer"]) == (400, pointer)


async def test_a_team_name_is_had_once_in_a_tenant(house, manage):
    for name in ("North", "South"):
        _, team = await manage("POST", "/v1/teams", {"name": name})
    assert (await manage("POST", "/v1/teams", {"name": "North"}))[1]["code"] == "name_taken"
    assert (await manage("PATCH", f"/v1/teams/{team['id']}", {"name": "North"}))[1]["code"] == "name_taken"


async def test_without_the_owner_of_memberships_nobody_is_taken_for_a_stranger(house, manage, token):
    token.away.add("/internal/members/get")
    assert (await manage("PUT", f"/v1/portfolios/{house.sam}", {"companies": []}))[0] == 503
    token.away.clear()

    async def again():
        return (await manage("PUT", f"/v1/portfolios/{house.sam}", {"companies": []}))[0] == 200

    await eventually(again)
