"""What the log says of sign-ins, consents and staff: to whose tenant, and how often."""

import msgspec
import pytest

from latchkey_contracts.events.auth import ConsentRedirectRefused
from latchkey_contracts.requests.operator import MemberPut
from latchkey_contracts.requests.people import TenantLimit, TenantSwitch, UserSwitch
from latchkey_contracts.requests.permissions import Resolution
from latchkey_kit.testing import eventually

EVIL = "https://evil.example/callback?code=lk_ac_stolen#here"


async def refused(world):
    return await world.events("consent.redirect_refused")


def where(world, events):
    names = {tenant: name for name, tenant in world.tenants.items()}
    return [(names[one.tenantid], one.userid) for one in events]


async def test_a_redirect_that_is_not_registered_is_told_to_the_clients_tenant_once(world, browser):
    for _ in range(3):
        await browser.get(world.authorize(redirect_uri=EVIL))
    (envelope,) = await eventually(lambda: refused(world))
    event = msgspec.json.decode(envelope.data, type=ConsentRedirectRefused)
    assert (envelope.tenantid, envelope.userid, event.user) == (world.tenants["acme"], None, None)
    assert (event.client, event.redirect_uri) == ("a1" * 16, "https://evil.example/callback")
    assert "lk_ac_" not in str(envelope)


async def test_who_is_signed_in_is_told_to_their_own_tenants_and_not_to_the_clients_maker(world, browser):
    world.add_client(("globex",))
    await browser.sign_in("kim@globex.test")
    await browser.get(world.authorize(redirect_uri=EVIL))
    await eventually(lambda: refused(world))
    assert where(world, await refused(world)) == [("globex", world.users["kim@globex.test"])]


async def test_a_client_that_is_unknown_is_told_to_nobody(world, browser):
    await browser.get(world.authorize(client_id="f" * 32, redirect_uri=EVIL))
    await browser.sign_in("nobody@nowhere.test", "wrong-password")
    await browser.sign_in("sam@acme.test", "wrong-password")
    await browser.sign_in("kim@globex.test")
    await browser.get(world.authorize(redirect_uri=EVIL))  # it does not exist for Kim
    await eventually(lambda: world.events("user.sign_in_failed"))
    assert await refused(world) == []


@pytest.mark.parametrize("email", ["sam@acme.test", "rita@acme.test"])
async def test_sign_ins_that_are_held_back_are_told_once_a_minute_to_each_tenant_of_the_user(world, browser, email):
    for _ in range(13):
        await browser.sign_in(email, "wrong-password")
    tenants = {"acme", "globex"} if email.startswith("rita") else {"acme"}

    async def all_told():
        return len(await world.events("user.sign_in_failed")) == 10 * len(tenants)

    await eventually(all_told)
    held = await eventually(lambda: world.events("user.sign_in_throttled"))
    assert sorted(where(world, held)) == sorted((tenant, world.users[email]) for tenant in tenants)
    assert {msgspec.json.decode(one.data)["wait"] > 0 for one in held} == {True}


async def test_each_failed_sign_in_says_why(world, browser):
    await browser.sign_in("sam@acme.test", "wrong-password")
    await world.operator.ask(UserSwitch(email="sam@acme.test", disabled=True))
    await browser.sign_in("sam@acme.test")

    async def both():
        found = await world.events("user.sign_in_failed")
        return found if len(found) == 2 else None

    found = await eventually(both)
    reasons = [msgspec.json.decode(one.data).get("reason", "wrong_password") for one in found]
    assert sorted(reasons) == ["disabled", "wrong_password"]


async def test_a_consent_names_its_connection(world, browser):
    await browser.sign_in("sam@acme.test")
    page = await browser.get(world.authorize())
    await browser.submit(page, "/oauth/authorize", decision="authorize")
    (event,) = await world.events("consent.granted")
    assert msgspec.json.decode(event.data)["connection"] == "c" * 32


async def test_consents_to_another_tenants_client_are_in_the_users_log_alone(world, browser):
    """The client is acme's, and published; Kim belongs to globex."""
    world.add_client(("globex",))
    await browser.sign_in("kim@globex.test")
    for decision in ("cancel", "authorize"):
        page = await browser.get(world.authorize())
        await browser.submit(page, "/oauth/authorize", decision=decision)
    world.neighbours.resolution = Resolution(refusal="missing", named=("company:remove",))
    await browser.get(world.authorize(scope="company:remove"))
    for kind in ("consent.cancelled", "consent.granted", "consent.refused"):
        assert where(world, await world.events(kind)) == [("globex", world.users["kim@globex.test"])], kind


async def test_what_staff_do_is_in_the_log_of_every_tenant_that_it_concerns(world):
    acme = world.tenants["acme"]
    for disabled in (True, False):
        await world.operator.ask(UserSwitch(email="rita@acme.test", disabled=disabled))
    await world.operator.ask(TenantLimit(name="acme", connection_lifetime=3600))
    await world.operator.ask(MemberPut(tenant=acme, user=world.users["kim@globex.test"]))
    for off_boarded in (True, False):
        await world.operator.ask(TenantSwitch(name="acme", off_boarded=off_boarded))
    both, only = {acme, world.tenants["globex"]}, {acme}
    for kind, tenants in (
        ("user.disabled", both), ("user.enabled", both), ("tenant.limited", only), ("tenant.off_boarded", only),
        ("tenant.restored", only), ("tenant.created", both), ("member.added", both),
    ):  # fmt: skip
        found = await world.events(kind)
        assert ({one.tenantid for one in found}, {one.bystaff for one in found}) == (tenants, {True}), kind


async def test_what_people_do_is_not_told_as_done_by_staff(world, browser):
    await browser.sign_in("sam@acme.test", "wrong-password")
    await browser.sign_in("sam@acme.test")
    for kind in ("user.sign_in_failed", "user.signed_in"):
        found = await eventually(lambda kind=kind: world.events(kind))
        assert [one.bystaff for one in found] == [False]
