"""Every change of somebody's rights is a fact, with who did it; and the stream takes each."""

import contextlib

import aiohttp
import asyncpg
import msgspec
import pytest
from nats.js.errors import NotFoundError

from latchkey_contracts.changes import differences
from latchkey_contracts.events import EVENTS, CloudEvent
from latchkey_contracts.requests.permissions import CeilingPut, RoleOffer, RoleUnassign
from latchkey_kit.messaging import bus
from latchkey_kit.requests import PeerRefused
from latchkey_kit.telemetry import facts
from latchkey_kit.testing import eventually
from latchkey_kit.testing.services import credential
from latchkey_permissions.domain import told
from latchkey_policy.permissions import PermissionSet

COMPANY = "7" * 32


async def _told(house, user=...):
    connection = await asyncpg.connect(house.served.settings.database_url.reveal())
    try:
        rows = await connection.fetch("SELECT body FROM outbox ORDER BY created_at, id")
    finally:
        await connection.close()
    found = [msgspec.json.decode(row["body"], type=CloudEvent) for row in rows]
    return [one for one in found if one.userid == (house.carly if user is ... else user)]


async def test_roles_teams_and_lists_tell_what_happened_and_who_did_it(house, manage, nats):
    _, role = await manage("POST", "/v1/roles", {"name": "Rep"})
    await manage("PUT", f"/v1/roles/{role['id']}/members/{house.sam}")
    await manage("DELETE", f"/v1/roles/{role['id']}/members/{house.sam}")
    await manage("DELETE", f"/v1/roles/{role['id']}")
    _, team = await manage("POST", "/v1/teams", {"name": "North", "members": [house.sam]})
    await manage("PATCH", f"/v1/teams/{team['id']}", {"members": [house.rita]})
    await manage("DELETE", f"/v1/teams/{team['id']}")
    await manage("PUT", f"/v1/portfolios/{house.sam}", {"companies": [COMPANY]})
    events = await _told(house)
    assert {(one.tenantid, one.clientid) for one in events} == {(house.acme, house.cli)}
    assert [(one.type, one.subject, _without_changes(one)) for one in events] == [
        ("role.changed", role["id"], {"role": role["id"], "name": "Rep", "revision": 1}),
        ("role.assigned", role["id"], {"role": role["id"], "user": house.sam, "revision": 1}),
        ("role.unassigned", role["id"], {"role": role["id"], "user": house.sam, "revision": 2}),
        ("role.removed", role["id"], {"role": role["id"], "name": "Rep"}),
        ("team.changed", team["id"], {"team": team["id"], "name": "North", "added": [house.sam]}),
        (
            "team.changed",
            team["id"],
            {"team": team["id"], "name": "North", "added": [house.rita], "removed": [house.sam]},
        ),
        ("team.removed", team["id"], {"team": team["id"], "name": "North", "removed": [house.rita]}),
        ("portfolio.changed", house.sam, {"user": house.sam, "companies": 1, "revision": 5}),
    ]
    async with bus.connecting(nats, "", "", "audit") as listener:
        await listener.up.wait()
        for kind, entity, event in (
            ("role", role["id"], "removed"),
            ("team", team["id"], "removed"),
            ("portfolio", house.sam, "changed"),
        ):

            async def kept(subject=f"lk.v1.{house.acme}.{kind}.{entity}.{event}"):
                with contextlib.suppress(NotFoundError):
                    return await listener.jetstream.get_last_msg("LATCHKEY", subject)

            assert await eventually(kept)


def _without_changes(envelope):
    return {name: value for name, value in msgspec.json.decode(envelope.data).items() if name != "changes"}


def _changes(envelope):
    event = msgspec.json.decode(envelope.data, type=EVENTS[envelope.type, 1])
    return {one.field: (one.before, one.after) for one in event.changes}


