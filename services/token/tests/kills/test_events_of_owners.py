"""Events are the fallback of ``token.apply``: what an owner could not tell us directly takes effect all the same."""

import msgspec
import pytest

from latchkey_contracts.events import auth, client
from latchkey_contracts.feed import wide_keys
from latchkey_contracts.requests.grants import TokenApply
from latchkey_contracts.requests.standing import Standing
from latchkey_kit.requests import PeerRefused
from latchkey_kit.testing import eventually

GARBAGE = b"\xff{ nobody reads this"


def keys(app, user):
    return dict(wide_keys(tenant=app.gate.tenant, user=user, client=app.id))


def turning(app, user):
    """A killing fact of every entity that has an owner."""
    tenant = app.gate.tenant
    return {
        "tenant_client": client.ClientBlocked(client=app.id, tenant=tenant, turn=1, barred=True),
        "tenant": auth.TenantOffBoarded(tenant=tenant, turn=1),
        "user": auth.UserDisabled(user=user, turn=1),
        "tenant_user": auth.MemberRemoved(tenant=tenant, user=user, turn=1),
    }


async def until_fed(house, *entries):
    await eventually(lambda: _is_fed(house, entries))


async def _is_fed(house, entries):
    return await house.feed() == list(entries)


async def until_dead_letters(house, count):
    await eventually(lambda: _are_parked(house, count))


async def _are_parked(house, count):
    return len(await house.sql("SELECT 1 FROM dead_letter")) == count


@pytest.mark.parametrize("kind", ["tenant_client", "tenant", "user", "tenant_user"])
async def test_an_owners_event_kills_and_bars(house, stream, alive, kind):
    app, user = await house.app(), house.new_id()
    answer = await house.connected(app, user=user)
    await stream.tell(turning(app, user)[kind], tenant=app.gate.tenant, by=user)
    await until_fed(house, (kind, keys(app, user)[kind]))
    assert not await alive(app, answer)
    (row,) = await house.sql("SELECT reason, by FROM kill")
    assert (row["reason"], row["by"]) == (turning(app, user)[kind].type, user)
    (standing,) = await house.sql("SELECT turn, barred FROM standing WHERE kind = $1", kind)
    assert (standing["turn"], standing["barred"]) == (1, kind != "tenant_user")


@pytest.mark.parametrize(
    "fact", [client.ClientSecretRotated, client.ClientMadePublic, client.ClientDisabled, client.ClientDeleted]
)
async def test_an_event_about_a_client_brings_the_gate_that_the_registry_has(house, stream, fact):
    app = await house.app()
    answer = await house.connected(app)
    barred = fact in {client.ClientDisabled, client.ClientDeleted}
    await house.changed(app, tell=False, turn=2, barred=barred)
    await stream.tell(fact(client=app.id, turn=2, barred=barred), tenant=app.gate.tenant)
    await until_fed(house, ("client", app.id))
    expected = (401, "invalid_client") if barred else (400, "invalid_grant")
    assert (await house.refresh(app, answer.body["refresh_token"])).error == expected
    (gate,) = await house.sql("SELECT turn, barred, revision FROM gate")
    assert dict(gate) == {"turn": 2, "barred": barred, "revision": 2}


async def test_a_killing_event_does_not_wait_for_a_registry_that_is_away(house, stream, alive):
    """The kill is in force at once; who wants new tokens is asked to come again, and is no thief; then it heals."""
    app, other = await house.app(), await house.app()
    answer, theirs = await house.connected(app), await house.connected(other)
    await house.changed(app, tell=False, turn=2)
    house.registry.away = True
    await stream.tell(client.ClientSecretRotated(client=app.id, turn=2, barred=False), tenant=app.gate.tenant)
    await until_fed(house, ("client", app.id))
    refused = await house.refresh(app, answer.body["refresh_token"])
    assert refused.error == (503, "temporarily_unavailable")
    assert 0 < int(refused.headers["Retry-After"]) <= 5
    assert await alive(other, theirs), "others go on"
    house.registry.away = False
    assert (await house.refresh(app, answer.body["refresh_token"])).error == (400, "invalid_grant")
    assert await alive(app, await house.connected(app))
    assert await house.feed() == [("client", app.id)]


async def test_the_fact_counts_when_the_registry_itself_knows_less(house, stream, alive):
    app = await house.app()
    answer = await house.connected(app)
    await stream.tell(client.ClientSecretRotated(client=app.id, turn=5, barred=False), tenant=app.gate.tenant)
    await until_fed(house, ("client", app.id))
    assert not await alive(app, answer)


