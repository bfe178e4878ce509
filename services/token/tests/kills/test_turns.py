"""A newer turn kills, an older or equal one changes nothing; a bar forbids births until a later turn lifts it."""

import asyncio

import pytest

from latchkey_contracts.feed import Floor, wide_keys
from latchkey_contracts.requests.grants import TokenApply
from latchkey_contracts.requests.standing import Limits, Seen, Standing
from latchkey_kit.requests import PeerRefused, PeerUnavailable

BARRING = ("tenant_client", "tenant", "user", "tenant_user")


def keys(app, user):
    return dict(wide_keys(tenant=app.gate.tenant, user=user, client=app.id))


async def test_a_newer_turn_of_a_client_kills_its_connections_and_nobody_elses(house, alive):
    app, other = await house.app(), await house.app()
    mine, theirs = await house.connected(app), await house.connected(other)
    await house.changed(app, turn=2, reason="client.secret_rotated")
    assert not await alive(app, mine)
    assert await alive(other, theirs)
    assert await house.feed() == [("client", app.id)]


async def test_a_change_without_a_turn_kills_nothing(house, alive):
    app = await house.app()
    answer = await house.connected(app)
    await house.changed(app, retry_window=30)
    assert await alive(app, answer)
    assert await house.feed() == []


@pytest.mark.parametrize("kind", BARRING)
async def test_a_bar_kills_and_forbids_births_until_it_is_lifted(house, alive, kind):
    app, user = await house.app(), house.new_id()
    before, code = await house.connected(app, user=user), await house.consent(app, user=user)
    applied = await house.turn(kind, keys(app, user)[kind], 1, barred=True)
    assert applied.number == 1
    assert not await alive(app, before)
    assert (await house.exchange(app, code.code)).error == (400, "invalid_grant")
    with pytest.raises(PeerRefused) as refused:
        await house.consent_now(app, user=user)
    assert (refused.value.problem.status, refused.value.problem.code) == (409, "client_changed")
    await house.turn(kind, keys(app, user)[kind], 2)
    assert await alive(app, await house.connected(app, user=user))


async def test_a_barred_client_authenticates_nobody_and_has_no_births(house):
    app = await house.app()
    answer, code = await house.connected(app), await house.consent(app)
    await house.changed(app, turn=2, barred=True, reason="client.disabled")
    assert (await house.refresh(app, answer.body["refresh_token"])).error == (401, "invalid_client")
    assert (await house.exchange(app, code.code)).error == (401, "invalid_client")
    with pytest.raises(PeerRefused) as refused:
        await house.consent_now(app)
    assert refused.value.problem.status == 409
    await house.changed(app, turn=3, barred=False, reason="client.enabled")
    assert (await house.refresh(app, answer.body["refresh_token"])).error == (400, "invalid_grant")
    assert (await house.exchange(app, code.code)).error == (400, "invalid_grant")
    assert (await house.connected(app)).status == 200


async def test_late_and_repeated_facts_are_no_ops(house, alive):
    """A late "disconnected" must not kill the connection that was made since."""
    app, user = await house.app(), house.new_id()
    for kind in BARRING:
        key = keys(app, user)[kind]
        await house.turn(kind, key, 1, barred=True)
        await house.turn(kind, key, 2)
    app = await house.changed(app, turn=2)
    entries = await house.feed()
    answer = await house.connected(app, user=user)
    for turn in (1, 2, 0, 2, 1):
        for kind in BARRING:
            owner = house.owner if kind.endswith("client") else house.auth
            late = Standing(kind=kind, key=keys(app, user)[kind], turn=turn, barred=True)
            assert (await owner.ask(TokenApply(standings=(late,)))).number is None
        gate = house.registry.gates[app.id]
        applied = await house.owner.ask(TokenApply(gate=gate))
        assert (applied.number, applied.effective_at) == (None, None)
    assert await house.feed() == entries
    assert await alive(app, answer)
    assert await alive(app, await house.connected(app, user=user)), "and no late bar holds"


async def test_the_same_fact_from_many_sides_at_once_kills_once(house):
    user = house.new_id()
    fact = TokenApply(standings=(house.standings.put("user", user, 1, barred=True),))
    applied = await asyncio.gather(*(house.auth.ask(fact) for _ in range(10)))
    assert sum(one.number is not None for one in applied) == 1
    assert await house.feed() == [("user", user)]


async def test_the_answer_tells_the_number_and_when_it_is_in_force_at_the_latest(house):
    user = house.new_id()
    for turn in (1, 2):
        ((before,),) = await house.sql("SELECT clock_timestamp()")
        applied = await house.turn("user", user, turn)
        ((after,),) = await house.sql("SELECT clock_timestamp()")
        if applied.number is not None:  # else the reading of everything at the start came before us
            break
    assert applied.number == turn
    lease = house.served.settings.verifier_lease
    assert before.timestamp() + lease <= applied.effective_at.timestamp() <= after.timestamp() + lease