async def test_a_role_is_told_as_it_was_and_as_it_is(house, manage):
    first = {"company": {"view": "*", "update": ["name"]}, "enduser": {"view": {"except": ["name"]}}}
    _, role = await manage("POST", "/v1/roles", {"name": "Rep", "permissions": first})
    path = f"/v1/roles/{role['id']}"
    await manage("PATCH", path, {"name": "Rep 2", "permissions": {"company": ["view"]}, "settings": True})
    await manage("PUT", f"{path}/members/{house.sam}")
    await manage("DELETE", f"{path}/members/{house.sam}")
    await manage("DELETE", path)
    created, edited, assigned, unassigned, removed = await _told(house)
    words = ("-enduser.name:view", "company.name:update", "company:view", "enduser:view")
    assert _changes(created)["permissions"] == (None, words)
    assert _changes(edited) == {
        "name": ("Rep", "Rep 2"), "permissions": (words, ("company:view",)), "settings": (False, True),
    }  # fmt: skip
    assert (_changes(assigned)["role"][1], _changes(unassigned)["role"]) == ("Rep 2", ("Rep 2", None))
    assert _changes(removed)["permissions"] == (("company:view",), None)


async def test_a_list_of_companies_and_a_teams_name_are_told_before_and_after(house, manage):
    _, team = await manage("POST", "/v1/teams", {"name": "North", "members": []})
    await manage("PATCH", f"/v1/teams/{team['id']}", {"name": "South"})
    await manage("PUT", f"/v1/portfolios/{house.sam}", {"companies": [COMPANY]})
    await manage("PUT", f"/v1/portfolios/{house.sam}", {"companies": []})
    assert [_changes(one) for one in await _told(house)] == [
        {"name": (None, "North")}, {"name": ("North", "South")},
        {"companies": ((), (COMPANY,))}, {"companies": ((COMPANY,), ())},
    ]  # fmt: skip


async def test_a_ceiling_is_told_before_and_after_with_who_set_it(house):
    await house.ceiling({"company": ("view", "update")})
    await house.ceiling({"company": ("view",)}, dynamic=True)
    with facts.about(facts.RequestFacts(bystaff=True)):
        await house.ceiling({"company": ("view",)}, dynamic=False)
    found = [one for one in await _told(house, user=None) if one.type == "ceiling.changed"][-3:]
    assert [one.bystaff for one in found] == [False, False, True]
    assert [_changes(one) for one in found[1:]] == [
        {"permissions": (("company:update", "company:view"), ("company:view",)), "dynamic": (False, True)},
        {"dynamic": (True, False)},
    ]


@pytest.mark.usefixtures("manage")
async def test_a_ceiling_that_an_admin_set_is_told_with_the_app_that_they_used(house):
    await house.ceiling({"company": ("view",)}, actor=house.carly, through=house.cli)
    (event,) = await _told(house)
    assert (event.type, event.subject, event.clientid) == ("ceiling.changed", house.claude, house.cli)


async def test_the_end_of_a_removed_members_role_is_told_with_who_removed_them(house):
    role = await house.role({"company": ("view",)})
    await house.assign(role, house.sam)
    with facts.about(facts.RequestFacts(request_id="9" * 32)):
        ask = RoleUnassign(tenant=house.acme, user=house.sam, actor=house.carly, through=house.cli)
        await house.caller("auth").ask(ask)
    (event,) = await _told(house)
    assert (event.type, event.clientid, event.requestid) == ("role.unassigned", house.cli, "9" * 32)


async def test_what_staff_do_with_roles_is_told_as_theirs(house):
    await house.role({"company": ("view",)})
    (event,) = [one for one in await _told(house, user=None) if one.type == "role.changed"][-1:]
    assert (event.tenantid, event.userid, event.bystaff) == (house.acme, None, True)


def test_the_largest_ceiling_fits_into_one_message():
    def rights(action):
        return {f"model_{m:02}": {action: [f"field_number_{f:02}" for f in range(40)]} for m in range(50)}

    before, after = PermissionSet.of(rights("create")), PermissionSet.of(rights("update"))
    found = differences(told.ceiling(before, dynamic=False), told.ceiling(after, dynamic=False))
    assert [len(one.before) for one in found] == [2000]
    assert found[0].after == told.words(after)
    assert len(msgspec.json.encode(found)) < 240 * 1024


async def test_a_change_waits_for_nothing_but_its_commit_when_the_token_service_is_away(house, manage, token):
    token.away.add("/internal/token/apply")
    status, role = await manage("POST", "/v1/roles", {"name": "Rep"})
    assert status == 201
    assert ("role", role["id"]) not in token.floors
    token.away.clear()
    await eventually(lambda: token.floors.get(("role", role["id"])) == 1)


