"""What the token service reads when it was not told: one turn, or all of them."""

import pytest

from latchkey_auth.store import standings
from latchkey_contracts.requests.operator import MemberPut
from latchkey_contracts.requests.people import TenantLimit, TenantSwitch, UserSwitch
from latchkey_contracts.requests.standing import Limits, Standing, StandingGet, StandingList
from latchkey_kit.db import connect
from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_kit.testing.waiting import eventually

SAM, KIM, RITA = "sam@acme.test", "kim@globex.test", "rita@acme.test"


@pytest.fixture
def token(world, peer):
    return peer("token", world.served.internal_url)


@pytest.fixture
async def turned(world):
    """Everything that can turn has, once or twice; gives how it stands."""
    acme, globex = world.tenants["acme"], world.tenants["globex"]
    await world.operator.ask(TenantSwitch(name="globex", off_boarded=True))
    for disabled in (True, False):
        await world.operator.ask(UserSwitch(email=SAM, disabled=disabled))
    await world.operator.ask(UserSwitch(email=KIM, disabled=True))
    await world.execute(
        "UPDATE membership SET turn = 1, removed_at = clock_timestamp(), turned_by = $3"
        " WHERE tenant = $1 AND app_user = $2",
        acme, world.users[SAM], world.users[RITA],
    )  # fmt: skip
    await world.execute("UPDATE membership SET turn = 1, removed_at = now() WHERE tenant = $1", globex)
    await world.operator.ask(MemberPut(tenant=globex, user=world.users[KIM]))
    await world.operator.ask(TenantLimit(name="acme", refresh_token_lifetime=15_552_000))
    return {
        Standing(kind="tenant", key=globex, turn=1, barred=True, reason="tenant.off_boarded"),
        Standing(kind="user", key=world.users[SAM], turn=2, barred=False, reason="user.enabled"),
        Standing(kind="user", key=world.users[KIM], turn=1, barred=True, reason="user.disabled"),
        Standing(
            kind="tenant_user", key=acme + world.users[SAM], turn=1, reason="member.removed",
            by=world.users[RITA],
        ),
        Standing(
            kind="tenant_user", key=globex + world.users[RITA], turn=1, reason="member.removed"
        ),
        Standing(kind="tenant_user", key=globex + world.users[KIM], turn=2, reason="member.added"),
    }  # fmt: skip


async def test_one_thing_is_told_as_it_stands(token, turned):
    for wanted in turned:
        answer = await token.ask(StandingGet(kind=wanted.kind, key=wanted.key))
        assert answer.standing == wanted


async def test_what_never_turned_or_is_not_there_has_no_standing(world, token):
    acme, sam = world.tenants["acme"], world.users[SAM]
    things = [("tenant", acme), ("user", sam), ("tenant_user", acme + sam)]
    things += [("tenant", "0" * 32), ("user", "0" * 32), ("tenant_user", "0" * 64)]
    for kind, key in things:
        assert (await token.ask(StandingGet(kind=kind, key=key))).standing is None


async def test_what_is_not_ours_is_no_answer(token):
    for kind, key in (("client", "0" * 32), ("tenant_client", "0" * 64), ("user", "0" * 64), ("tenant_user", "0" * 32)):
        with pytest.raises(PeerRefused) as refused:
            await token.ask(StandingGet(kind=kind, key=key))
        assert refused.value.problem.status == 400


async def test_everything_that_ever_turned_is_one_page_when_it_is_little(world, token, turned):
    page = await token.ask(StandingList())
    assert page.next is None
    assert set(page.standings) == turned
    assert len(page.standings) == len(turned)
    assert page.limits == (Limits(tenant=world.tenants["acme"], revision=1, refresh_token_lifetime=15_552_000),)


async def test_the_position_comes_to_cover_every_event(world, token, turned):
    count = len(await world.execute("SELECT 1 FROM outbox"))
    [row] = await world.execute("SELECT epoch FROM outbox_state")

    async def covered():
        page = await token.ask(StandingList())
        assert page.epoch == row["epoch"].hex
        return page.sequence >= count

    await eventually(covered)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
async def test_pages_of_any_size_leave_nothing_out_and_nothing_twice(world, turned, size):
    found, limits, place = [], [], None
    async with connect(world.served.settings.database_url.reveal()) as database, database.connection() as connection:
        while True:
            page = await standings.page(connection, place, size)
            assert len(page.standings) + len(page.limits) <= size
            found += page.standings
            limits += page.limits
            place = page.place
            if place is None:
                break
    assert (len(found), set(found), len(limits)) == (len(turned), turned, 1)


async def test_the_next_of_a_page_leads_on_and_nothing_else_does(world, token, turned):
    acme = world.tenants["acme"]
    rest = await token.ask(StandingList(after=f"user:{'f' * 32}"))
    assert {one.kind for one in rest.standings} == {"tenant_user"}
    assert (await token.ask(StandingList(after=f"limits:{acme}"))).limits == ()
    for nonsense in (
        "",
        "user",
        "user:",
        "user:x",
        f"client:{'0' * 32}",
        f"tenant_user:{'0' * 32}",
        f"user:{'G' * 32}",
    ):
        with pytest.raises(PeerRefused) as refused:
            await token.ask(StandingList(after=nonsense))
        assert refused.value.problem.status == 400


async def test_only_the_token_service_reads_standings(world, peer):
    for asked in (StandingList(), StandingGet(kind="user", key="0" * 32)):
        with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
            await peer("edge", world.served.internal_url).ask(asked)
