"""`GET /v1/why`: which part says no, in sentences."""

import msgspec
import pytest

from latchkey_contracts.requests.connections import ConnectionFacts

CONNECTION, OWNED, OTHERS = "9" * 32, "7" * 32, "8" * 32


@pytest.fixture
async def sam(house, manage, token):
    """A connection of Sam, a Rep, with the client Claude; gives what changes it."""
    await house.assign(await house.role({"company": ("view", "update"), "enduser": ("view",)}, portfolio="own"))
    await house.ceiling({"company": ("view", "remove"), "asset": ("view",)})
    granted = await house.resolve("inclusive")
    facts = ConnectionFacts(
        tenant=house.acme, user=house.sam, client=house.claude, document=granted.document, status="active"
    )
    token.connections[house.acme, CONNECTION] = facts
    token.companies = {(house.acme, OWNED): house.sam, (house.acme, OTHERS): house.carly}
    return facts


@pytest.fixture
def why(manage):
    async def ask(connection=CONNECTION, **more):
        asked = {"connection": connection, "model": "company", "action": "view"} | more
        query = "&".join(f"{name}={value}" for name, value in asked.items() if value is not None)
        return await manage("GET", f"/v1/why?{query}")

    return ask


async def test_each_part_says_what_it_allows(house, sam, why):
    status, found = await why(company=OWNED)
    assert status == 200
    assert (found["allowed"], found["refused_by"]) == (True, [])
    assert {part: found[part]["allows"] for part in ("grant", "ceiling", "role", "portfolio")} == dict.fromkeys(
        ("grant", "ceiling", "role", "portfolio"), True
    )
    assert (found["user"], found["ceiling"]["client"], found["role"]["name"]) == (house.sam, house.claude, "Rep")
    assert found["connection"] == {"id": CONNECTION, "status": "active"}
    assert found["grant"]["fields"] == ["arr", "name"]
    assert found["portfolio"] == {"allows": True, "granted": "own", "now": "own", "company": OWNED}
    assert found["words"]["role"] == "The user's role lets them view companys."


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({"action": "update"}, ["grant", "ceiling"]),
        ({"action": "remove"}, ["grant", "role"]),
        ({"model": "asset"}, ["grant", "role"]),
        ({"model": "enduser"}, ["grant", "ceiling"]),
        ({"action": "export"}, ["grant", "ceiling", "role"]),
        ({"company": OTHERS}, ["portfolio"]),
        ({"action": "update", "field": "arr"}, ["grant", "ceiling", "role"]),
        ({"field": "arr"}, []),
    ],
)
async def test_who_refuses_is_named(sam, why, asked, refused):
    status, found = await why(**asked)
    assert (status, found["refused_by"], found["allowed"]) == (200, refused, not refused)


async def test_a_user_is_asked_about_without_a_connection(house, sam, why):
    _, found = await why(connection=None, user=house.sam, action="update")
    assert (found["allowed"], found["grant"]["allows"], found["ceiling"]["allows"]) == (True, None, None)
    assert (found["portfolio"]["allows"], found["portfolio"]["granted"]) == (None, None)
    _, found = await why(connection=None, user=house.sam, client=house.claude, action="update")
    assert (found["refused_by"], found["grant"]["allows"]) == (["ceiling"], None)
    _, found = await why(connection=None, user=house.rita)
    assert (found["refused_by"], found["role"]["id"]) == (["role"], None)


async def test_a_portfolio_must_hold_the_company_as_granted_and_as_it_is_now(house, manage, sam, why):
    await house.assign(await house.role({"company": ("view",)}, name="Wide", portfolio="all"))
    assert (await why(company=OTHERS))[1]["words"]["portfolio"] == "The company is not in this portfolio: own."
    await house.assign(await house.role({"company": ("view",)}, name="Team", portfolio="team"))
    wide = {"connection": None, "user": house.sam, "company": OTHERS}
    assert (await why(**wide))[1]["refused_by"] == ["portfolio"]
    await house.assign(await house.role({"company": ("view",)}, name="List", portfolio="listed"))
    assert (await why(**wide))[1]["refused_by"] == ["portfolio"]
    await manage("PUT", f"/v1/portfolios/{house.sam}", {"companies": [OTHERS]})
    assert (await why(**wide))[1]["allowed"] is True


async def test_management_models_have_no_portfolio(house, sam, why):
    _, found = await why(connection=None, user=house.carly, model="role")
    assert (found["allowed"], found["portfolio"]["allows"]) == (True, True)


async def test_a_dead_connection_allows_nothing(house, token, sam, why):
    token.connections[house.acme, CONNECTION] = msgspec.structs.replace(sam, status="revoked")
    _, found = await why()
    assert (found["allowed"], found["refused_by"], found["connection"]["status"]) == (False, [], "revoked")


async def test_what_is_not_of_the_tenant_is_not_found(house, sam, why, manage, token):
    await house.ceiling({"company": ("view",)}, client="5" * 32, tenant=house.globex)
    for asked in (
        {"connection": "6" * 32},
        {"connection": None, "user": house.kim},
        {"connection": None, "user": house.sam, "client": "5" * 32},
        {"connection": None, "user": house.sam, "client": "6" * 32},
        {"company": "6" * 32},
    ):
        assert (await why(**asked))[0] == 404, asked
    status, _ = await manage(
        "GET", f"/v1/why?connection={CONNECTION}&model=company&action=view", by=house.kim, tenant=house.globex
    )
    assert status == 404


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"model": "planet"}, "/model"),
        ({"action": "fly"}, "/action"),
        ({"field": "colour"}, "/field"),
        ({"action": "remove", "field": "name"}, "/field"),
        ({"connection": "x"}, "/connection"),
        ({"colour": "red"}, ""),
        ({"model": None}, ""),
    ],
)
async def test_what_cannot_be_asked_is_pointed_at(sam, why, asked, pointer):
    status, problem = await why(**asked)
    assert (status, problem["errors"][0]["pointer"]) == (400, pointer)


async def test_a_connection_or_a_user_is_named(house, sam, why):
    for asked in ({"connection": None}, {"user": house.sam}, {"connection": None, "client": house.claude}):
        assert (await why(**asked))[0] == 400