LACKING = ["company.notes:update", "asset:remove", "asset:view", "portfolio:all", "settings"]


async def test_what_lies_beyond_somebody_is_told_once_then_counted_and_nothing_of_it_is_done(house, manage, models):
    notes = {"name": "notes", "type": "text", "title": "Notes"}
    await house.register(models[0] | {"fields": [*models[0]["fields"], notes]}, *models[1:])
    own = {"company": {"view": "*", "update": ["name"]}, "role": ["view", "create", "update"]}
    await house.assign(await house.role(own, name="Lead"), house.rita)
    wanted = {"company": {"view": "*", "update": "*"}, "asset": ["view", "remove"]}
    body = {"name": "More", "permissions": wanted, "portfolio": "all", "settings": True}
    for _ in range(3):
        status, problem = await manage("POST", "/v1/roles", body, by=house.rita)
        assert (status, problem["code"]) == (403, "beyond_yourself")
    status, problem = await manage("POST", "/v1/teams", {"name": "N", "members": [house.sam]}, by=house.rita)
    assert (status, problem["code"]) == (403, "beyond_yourself")
    found = await _told(house, user=house.rita)
    assert {(one.type, one.tenantid, one.subject, one.clientid, one.result) for one in found} == {
        ("access.change_refused", house.acme, house.rita, house.cli, "refused")
    }
    assert [msgspec.json.decode(one.data) for one in found] == [
        {"user": house.rita, "lacking": LACKING}, {"user": house.rita, "lacking": ["portfolio:all"]},
    ]  # fmt: skip
    assert {one["name"] for one in (await manage("GET", "/v1/roles", by=house.rita))[1]["data"]} == {"Admin", "Lead"}
    assert (await manage("GET", "/v1/teams", by=house.rita))[1]["data"] == []


async def test_however_much_lies_beyond_somebody_what_is_told_stays_short(house, manage, models):
    names = [f"note_{number}" for number in range(150)]
    notes = [{"name": name, "type": "text", "title": "Note"} for name in names]
    await house.register(models[0] | {"fields": [*models[0]["fields"], *notes]}, *models[1:])
    await house.assign(await house.role({"company": {"view": ["name"]}, "role": ["create"]}, name="Lead"), house.rita)
    body = {"name": "More", "permissions": {"company": {"view": names}}}
    status, _ = await manage("POST", "/v1/roles", body, by=house.rita)
    assert status == 403
    (found,) = await _told(house, user=house.rita)
    assert len(msgspec.json.decode(found.data)["lacking"]) == 100


async def test_what_lies_beyond_somebody_at_the_console_is_told_without_an_app(house, manage, token):
    await house.assign(await house.role({"role": ["create"]}, name="Lead"), house.rita)
    headers = token.actors.headers("permissions", house.rita, house.acme)
    headers["Authorization"] = aiohttp.encode_basic_auth("console", credential("console"))
    body = {"name": "More", "permissions": {"asset": ["view"]}}
    async with house.http.post(f"{house.served.internal_url}/v1/roles", json=body, headers=headers) as response:
        assert response.status == 403
    (found,) = await _told(house, user=house.rita)
    assert (found.type, found.clientid, found.tenantid) == ("access.change_refused", None, house.acme)


@pytest.mark.usefixtures("manage")
async def test_what_lies_beyond_somebody_is_told_of_who_invites_and_of_who_sets_a_ceiling(house):
    reader = await house.role({"company": ["view"]}, name="Reader")
    for caller, ask in (
        ("auth", RoleOffer(tenant=house.acme, role=reader, actor=house.sam)),
        ("client-registry", CeilingPut(
            tenant=house.acme, client=house.claude, permissions={"asset": ["view"]}, actor=house.sam, through=house.cli
        )),
    ):  # fmt: skip
        with pytest.raises(PeerRefused):
            await house.caller(caller).ask(ask)
    found = await _told(house, user=house.sam)
    assert [(one.type, one.clientid, msgspec.json.decode(one.data)["lacking"]) for one in found] == [
        ("access.change_refused", None, ["company:view"]), ("access.change_refused", house.cli, ["asset:view"]),
    ]  # fmt: skip
