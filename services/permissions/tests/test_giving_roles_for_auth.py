"""Roles of people who are invited, and the first role of a tenant: what auth asks for."""

import pytest

from latchkey_contracts.requests.permissions import (
    AdminRolePut,
    PermissionsResolve,
    RoleGive,
    RoleOffer,
    RoleWithin,
)
from latchkey_kit.requests import PeerRefused, PeerUnavailable


@pytest.fixture
async def people(house, manage):
    """Carly is the Admin of acme; Rita manages members and may view companies, as ``Lead``."""
    lead = await house.role({"company": ["view"], "member": ["view", "create", "update"]}, name="Lead")
    await house.assign(lead, house.rita)
    return {"lead": lead, "reader": await house.role({"company": ["view"]}, name="Reader")} | {
        role["name"].lower(): role["id"] for role in (await manage("GET", "/v1/roles"))[1]["data"]
    }


async def refused(house, question):
    with pytest.raises(PeerRefused) as error:
        await house.caller("auth").ask(question)
    return error.value.problem.status, error.value.problem.code


async def test_a_role_is_offered_within_the_inviters_own_and_nothing_changes(house, manage, people):
    def offer(role, actor):
        return RoleOffer(tenant=house.acme, role=role, actor=actor)

    await house.caller("auth").ask(offer(people["reader"], house.rita))
    await house.caller("auth").ask(offer(people["admin"], house.carly))
    await house.caller("auth").ask(offer(people["admin"], None))
    assert await refused(house, offer(people["admin"], house.rita)) == (403, "beyond_yourself")
    assert await refused(house, offer(people["reader"], house.sam)) == (403, "beyond_yourself"), "he has no role"
    assert await refused(house, offer("0" * 32, house.carly)) == (404, "not_found")
    theirs = RoleOffer(tenant=house.globex, role=people["reader"], actor=house.kim)
    assert await refused(house, theirs) == (404, "not_found")
    assert (await manage("GET", f"/v1/roles/{people['reader']}/members"))[1]["data"] == []


async def test_a_role_is_given_as_if_the_inviter_gave_it_now(house, manage, people, token):
    def give(role, actor):
        return RoleGive(tenant=house.acme, user=house.sam, role=role, actor=actor)

    await house.caller("auth").ask(give(people["reader"], house.rita))
    assert (await manage("GET", f"/v1/roles/{people['reader']}/members"))[1]["data"] == [{"id": house.sam}]
    assert token.floors["assignment", house.acme + house.sam] == 1
    assert await refused(house, give(people["admin"], house.rita)) == (403, "beyond_yourself")
    await house.caller("auth").ask(give(people["admin"], None))
    assert (await manage("GET", f"/v1/roles/{people['reader']}/members"))[1]["data"] == []


async def test_who_may_do_more_is_not_within(house, people):
    def within(user, actor):
        return RoleWithin(tenant=house.acme, user=user, actor=actor)

    await house.caller("auth").ask(within(house.rita, house.carly))
    await house.caller("auth").ask(within(house.sam, house.rita))  # he has no role
    assert await refused(house, within(house.carly, house.rita)) == (403, "beyond_yourself")
    assert await refused(house, within(house.rita, house.sam)) == (403, "beyond_yourself")


async def test_the_first_role_of_a_tenant_may_do_everything(house):
    tenant = "9" * 32
    role = (await house.caller("auth").ask(AdminRolePut(tenant=tenant))).role
    assert (await house.caller("auth").ask(AdminRolePut(tenant=tenant))).role == role, "once"
    await house.assign(role, house.sam, tenant)
    everything = {"company": ["view", "update"], "role": ["create"], "member": ["create"]}
    client = "7" * 32
    await house.ceiling(everything, client=client, tenant=tenant)
    asked = PermissionsResolve(tenant=tenant, user=house.sam, client=client, scope=None, default="inclusive")
    resolved = await house.caller("auth").ask(asked)
    assert set(resolved.scope) == {"company:view", "company:update", "role:create", "member:create"}


async def test_only_auth_asks(house, people):
    with pytest.raises(PeerUnavailable):
        await house.caller("records").ask(RoleGive(tenant=house.acme, user=house.sam, role=people["admin"]))
