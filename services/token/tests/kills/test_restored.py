"""After a restore every connection ends, every verifier begins anew, and no number is given twice."""

import aiohttp
import pytest

from latchkey_contracts.requests.operator import Restored
from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.testing import eventually
from latchkey_token.feed.heads import Heads
from latchkey_token.store.restore import LEAP


@pytest.fixture
def restored(house):
    return lambda: house.peer("operator", house.served.internal_url).ask(Restored())


async def test_every_connection_ends_and_new_ones_live(house, alive, restored):
    app = await house.app()
    before = [await house.connected(app) for _ in range(3)]
    code = await house.consent(app)
    applied = await restored()
    assert applied.number > LEAP
    assert [await alive(app, one) for one in before] == [False] * 3
    assert (await house.exchange(app, code.code)).error == (400, "invalid_grant")
    assert await alive(app, await house.connected(app))


async def test_numbers_and_births_leap_over_what_was_lost(house, restored):
    app = await house.app()
    old = await house.row((await house.connected(app)).claims["sid"])
    await house.turn("user", house.new_id(), 1)
    applied = await restored()
    assert applied.number == LEAP + 2
    new = await house.row((await house.connected(app)).claims["sid"])
    (cutoff,) = await house.sql("SELECT cutoff FROM kill WHERE kind = 'all'")
    assert old["born"] + LEAP < cutoff["cutoff"] < new["born"]
    assert await restored() != applied


async def test_verifiers_meet_another_epoch(house, database, restored):
    before = await Heads(database).page(0)
    await restored()
    after = await Heads(database).page(0)
    assert after.epoch != before.epoch
    assert [entry.kind for entry in after.entries] == ["all"]


async def test_what_was_not_settled_before_is_settled_after_and_nothing_waits_for_ever(house, restored, swept):
    app = await house.app()
    await house.connected(app)
    await house.changed(app, turn=2)
    await restored()
    await house.turn("user", house.new_id(), 1)
    await swept()
    assert await house.sql("SELECT 1 FROM feed WHERE effective_at IS NULL") == []
    assert len(await house.feed()) == 3


async def test_events_are_numbered_in_an_epoch_of_their_own(house, restored):
    app = await house.app()
    await house.connected(app)
    await eventually(lambda: house.sql("SELECT 1 FROM outbox WHERE number IS NOT NULL"))
    (before,) = await house.sql("SELECT epoch FROM outbox_state")
    await restored()
    (after,) = await house.sql("SELECT epoch FROM outbox_state")
    assert before["epoch"] != after["epoch"]


async def test_only_the_operator_may_say_so(house):
    app = await house.app()
    answer = await house.connected(app)
    with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
        await house.auth.ask(Restored())
    url = house.served.internal_url + Restored.path
    async with aiohttp.ClientSession() as http, http.post(url, json={}) as response:
        assert response.status == 401
    assert (await house.refresh(app, answer.body["refresh_token"])).status == 200
