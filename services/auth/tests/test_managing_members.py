"""`/v1/members`: seeing, removing and adding back, and what the token service is told of it."""

import asyncio

import msgspec
import pytest

from latchkey_auth.turning.leaving import Leaving
from latchkey_auth.turning.memberships import Memberships
from latchkey_auth.turning.telling import Telling
from latchkey_contracts.requests.grants import TokenApply
from latchkey_contracts.requests.operator import MemberPut
from latchkey_contracts.requests.permissions import LeavingAsk, RoleUnassign
from latchkey_contracts.requests.standing import Standing
from latchkey_kit.clock import SystemClock
from latchkey_kit.db import connect
from latchkey_kit.entropy import SystemEntropy
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.problems import Problem
from latchkey_verify.admission import Actor
from latchkey_verify.testing import rights

SAM, RITA, KIM = "sam@acme.test", "rita@acme.test", "kim@globex.test"


@pytest.fixture
async def manage(world, http):
    """The management API as Rita of acme, or whoever is named: status and body."""
    await world.served.ready()

    async def ask(method, path="", body=None, *, by=RITA, tenant="acme"):
        token = world.neighbours.issuers[0].mint(sub=world.users[by], tid=world.tenants[tenant])
        url = f"{world.served.public_url}/v1/members{path}"
        headers = {"Authorization": f"Bearer {token}"}
        async with http.request(method, url, json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    return ask


async def test_members_are_listed_page_by_page_and_only_those_of_the_own_tenant(world, manage):
    _, first = await manage("GET", "?limit=1")
    _, second = await manage("GET", f"?limit=1&cursor={first['next_cursor']}")
    shown = first["data"] + second["data"]
    assert second["next_cursor"] is None
    assert {member["email"] for member in shown} == {SAM, RITA}
    assert {member["id"] for member in shown} == {world.users[SAM], world.users[RITA]}
    assert all(set(member) == {"id", "email", "name", "since"} for member in shown)
    status, problem = await manage("GET", "?cursor=nonsense")
    assert (status, problem["errors"][0]["pointer"]) == (400, "/cursor")


async def test_a_removed_member_is_gone_and_the_token_service_knows_at_once(world, manage):
    status, answer = await manage("DELETE", f"/{world.users[SAM]}")
    assert (status, answer) == (200, {"id": world.users[SAM], "effective_at": "2026-11-22T08:00:02Z"})
    _, listed = await manage("GET")
    assert [member["email"] for member in listed["data"]] == [RITA]
    key = world.tenants["acme"] + world.users[SAM]
    assert world.neighbours.last(TokenApply) == TokenApply(
        standings=(Standing(kind="tenant_user", key=key, turn=1, reason="member.removed", by=world.users[RITA]),)
    )
    [event] = await world.events("member.removed")
    assert (event.tenantid, event.userid) == (world.tenants["acme"], world.users[RITA])
    assert msgspec.json.decode(event.data) == {
        "user": world.users[SAM], "tenant": world.tenants["acme"], "turn": 1, "name": "Sam", "email": SAM,
    }  # fmt: skip


async def test_the_last_one_who_can_manage_is_not_removed(world, manage):
    world.neighbours.may_leave = False
    status, problem = await manage("DELETE", f"/{world.users[SAM]}")
    assert (status, problem["code"]) == (409, "last_admin")
    assert "Settings" in problem["detail"]
    await nothing_is_removed(world, manage)
    assert world.neighbours.all(LeavingAsk) == [LeavingAsk(tenant=world.tenants["acme"], user=world.users[SAM])]
    world.neighbours.may_leave = True
    assert (await manage("DELETE", f"/{world.users[SAM]}"))[0] == 200


async def test_the_role_of_who_is_removed_ends_and_ends_again_before_they_come_back(world, manage):
    client = world.neighbours.issuers[0].claims()["client_id"]
    ended = RoleUnassign(tenant=world.tenants["acme"], user=world.users[SAM], actor=world.users[RITA], through=client)
    assert (await manage("POST", "", {"email": SAM}))[0] == 200
    assert world.neighbours.all(RoleUnassign) == [], "who is a member keeps their role"
    world.neighbours.away.add(RoleUnassign.path)
    assert (await manage("DELETE", f"/{world.users[SAM]}"))[0] == 200, "it is done, whoever is away"
    status, problem = await manage("POST", "", {"email": SAM})
    assert (status, problem["code"]) == (503, "temporarily_unavailable")
    _, listed = await manage("GET")
    assert [member["email"] for member in listed["data"]] == [RITA]
    world.neighbours.away.discard(RoleUnassign.path)
    assert (await manage("POST", "", {"email": SAM}))[0] == 200
    assert world.neighbours.all(RoleUnassign) == [ended]
    assert (await manage("DELETE", f"/{world.users[SAM]}"))[0] == 200
    assert world.neighbours.all(RoleUnassign) == [ended, ended]


async def test_nobody_is_removed_while_permissions_are_away(world, manage):
    world.neighbours.away.add(LeavingAsk.path)
    status, problem = await manage("DELETE", f"/{world.users[SAM]}")
    assert (status, problem["code"]) == (503, "temporarily_unavailable")
    await nothing_is_removed(world, manage)


async def test_leave_is_asked_for_members_only_and_by_those_who_may(world, manage):
    for nobody in (world.users[KIM], "0" * 32, world.users[RITA]):
        assert (await manage("DELETE", f"/{nobody}"))[0] in (404, 409)
    viewer = {"member": ["view"]}
    world.neighbours.rights = rights(viewer, viewer, viewer)
    assert (await manage("DELETE", f"/{world.users[RITA]}", by=SAM))[0] == 403
    assert world.neighbours.all(LeavingAsk) == []


async def nothing_is_removed(world, manage):
    _, listed = await manage("GET")
    assert {member["email"] for member in listed["data"]} == {SAM, RITA}
    assert await world.events("member.removed") == []
    assert world.neighbours.all(TokenApply) == []


async def test_a_removal_is_pending_while_the_token_service_is_away(world, manage):
    world.neighbours.away.add(TokenApply.path)
    status, answer = await manage("DELETE", f"/{world.users[SAM]}")
    assert (status, answer) == (202, {"id": world.users[SAM], "pending": True})
    assert len(await world.events("member.removed")) == 1


async def test_who_is_no_member_here_is_not_found(world, manage):
    await manage("DELETE", f"/{world.users[SAM]}")
    for nobody in (world.users[SAM], world.users[KIM], "0" * 32, "not-an-id"):
        status, problem = await manage("DELETE", f"/{nobody}")
        assert (status, problem["code"]) == (404, "not_found"), nobody
    assert len(await world.events("member.removed")) == 1
    assert len(world.neighbours.all(TokenApply)) == 1


async def test_nobody_removes_themselves(world, manage):
    status, problem = await manage("DELETE", f"/{world.users[RITA]}")
    assert (status, problem["code"]) == (409, "yourself")
    assert await world.events("member.removed") == []


async def test_a_removal_in_one_tenant_leaves_the_other_alone(world, manage, browser):
    await manage("DELETE", f"/{world.users[RITA]}", by=SAM)
    await browser.sign_in(RITA)
    world.add_client(usable_in=("acme", "globex"))
    consent = await browser.get(world.authorize())
    assert consent.texts("h1") == ["Acme Sync wants to access Globex"]


async def test_of_two_who_remove_each_other_one_stays(world, manage):
    answers = await asyncio.gather(
        manage("DELETE", f"/{world.users[SAM]}", by=RITA), manage("DELETE", f"/{world.users[RITA]}", by=SAM)
    )
    assert sorted(status for status, _ in answers) == [200, 403]
    assert len(await world.events("member.removed")) == 1


async def test_a_former_member_is_added_again_with_the_next_turn(world, manage):
    await manage("DELETE", f"/{world.users[SAM]}")
    status, answer = await manage("POST", "", {"email": " SAM@acme.test"})
    assert status == 200
    assert (answer["id"], answer["email"]) == (world.users[SAM], SAM)
    assert answer["effective_at"] == "2026-11-22T08:00:02Z"
    [told] = world.neighbours.last(TokenApply).standings
    assert (told.turn, told.barred, told.reason) == (2, False, "member.added")
    added = [msgspec.json.decode(event.data) for event in await world.events("member.added")]
    sam = {"user": world.users[SAM], "tenant": world.tenants["acme"], "name": "Sam", "email": SAM}
    assert sam | {"turn": 2} in added
    _, listed = await manage("GET")
    assert {member["email"] for member in listed["data"]} == {SAM, RITA}


async def test_adding_is_pending_while_the_token_service_is_away(world, manage):
    await manage("DELETE", f"/{world.users[SAM]}")
    world.neighbours.away.add(TokenApply.path)
    status, answer = await manage("POST", "", {"email": SAM})
    assert (status, answer["pending"], "effective_at" in answer) == (202, True, False)


async def test_who_is_a_member_is_added_without_a_turn(world, manage):
    status, answer = await manage("POST", "", {"email": SAM})
    assert (status, answer["id"]) == (200, world.users[SAM])
    assert world.neighbours.all(TokenApply) == []


async def test_nobody_learns_whether_another_tenant_knows_an_address(manage):
    elsewhere = await manage("POST", "", {"email": KIM})
    nowhere = await manage("POST", "", {"email": "kxm@globex.test"})
    for status, problem in (elsewhere, nowhere):
        assert (status, problem["code"]) == (404, "no_former_member")
        problem.pop("request_id")
    assert elsewhere == nowhere


async def test_the_operator_adds_a_former_member_with_the_next_turn_too(world, manage):
    await manage("DELETE", f"/{world.users[SAM]}")
    await world.operator.ask(MemberPut(tenant=world.tenants["acme"], user=world.users[SAM]))
    [told] = world.neighbours.last(TokenApply).standings
    assert (told.turn, told.barred, told.by) == (2, False, None)


@pytest.mark.parametrize("action", ["view", "create", "remove"])
async def test_every_act_needs_its_own_right(world, manage, action):
    method, path, body = {
        "view": ("GET", "", None),
        "create": ("POST", "", {"email": SAM}),
        "remove": ("DELETE", f"/{world.users[SAM]}", None),
    }[action]
    others = {"member": [one for one in ("view", "create", "update", "remove") if one != action]}
    world.neighbours.rights = rights(others, others, others)
    status, problem = await manage(method, path, body)
    assert (status, problem["code"]) == (403, "insufficient_scope")
    assert world.neighbours.all(TokenApply) == []


async def test_without_a_token_there_is_a_challenge(world, http):
    await world.served.ready()
    async with http.get(f"{world.served.public_url}/v1/members") as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer resource_metadata=")


async def test_the_api_speaks_json_about_its_mistakes_and_lets_browsers_in(world, http):
    user = f"/v1/members/{world.users[SAM]}"
    for method, path, wanted in (
        ("PUT", "/v1/members", 405), ("GET", user, 405), ("GET", "/v1/elsewhere", 404), ("GET", f"{user}/x", 404)
    ):  # fmt: skip
        async with http.request(method, world.served.public_url + path) as answer:
            assert (answer.status, answer.content_type) == (wanted, "application/problem+json"), (method, path)
    headers = {"Origin": "https://app.example", "Access-Control-Request-Method": "DELETE"}
    async with http.options(world.served.public_url + user, headers=headers) as answer:
        assert answer.headers["Access-Control-Allow-Methods"] == "DELETE"


async def test_who_is_cut_off_before_the_commit_removes_nobody(world):
    """The bearer is checked again at the very end of the transaction."""

    def cut_off():
        raise Problem(401, "invalid_token", "The token is not valid any more.")

    telling = Telling(None)
    async with connect(world.served.settings.database_url.reveal()) as database:
        memberships = Memberships(database, Outbox("auth", SystemClock(), SystemEntropy()), telling, Leaving(None))
        with pytest.raises(Problem):
            await memberships.remove(world.tenants["acme"], world.users[SAM], Actor(confirm=cut_off))
    assert await world.execute("SELECT 1 FROM membership WHERE removed_at IS NOT NULL") == []
    assert await world.events("member.removed") == []
