"""A right that is reduced is gone with the next request; one that is added waits for a new authorization."""

import re

import pytest
from flights import reductions
from offices import opened

from latchkey_cli.operator import operating
from latchkey_contracts.requests.operator import ClientDynamic
from latchkey_kit.testing import eventually

FULL = {"company": ["view", "create", "update"], "task": ["view"]}
REDUCED = {"task": ["view"]}
LEASE = 2.0  # seconds that a verifier may trust what it knows
ROUNDS = 5
ANY = {"If-Match": "*"}


@pytest.fixture
async def operator(house, monkeypatch):
    monkeypatch.setenv("LATCHKEY_HOME", str(house.folder))
    async with operating() as one:
        yield one


@pytest.fixture
def office(house, person, operator):
    """``await office(role=…, ceiling=…)``; both have everything when nothing is said."""

    async def make(*, role=FULL, ceiling=FULL, **more):
        return await opened(house, operator, person, role=role, ceiling=ceiling, **more)

    return make


async def update(house, token, company, **values):
    return await house.ask("PATCH", f"/v1/companies/{company}", token, json=values, headers=ANY)


async def until(ask, fits):
    """Ask again until an answer fits: verifiers hear of a change in moments, and within a lease in any case."""

    async def fitting():
        answer = await ask()
        return answer if fits(answer) else None

    return await eventually(fitting)


async def becomes(house, path, token, wanted):
    await until(lambda: house.ask("GET", path, token), lambda answer: answer[0] == wanted)


def asked_for(headers):
    """The scope that a challenge names."""
    return re.search(r'scope="([^"]*)"', headers["WWW-Authenticate"])[1]


@pytest.mark.parametrize("way", ["set_role", "set_ceiling", "assign"])
async def test_a_client_in_full_flight_is_refused_after_the_save_and_let_in_when_the_right_is_back(house, office, way):
    office = await office()
    token = (await office.connect(resource=[house.api, house.mcp])).access
    change = getattr(office, way)
    late = await reductions(house, token, lambda: change(REDUCED), lambda: change(FULL), ROUNDS)
    assert all(moment < LEASE for moments in late for moment in moments), "what is promised"
    assert sum(not moments for moments in late) > ROUNDS / 2, f"the next request is refused, as a rule: {late}"


@pytest.mark.parametrize("way", ["set_role", "set_ceiling"])
async def test_what_is_added_waits_for_a_new_authorization_and_the_client_is_told_what_to_ask_for(house, office, way):
    less = {"company": ["view"]}
    office = await office(**{"set_role": {"role": less}, "set_ceiling": {"ceiling": less}}[way])
    company = await office.company()
    old = await office.connect(resource=[house.api, house.mcp])
    assert old.scope == ["company:view"]
    status, _, headers = await update(house, old.access, company, phase="New")
    assert (status, "scope=" in headers["WWW-Authenticate"]) == (403, False), "asking would not help yet"
    await getattr(office, way)(FULL)
    for token in (old.access, (await office.app.refreshed(old.refresh)).access):
        status, problem, headers = await until(
            lambda token=token: update(house, token, company, phase="New"),
            lambda answer: "scope=" in answer[2].get("WWW-Authenticate", ""),
        )
        assert (status, problem["code"]) == (403, "insufficient_scope")
        scope = asked_for(headers)
        assert scope == "company:update"
    new = await office.connect(scope=scope)
    assert new.scope == ["company:update"]
    assert (await update(house, new.access, company, phase="New"))[0] in (200, 204)
    assert (await update(house, token, company, phase="Old"))[0] == 403, "the old connection stays what it was"


async def test_a_restored_right_returns_within_the_grant_only(house, office):
    office = await office()
    company = await office.company()
    tokens = await office.connect(scope="company:view")
    path = f"/v1/companies/{company}"
    assert (await house.ask("GET", path, tokens.access))[0] == 200
    await office.set_role(REDUCED)
    await becomes(house, path, tokens.access, 403)
    await office.set_role(FULL)
    await becomes(house, path, tokens.access, 200)
    assert (await update(house, tokens.access, company, phase="New"))[0] == 403