async def test_an_event_after_its_own_apply_changes_nothing(house, stream, alive):
    app, user = await house.app(), house.new_id()
    await house.turn("user", user, 1)
    await house.changed(app, turn=2)
    answer = await house.connected(app, user=user)
    before = await house.feed()
    await stream.tell(auth.UserDisabled(user=user, turn=1))
    await stream.tell(client.ClientSecretRotated(client=app.id, turn=2, barred=False), tenant=app.gate.tenant)
    await stream.tell(auth.TenantOffBoarded(tenant=app.gate.tenant, turn=1), tenant=app.gate.tenant)
    await until_fed(house, *before, ("tenant", app.gate.tenant))
    assert [kind for kind, _ in before] == ["user", "client"]
    assert not await alive(app, answer), "by the last of them, which shows that the others were heard"


async def test_events_in_the_wrong_order_end_as_the_newest_says(house, stream):
    user = house.new_id()
    await stream.tell(auth.UserEnabled(user=user, turn=2))
    await until_fed(house, ("user", user))
    await stream.tell(auth.UserDisabled(user=user, turn=1))
    await stream.tell(auth.UserDisabled(user=(last := house.new_id()), turn=1))
    await until_fed(house, ("user", user), ("user", last))
    rows = await house.sql("SELECT barred FROM standing WHERE key = $1", user)
    assert [row["barred"] for row in rows] == [False]


async def test_a_tenants_limits_come_by_event(house, stream):
    tenant = house.new_id()
    await stream.tell(
        auth.TenantLimited(tenant=tenant, revision=3, refresh_token_lifetime=60, connection_lifetime=None),
        tenant=tenant,
    )
    await eventually(lambda: house.sql("SELECT 1 FROM tenant_limits"))
    (row,) = await house.sql("SELECT revision, refresh_token_lifetime, connection_lifetime FROM tenant_limits")
    assert tuple(row) == (3, 60, None)


@pytest.mark.parametrize("kind", ["tenant_client", "tenant", "user", "tenant_user"])
async def test_poison_makes_us_ask_the_owner_and_its_kill_takes_effect(house, stream, alive, kind):
    app, user = await house.app(), house.new_id()
    answer = await house.connected(app, user=user)
    await house.turn(kind, keys(app, user)[kind], 1, tell=False, barred=True)
    await stream.tell(turning(app, user)[kind], tenant=app.gate.tenant, body=GARBAGE)
    await until_dead_letters(house, 1)
    assert await house.feed() == [(kind, keys(app, user)[kind])]
    assert not await alive(app, answer)


async def test_poison_about_a_client_kills_and_outdates_its_gate(house, stream):
    app = await house.app()
    answer = await house.connected(app)
    await house.changed(app, tell=False, turn=2)
    house.standings.put("client", app.id, 2)
    house.registry.away = True
    fact = client.ClientSecretRotated(client=app.id, turn=2, barred=False)
    await stream.tell(fact, tenant=app.gate.tenant, body=GARBAGE)
    await until_dead_letters(house, 1)
    assert await house.feed() == [("client", app.id)]
    refused = await house.refresh(app, answer.body["refresh_token"])
    assert refused.error == (503, "temporarily_unavailable")
    house.registry.away = False
    assert (await house.connected(app)).status == 200


async def test_poison_that_kills_nothing_by_its_owners_word_changes_nothing(house, stream, alive):
    app, user = await house.app(), house.new_id()
    await house.turn("user", user, 1)
    answer = await house.connected(app, user=user)
    for fact in turning(app, user).values():
        await stream.tell(fact, tenant=app.gate.tenant, body=GARBAGE)
    await until_dead_letters(house, 4)
    assert await house.feed() == [("user", user)]
    assert await alive(app, answer)


