"""Tenants, users and members, as the operator's command puts them."""

import asyncio

import pytest

from latchkey_contracts.requests import Done
from latchkey_contracts.requests.operator import MemberPut, TenantNamed, TenantPut, UserPut
from latchkey_kit.requests import PeerRefused, PeerUnavailable


async def test_a_tenant_is_made_once(world):
    first = await world.operator.ask(TenantPut(name="initech", title="Initech"))
    again = await world.operator.ask(TenantPut(name="initech", title="Other"))
    assert (first.created, again.created) == (True, False)
    assert first.id == again.id
    made = [event for event in await world.events("tenant.created") if event.tenantid == first.id]
    assert len(made) == 1
    assert (await world.operator.ask(TenantNamed(name="initech"))).id == first.id
    with pytest.raises(PeerRefused) as refused:
        await world.operator.ask(TenantNamed(name="nobody"))
    assert refused.value.problem.status == 404


async def test_a_user_is_made_once_and_keeps_the_password(world, browser):
    asked = UserPut(email="Ida@Acme.test", name="Ida", password="the first one")
    first = await world.operator.ask(asked)
    again = await world.operator.ask(UserPut(email="ida@acme.test", name="Ida", password="another one"))
    assert (first.created, again.created, first.id == again.id) == (True, False, True)
    assert (await browser.sign_in("ida@acme.test", "the first one")).status == 303
    assert len(await world.events("user.created")) == 1
    [row] = await world.execute("SELECT password_hash FROM app_user WHERE email = 'ida@acme.test'")
    assert row["password_hash"].startswith("$argon2id$")


async def test_two_operators_at_once_make_one_user(world):
    asked = UserPut(email="twin@acme.test", name="Twin", password="the same one")
    answers = await asyncio.gather(*(world.operator.ask(asked) for _ in range(2)))
    assert len({answer.id for answer in answers}) == 1
    assert [answer.created for answer in answers].count(True) == 1


async def test_a_member_is_added_once(world):
    asked = MemberPut(tenant=world.tenants["globex"], user=world.users["sam@acme.test"])
    before = len(await world.events("member.added"))
    assert await world.operator.ask(asked) == Done()
    assert await world.operator.ask(asked) == Done()
    assert len(await world.events("member.added")) == before + 1


_CANNOT_BE = [
    (TenantPut(name="Bad Name", title="x"), "/name"),
    (TenantPut(name="", title="x"), "/name"),
    (TenantPut(name="fine", title="a\x1bb"), "/title"),
    (UserPut(email="nobody", name="x", password="latchkey"), "/email"),
    (UserPut(email="a@b\x1b", name="x", password="latchkey"), "/email"),
    (UserPut(email="a@b.test", name="", password="latchkey"), "/name"),
    (UserPut(email="a@b.test", name="x", password="short"), "/password"),
]


async def test_what_cannot_be_is_refused_by_name(world):
    for asked, pointer in _CANNOT_BE:
        with pytest.raises(PeerRefused) as refused:
            await world.operator.ask(asked)
        assert refused.value.problem.status == 400
        assert [error.pointer for error in refused.value.problem.errors] == [pointer]


async def test_a_member_needs_a_tenant_and_a_user(world):
    with pytest.raises(PeerRefused) as refused:
        await world.operator.ask(MemberPut(tenant="0" * 32, user=world.users["sam@acme.test"]))
    assert refused.value.problem.status == 404


async def test_only_the_operator_may_ask(world, peer):
    with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
        await peer("records", world.served.internal_url).ask(TenantPut(name="mine", title="Mine"))
    assert await world.execute("SELECT 1 FROM tenant WHERE name = 'mine'") == []