async def test_a_reduction_goes_down_to_fields(house, office):
    office = await office()
    company = await office.company(phase="New", arr=7)
    token = (await office.connect()).access
    _, shown, _ = await house.ask("GET", f"/v1/companies/{company}", token)
    assert (shown["phase"], shown["arr"]) == ("New", 7)
    await office.set_ceiling({"company": {"view": {"except": ["arr"]}, "update": ["phase"]}})
    _, shown, _ = await until(
        lambda: house.ask("GET", f"/v1/companies/{company}", token), lambda answer: "arr" not in answer[1]
    )
    assert shown["phase"] == "New"
    assert (await update(house, token, company, phase="Renewal"))[0] == 200
    status, problem, _ = await update(house, token, company, name="Other", arr=1)
    assert status == 403
    assert {"/name", "/arr"} <= {error["pointer"] for error in problem["errors"]}


async def test_users_leave_out_what_a_client_lets_them(house, office):
    office = await office(narrowing=True)
    leave = ("company:create", "company:update")
    tokens = await office.connect(leave=leave)
    assert tokens.scope == ["company:view", "task:view"]
    page = office.member.seen[-1]
    assert [word for _, word in page.form("decision")["checked"]] == [
        "company:view", "company:create", "company:update", "task:view"
    ]  # fmt: skip
    company = await office.company()
    assert (await house.ask("GET", f"/v1/companies/{company}", tokens.access))[0] == 200
    status, _, headers = await update(house, tokens.access, company, phase="New")
    assert (status, asked_for(headers)) == (403, "company:update")
    url, _ = office.app.ask(scope="inclusive")
    again = await office.member.authorize(url, leave=(*leave, "company:view", "task:view"))
    assert again.status == 400
    assert any("nothing to authorize" in words for words in again.words)


async def test_a_dynamic_client_has_what_its_user_picks_and_its_ceiling_again_when_that_ends(house, office, operator):
    office = await office(ceiling={"task": ["view"]})
    company = await office.company()
    assert (await office.connect()).scope == ["task:view"]
    await operator.client_registry.ask(ClientDynamic(client=office.app.client_id, dynamic=True))
    tokens = await office.connect(scope=None, leave=("company:create",))
    assert tokens.scope == ["company:update", "company:view", "task:view"]
    assert (await update(house, tokens.access, company, phase="New"))[0] == 200
    await office.set_role({"company": ["view"]})
    await until(lambda: update(house, tokens.access, company, phase="Newer"), lambda answer: answer[0] == 403)
    assert (await house.ask("GET", "/v1/companies?limit=1", tokens.access))[0] == 200
    await operator.client_registry.ask(ClientDynamic(client=office.app.client_id, dynamic=False))
    await becomes(house, "/v1/companies?limit=1", tokens.access, 403)


async def test_nobody_puts_on_a_client_what_they_may_not_do_and_unknown_names_are_named(house, office):
    manager = {"company": {"view": "*", "update": ["phase"]}, "oauthclient": ["create", "view", "update"]}
    office = await office(role=manager, ceiling=manager)
    token = (await office.connect()).access
    new = {"name": "Mine", "redirect_uris": ["https://app.example/callback"], "permissions": {"company": ["view"]}}
    status, made, _ = await house.ask("POST", "/v1/oauth-clients", token, json=new)
    assert status == 201
    for permissions, status, code in (
        ({"company": {"update": ["phase", "name"]}}, 403, "beyond_yourself"),
        ({"company": ["remove"]}, 403, "beyond_yourself"),
        ({"member": ["view"]}, 403, "beyond_yourself"),
        ({"company": {"update": ["colour"]}}, 400, "invalid_request"),
        ({"spaceship": ["view"]}, 400, "invalid_request"),
    ):
        path = f"/v1/oauth-clients/{made['id']}"
        answered, problem, _ = await house.ask("PATCH", path, token, json={"permissions": permissions})
        assert (answered, problem["code"]) == (status, code), permissions
        assert problem["errors"][0]["pointer"].startswith(f"/permissions/{next(iter(permissions))}")
    _, shown, _ = await house.ask("GET", f"/v1/oauth-clients/{made['id']}", token)
    assert shown["permissions"] in ({"company": ["view"]}, {"company": {"view": "*"}})


async def test_the_last_one_who_can_manage_stays_a_member(house, office):
    manager = {"member": ["view", "remove"]}
    office = await office(role=manager, ceiling=manager)
    token = (await office.connect()).access
    admin = office.admin.claims["sub"]
    status, problem, _ = await house.ask("DELETE", f"/v1/members/{admin}", token)
    assert (status, problem["code"]) == (409, "last_admin")
    assert (await house.ask("GET", "/v1/members", office.admin.access))[0] == 200
