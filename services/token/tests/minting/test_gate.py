"""The gate: what was changed at the registry holds for the next statement, however we hear of it."""

import pytest

from latchkey_contracts.events.client import ClientUpdated
from latchkey_contracts.feed import Floor
from latchkey_contracts.requests.grants import TokenApply
from latchkey_kit.messaging import bus
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.requests import PeerRefused
from latchkey_kit.testing import ManualClock, SeededEntropy, eventually
from latchkey_oauth.token_string import secret_hash


def hashes(*secrets):
    return tuple(secret_hash(secret).hex() for secret in secrets)


async def test_a_replaced_secret_is_refused_from_the_next_request_on(house):
    app = await house.app()
    first = await house.connected(app)
    await house.changed(app, secret_hashes=hashes("new"))
    assert (await house.refresh(app, first.body["refresh_token"])).error == (401, "invalid_client")
    assert (await house.refresh(app, first.body["refresh_token"], client_secret="new")).status == 200


async def test_another_instances_news_are_met_by_the_statement_itself(house):
    """Memory still holds the old gate; the row has moved."""
    app = await house.app()
    first = await house.connected(app)
    await house.sql("UPDATE gate SET revision = 2, secret_hashes = $1", [secret_hash("new")])
    assert (await house.refresh(app, first.body["refresh_token"])).error == (401, "invalid_client")
    assert (await house.refresh(app, first.body["refresh_token"], client_secret="new")).status == 200


async def test_a_change_that_leaves_the_secret_alone_disturbs_nobody(house):
    app = await house.app()
    first = await house.connected(app)
    await house.sql("UPDATE gate SET revision = 2")
    assert (await house.refresh(app, first.body["refresh_token"])).status == 200


async def test_older_news_never_overwrite_newer(house):
    app = await house.app()
    newer = await house.changed(app, secret_hashes=hashes("new"))
    await house.owner.ask(TokenApply(gate=app.gate))
    first = await house.consent(app)
    assert (await house.exchange(newer, first.code)).error == (401, "invalid_client")
    assert (await house.exchange(newer, first.code, client_secret="new")).status == 200


async def test_an_event_of_the_registry_is_the_fallback(house, nats):
    app = await house.app()
    changed = await house.changed(app, tell=False, retry_window=30)
    event = ClientUpdated(client=app.id, changed=("preset",), revision=changed.gate.revision)
    row = Outbox("client-registry", ManualClock(), SeededEntropy()).row(event, tenant=app.gate.tenant)
    async with bus.connecting(nats, "", "", "test") as link:
        await link.up.wait()
        await link.jetstream.publish(row.subject, row.body)
        await eventually(lambda: _window(house))


async def _window(house):
    return [row["retry_window"] for row in await house.sql("SELECT retry_window FROM gate")] == [30]


async def test_owners_tell_only_of_their_own(house, peer):
    app = await house.app()
    permissions = peer("permissions", house.served.internal_url)
    floor = Floor(kind="role", key=house.new_id(), revision=3)
    with pytest.raises(PeerRefused):
        await permissions.ask(TokenApply(gate=app.gate))
    with pytest.raises(PeerRefused):
        await house.owner.ask(TokenApply(floors=(floor,)))
    applied = await permissions.ask(TokenApply(floors=(floor,)))
    assert applied.number == 1
    assert (await permissions.ask(TokenApply(floors=(floor,)))).number is None