async def test_several_facts_in_one_telling_are_applied_together(house):
    tenant, users = house.new_id(), [house.new_id() for _ in range(5)]
    standings = tuple(house.standings.put("tenant_user", tenant + user, 1) for user in users)
    applied = await house.auth.ask(TokenApply(standings=standings))
    assert applied.number == 5
    assert {key for _, key in await house.feed()} == {tenant + user for user in users}


async def test_nobody_tells_of_what_is_anothers(house):
    app, tenant = await house.app(), house.new_id()
    client = Standing(kind="client", key=app.id, turn=9)
    member = Standing(kind="tenant_user", key=tenant + house.new_id(), turn=9)
    permissions = house.peer("permissions", house.served.internal_url)
    wrong = (
        (house.auth, TokenApply(standings=(client,))), (house.owner, TokenApply(standings=(member,))),
        (house.owner, TokenApply(limits=Limits(tenant=tenant, revision=1))),
        (permissions, TokenApply(standings=(member,))),
        (house.auth, TokenApply(floors=(Floor(kind="role", key=tenant, revision=1),))),
    )  # fmt: skip
    for owner, ask in wrong:
        with pytest.raises(PeerRefused) as refused:
            await owner.ask(ask)
        assert refused.value.problem.status == 403
    assert await house.feed() == []


async def test_a_client_that_turned_without_its_gate_mints_only_after_the_registry_was_asked(house):
    app = await house.app()
    answer = await house.connected(app)
    await house.owner.ask(TokenApply(standings=(Standing(kind="client", key=app.id, turn=2),)))
    house.registry.away = True
    refused = await house.refresh(app, answer.body["refresh_token"])
    assert refused.error == (503, "temporarily_unavailable")
    house.registry.away = False
    await house.changed(app, tell=False, turn=2)
    assert (await house.refresh(app, answer.body["refresh_token"])).error == (400, "invalid_grant")
    assert (await house.connected(app)).status == 200


async def test_a_consent_from_before_a_turn_makes_no_connection(house):
    """Auth saw a lower turn than ours: it has to look again."""
    for kind in BARRING:
        app, user = await house.app(), house.new_id()
        old = house.seen(app, tenant=app.gate.tenant, user=user)
        await house.turn(kind, keys(app, user)[kind], 1)
        with pytest.raises(PeerRefused) as refused:
            await house.consent(app, user=user, **old)
        assert (refused.value.problem.status, refused.value.problem.code) == (409, "client_changed")
        assert (await house.connected(app, user=user)).status == 200


@pytest.mark.parametrize("kind", BARRING)
async def test_what_auth_saw_newer_is_asked_of_the_owner_and_kills_before_the_birth(house, alive, kind):
    app, user = await house.app(), house.new_id()
    old = await house.connected(app, user=user)
    await house.turn(kind, keys(app, user)[kind], 1, tell=False)
    new = await house.connected(app, user=user)
    assert house.standings.asked[-1].key == keys(app, user)[kind]
    assert not await alive(app, old)
    assert await alive(app, new)
    assert await house.feed() == [(kind, keys(app, user)[kind])]


async def test_what_auth_saw_newer_of_a_client_is_asked_of_the_registry_and_kills_before_the_birth(house, alive):
    app = await house.app()
    old = await house.connected(app)
    await house.changed(app, tell=False, turn=2)
    new = await house.connected(app)
    assert [await alive(app, one) for one in (old, new)] == [False, True]


async def test_an_owner_that_is_away_when_it_must_be_asked_means_later(house):
    app, user = await house.app(), house.new_id()
    await house.turn("tenant_user", app.gate.tenant + user, 1, tell=False)
    house.standings.away = True
    with pytest.raises(PeerUnavailable):
        await house.consent_now(app, user=user)
    assert await house.sql("SELECT 1 FROM connection") == []
    house.standings.away = False
    assert (await house.connected(app, user=user)).status == 200


async def test_a_bar_that_only_the_owner_knows_of_forbids_the_birth(house):
    app, user = await house.app(), house.new_id()
    await house.turn("user", user, 1, tell=False, barred=True)
    with pytest.raises(PeerRefused) as refused:
        await house.consent_now(app, user=user)
    assert refused.value.problem.code == "client_changed"


async def test_what_auth_claims_and_the_owner_does_not_know_makes_no_connection(house):
    """Auth would be wrong, or its database newer than its own answer: nothing is born on that word."""
    app, user = await house.app(), house.new_id()
    with pytest.raises(PeerRefused) as refused:
        await house.consent(app, user=user, turns=(Seen(kind="user", key=user, turn=7),))
    assert refused.value.problem.code == "client_changed"
