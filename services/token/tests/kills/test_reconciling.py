"""What a lost event would have told is found out: on start, when the stream is another one, and now and then."""

import asyncio

import msgspec
import nats as nats_client
import pytest
from nats.js.api import ConsumerConfig

from latchkey_contracts.receipts import Receipt, receipt_subject
from latchkey_contracts.requests.standing import Limits
from latchkey_kit.messaging.bus import STREAM
from latchkey_kit.testing import eventually
from latchkey_token.consumers import DURABLE, SUBJECTS


async def until_killed(house, kind, key):
    await eventually(lambda: _is_killed(house, kind, key))


async def _is_killed(house, kind, key):
    return (kind, key) in await house.feed()


def missed(house, app, user):
    """Facts of every kind that never reached us; more than one page of them."""
    tenant = app.gate.tenant
    keys = {
        "client": app.id, "tenant_client": tenant + app.id, "tenant": tenant, "user": user,
        "tenant_user": tenant + user,
    }  # fmt: skip
    for kind, key in keys.items():
        house.standings.put(kind, key, 2, barred=kind == "tenant")
    return keys


async def test_a_missed_turn_is_found_on_start(house, beside, alive):
    app, user = await house.app(), house.new_id()
    answer = await house.connected(app, user=user)
    keys = missed(house, app, user)
    await house.changed(app, tell=False, turn=2)
    async with beside(house):
        for kind, key in keys.items():
            await until_killed(house, kind, key)
    assert len(await house.feed()) == len(keys), "each once, though several instances may ask"
    assert not await alive(app, answer)
    (tenant,) = await house.sql("SELECT turn, barred FROM standing WHERE kind = 'tenant'")
    assert (tenant["turn"], tenant["barred"]) == (2, True)


async def test_a_missed_turn_is_found_now_and_then(running_house, monkeypatch):
    monkeypatch.setattr("latchkey_token.kills.reconciling._EVERY", 0.05)
    async with running_house() as house:
        user = house.new_id()
        house.standings.put("user", user, 1)
        await until_killed(house, "user", user)


async def test_a_missed_turn_of_a_client_outdates_its_gate(running_house, monkeypatch):
    monkeypatch.setattr("latchkey_token.kills.reconciling._EVERY", 0.05)
    async with running_house() as house:
        app = await house.app()
        await house.connected(app)
        await house.changed(app, tell=False, turn=2, secret_hashes=("0" * 64,))
        house.standings.put("client", app.id, 2)
        await until_killed(house, "client", app.id)
        assert (await house.exchange(app, "x")).error == (401, "invalid_client"), "the registry was asked"


async def test_an_owner_that_is_away_is_asked_again_soon(running_house, monkeypatch):
    monkeypatch.setattr("latchkey_token.kills.reconciling._EVERY", 0.05)
    monkeypatch.setattr("latchkey_token.kills.reconciling._AGAIN", 0.05)
    async with running_house() as house:
        user = house.new_id()
        house.standings.away = True
        house.standings.put("user", user, 1)
        asked = len(house.standings.asked)
        await eventually(lambda: len(house.standings.asked) > asked + 3)
        assert await house.feed() == []
        house.standings.away = False
        await until_killed(house, "user", user)


async def test_a_consumer_that_was_made_anew_has_us_ask_for_everything(house, nats):
    await eventually(lambda: house.sql("SELECT 1 FROM inbox_consumer"))
    await eventually(lambda: house.standings.asked)
    user = house.new_id()
    house.standings.put("user", user, 1)
    client = await nats_client.connect(nats)
    try:
        streams = client.jetstream()
        await streams.delete_consumer(STREAM, DURABLE)
        config = ConsumerConfig(name=DURABLE, durable_name=DURABLE, filter_subjects=list(SUBJECTS))
        await streams.add_consumer(STREAM, config)
        await until_killed(house, "user", user)
    finally:
        await client.close()


async def test_limits_are_taken_in_as_well(running_house, monkeypatch):
    monkeypatch.setattr("latchkey_token.kills.reconciling._EVERY", 0.05)
    async with running_house() as house:
        house.standings.limits = (Limits(tenant=house.new_id(), revision=1, refresh_token_lifetime=60),)
        await eventually(lambda: house.sql("SELECT 1 FROM tenant_limits WHERE refresh_token_lifetime = 60"))


@pytest.mark.parametrize("owner", ["auth", "client-registry"])
async def test_owners_get_a_receipt_for_all_that_they_told_before(house, beside, nats, owner):
    heard = asyncio.Queue()
    client = await nats_client.connect(nats)
    try:

        async def hear(message):
            heard.put_nowait(msgspec.json.decode(message.data, type=Receipt))

        await client.subscribe(receipt_subject(DURABLE, owner), cb=hear)
        await client.flush()
        house.standings.sequence = 7
        async with beside(house):
            async with asyncio.timeout(30):
                while (receipt := await heard.get()).through != 7:
                    pass
    finally:
        await client.close()
    assert receipt == Receipt(consumer=DURABLE, source=owner, epoch="e" * 32, through=7)


async def test_no_receipt_before_everything_was_taken_in(house, beside, nats):
    """The first page is readable, the second is not to be had: then nothing is confirmed."""
    for _ in range(3):
        house.standings.put("user", house.new_id(), 1)
    house.standings.sequence, house.standings.away_after = 9, 1
    heard = []
    client = await nats_client.connect(nats)
    try:

        async def hear(message):
            heard.append(msgspec.json.decode(message.data, type=Receipt).through)

        await client.subscribe(receipt_subject(DURABLE, "auth"), cb=hear)
        await client.flush()
        async with beside(house):
            await eventually(lambda: _has_killed(house, 2))
            assert 9 not in heard
            house.standings.away_after = None
            await eventually(lambda: 9 in heard)
    finally:
        await client.close()
    assert len(await house.feed()) == 3


async def _has_killed(house, count):
    return len(await house.feed()) >= count