@pytest.mark.parametrize("kind", ["client", "tenant_client", "tenant", "user", "tenant_user"])
async def test_poison_while_its_owner_is_silent_cuts_the_entity(house, stream, alive, kind):
    app, user = await house.app(), house.new_id()
    answer, other = await house.connected(app, user=user), await house.app()
    theirs = await house.connected(other)
    house.standings.away = True
    facts = turning(app, user) | {"client": client.ClientSecretRotated(client=app.id, turn=2, barred=False)}
    await stream.tell(facts[kind], tenant=app.gate.tenant, body=GARBAGE)
    await until_dead_letters(house, 1)
    about_client = [("client", app.id), ("tenant_client", keys(app, user)["tenant_client"])]
    assert await house.feed() == (about_client if "client" in kind else [(kind, keys(app, user)[kind])])
    assert {(row["source"], row["reason"]) for row in await house.sql("SELECT source, reason FROM kill")} == {
        ("token", "unreadable_fact")
    }
    assert not await alive(app, answer)
    assert await alive(other, theirs)


async def test_what_was_cut_in_the_dark_is_asked_about_until_the_owner_answers(house, stream, monkeypatch):
    monkeypatch.setattr("latchkey_token.kills.reconciling._AGAIN", 0.05)
    tenant = house.new_id()
    house.standings.put("tenant", tenant, 1, barred=True)
    house.standings.away = True
    await stream.tell(auth.TenantOffBoarded(tenant=tenant, turn=1), tenant=tenant, body=GARBAGE)
    await until_fed(house, ("tenant", tenant))
    house.standings.away = False
    await eventually(lambda: house.sql("SELECT 1 FROM standing WHERE kind = 'tenant' AND barred"))


async def test_a_stolen_secret_is_of_no_use_after_poison_that_nobody_can_explain(house, stream):
    """The unreadable fact may have been the one that replaced the secret."""
    app = await house.app()
    assert (await house.connected(app)).status == 200
    house.standings.away = True
    fact = client.ClientSecretRotated(client=app.id, turn=2, barred=False)
    await stream.tell(fact, tenant=app.gate.tenant, body=GARBAGE)
    await until_dead_letters(house, 1)
    house.registry.away = True
    assert (await house.exchange(app, "x")).error == (503, "temporarily_unavailable")
    house.registry.away = False
    await house.changed(app, tell=False, turn=2, secret_hashes=("0" * 64,))
    assert (await house.exchange(app, "x")).error == (401, "invalid_client")


async def test_a_fact_whose_fields_are_wrong_is_poison_too(house, stream, alive):
    app, user = await house.app(), house.new_id()
    answer = await house.connected(app, user=user)
    await house.turn("user", user, 1, tell=False)

    class UserDisabled(auth.UserDisabled, frozen=True):
        turn: str

    await stream.tell(msgspec.convert({"user": user, "turn": "one"}, UserDisabled))
    await until_dead_letters(house, 1)
    assert not await alive(app, answer)


async def test_a_fact_of_another_service_makes_us_ask_its_owner(house, stream, alive):
    """Who told it may not; what it says does nothing, and what the owner says counts."""
    app, user = await house.app(), house.new_id()
    answer = await house.connected(app, user=user)
    await stream.tell(auth.UserDisabled(user=user, turn=5), source="records")
    await until_dead_letters(house, 1)
    assert await house.feed() == []
    assert await house.sql("SELECT 1 FROM standing WHERE barred") == []
    await house.turn("user", user, 6, tell=False, barred=True)
    await stream.tell(auth.UserEnabled(user=user, turn=7), source="records")
    await until_dead_letters(house, 2)
    assert await house.feed() == [("user", user)]
    assert not await alive(app, answer)


async def test_garbage_that_names_nobody_cuts_nobody(house, stream):
    house.standings.away = True
    await stream.tell(auth.UserDisabled(user="not-an-id", turn=1), body=GARBAGE)
    await until_dead_letters(house, 1)
    assert await house.feed() == []


async def test_a_standing_that_comes_while_the_same_event_is_applied_is_taken_once(house, stream):
    user = house.new_id()
    fact = TokenApply(standings=(Standing(kind="user", key=user, turn=1, barred=True),))
    await stream.tell(auth.UserDisabled(user=user, turn=1))
    await house.auth.ask(fact)
    await stream.tell(auth.UserDisabled(user=(last := house.new_id()), turn=1))
    await until_fed(house, ("user", user), ("user", last))


async def test_a_birth_is_refused_after_an_event_barred_it(house, stream):
    app, user = await house.app(), house.new_id()
    await house.turn("user", user, 1, tell=False, barred=True)
    await stream.tell(auth.UserDisabled(user=user, turn=1))
    await until_fed(house, ("user", user))
    with pytest.raises(PeerRefused) as refused:
        await house.consent_now(app, user=user)
    assert refused.value.problem.status == 409
