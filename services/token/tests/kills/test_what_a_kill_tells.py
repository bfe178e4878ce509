"""What the log is told of a reuse, a kill and a failed authentication: enough to act on, and to the right tenant."""

import datetime as dt

import msgspec

from latchkey_contracts.events.token import ConnectionRevoked, TokenReused
from latchkey_contracts.requests.grants import TokenApply

LEASE = dt.timedelta(seconds=2)
COMMITTED_WITHIN = dt.timedelta(seconds=2)
THIEF = {"User-Agent": "thief/1.0", "X-Forwarded-For": "203.0.113.9"}


async def told_of(house, kind):
    return [one for one in await house.told() if one.type == kind]


async def test_a_reuse_is_told_with_its_evidence(house):
    app = await house.app()
    first = await house.connected(app)
    sid = first.claims["sid"]
    await house.refresh(app, first.body["refresh_token"])
    await house.age(sid, 120)
    rotated_at = (await house.row(sid))["rotated_at"]
    form = {"grant_type": "refresh_token", "refresh_token": first.body["refresh_token"]}
    await house.post(form | {"client_id": app.id, "client_secret": app.secret}, headers=THIEF)
    (envelope,) = await told_of(house, "token.reused")
    event = msgspec.json.decode(envelope.data, type=TokenReused)
    assert (envelope.tenantid, envelope.userid, envelope.clientid) == (app.gate.tenant, first.claims["sub"], app.id)
    assert (envelope.address, envelope.agent) == ("203.0.113.9", "thief/1.0")
    assert (event.connection, event.user, event.client) == (sid, first.claims["sub"], app.id)
    assert (event.presented, event.current, event.rotated_at) == (1, 2, rotated_at)
    assert 120 <= event.age < 180
    assert first.body["refresh_token"] not in str(await house.told())
    assert (await house.event_types(sid))[-2:] == ["token.reused", "connection.revoked"], "the cause comes first"


async def test_a_kill_says_when_it_is_in_force_at_the_latest(house):
    app = await house.app()
    one, two = await house.connected(app), await house.connected(app)
    await house.refresh(app, one.body["refresh_token"])
    await house.refresh(app, one.body["refresh_token"])
    await house.revoke(app, two.body["refresh_token"])
    (reused,) = await told_of(house, "token.reused")
    revoked = [
        msgspec.json.decode(one.data, type=ConnectionRevoked) for one in await told_of(house, "connection.revoked")
    ]
    assert [event.reason for event in revoked] == ["replay", "revoked_by_client"]
    for event in revoked:
        at = (await house.row(event.connection))["revoked_at"]
        assert at + LEASE <= event.effective_by <= at + LEASE + COMMITTED_WITHIN
    assert msgspec.json.decode(reused.data, type=TokenReused).effective_by == revoked[0].effective_by


async def test_a_client_that_fails_to_authenticate_is_told_to_its_maker_once_and_counted(house):
    app = await house.app()
    first = await house.connected(app, tenant=house.new_id())
    for _ in range(20):
        answer = await house.refresh(app, first.body["refresh_token"], client_secret="lk_cs_wrong")
        assert answer.error == (401, "invalid_client")
    (envelope,) = await told_of(house, "token.authentication_failed")
    assert (envelope.tenantid, envelope.userid, envelope.subject) == (app.gate.tenant, None, app.id)
    assert envelope.clientid == app.id, "who looks for what an app did finds it"
    assert msgspec.json.decode(envelope.data) == {"client": app.id, "reason": "wrong_secret"}
    assert "lk_cs_wrong" not in str(await house.told())


async def test_each_way_to_fail_has_its_word(house):
    silent, barred = await house.app(), await house.app()
    await house.changed(barred, barred=True, turn=2)
    await house.exchange(silent, "x", client_secret=None)
    await house.exchange(barred, "x")
    found = await told_of(house, "token.authentication_failed")
    told = {one.subject: msgspec.json.decode(one.data)["reason"] for one in found}
    assert told == {silent.id: "no_secret", barred.id: "barred"}


async def test_a_client_that_nobody_knows_is_told_to_nobody(house):
    app = await house.app()
    await house.exchange(app, "x", client_id=house.new_id())
    await house.exchange(app, "x", client_id="no-id")
    assert await house.told() == []


async def test_what_happens_with_a_published_client_is_told_to_the_users_tenant_alone(house):
    """The tenant that made it hears of its own users only, whatever happens to those of others."""
    app, theirs = await house.app(), house.new_id()
    replayed, revoked, wrong = [await house.connected(app, tenant=theirs) for _ in range(3)]
    await house.refresh(app, replayed.body["refresh_token"])
    await house.refresh(app, replayed.body["refresh_token"])
    await house.revoke(app, revoked.body["refresh_token"])
    other = await house.app()
    await house.refresh(other, wrong.body["refresh_token"])
    told = [(one.type, one.tenantid) for one in await house.told() if one.subject != app.id]
    assert {tenant for _, tenant in told} == {theirs}
    kinds = {"grant.issued", "token.refreshed", "token.reused", "connection.revoked", "token.refused"}
    assert {kind for kind, _ in told} == kinds


async def test_who_regenerated_the_secret_is_told_to_their_own_tenant_alone(house, summaries, swept):
    app, theirs, maker_s = await house.app(), house.new_id(), house.new_id()
    await house.connected(app)
    await house.connected(app, tenant=theirs)
    gate = msgspec.structs.replace(app.gate, revision=2, turn=2, reason="client.secret_rotated", by=maker_s)
    await house.owner.ask(TokenApply(gate=gate))
    await swept()
    by = {one.tenantid: (one.userid, msgspec.json.decode(one.data).get("by")) for one in await summaries()}
    assert by == {app.gate.tenant: (maker_s, maker_s), theirs: (None, None)}


async def test_what_staff_cut_is_told_as_done_by_staff(house, summaries, swept):
    app = await house.app()
    for reason in ("client.compromised", "client.secret_rotated"):
        await house.connected(app)
        gate = house.registry.gates[app.id]
        app = await house.changed(app, turn=gate.turn + 1, reason=reason)
        await swept()
    assert [one.bystaff for one in await summaries()] == [True, False]
