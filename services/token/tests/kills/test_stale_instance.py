"""Another instance remembers what was so a moment ago; no statement of its own believes that."""

import pytest_asyncio

from latchkey_oauth.token_string import secret_hash

REFUSED = ((400, "invalid_grant"), (401, "invalid_client"))
"""By the statement, or by the memory, which is a second old at most."""


def hashes(*secrets):
    return tuple(secret_hash(secret).hex() for secret in secrets)


@pytest_asyncio.fixture
async def stale(house, beside):
    """An instance whose memory has every gate of before: it has heard nothing since."""
    async with beside(house) as other:
        yield other


async def test_a_stale_instance_cannot_mint_with_the_old_secret(house, stale):
    app = await house.app()
    old = await stale.connected(app)
    await house.changed(app, turn=2, secret_hashes=hashes("lk_cs_new"), reason="client.secret_rotated")
    assert (await stale.refresh(app, old.body["refresh_token"])).error in REFUSED
    later = await house.consent_now(app)
    assert (await stale.exchange(app, later.code)).error == (401, "invalid_client")
    assert (await stale.exchange(app, later.code, client_secret="lk_cs_new")).status == 200
    refused = await stale.refresh(app, old.body["refresh_token"], client_secret="lk_cs_new")
    assert refused.error == (400, "invalid_grant")


async def test_a_stale_instance_answers_no_repeated_refresh_with_the_old_secret(house, stale):
    """The retry window mints, too."""
    app = await house.app(retry_window=30)
    first = await stale.connected(app)
    second = await stale.refresh(app, first.body["refresh_token"])
    await house.changed(app, secret_hashes=hashes("lk_cs_new"))
    assert (await stale.refresh(app, first.body["refresh_token"])).error == (401, "invalid_client")
    again = await stale.refresh(app, first.body["refresh_token"], client_secret="lk_cs_new")
    assert (again.status, again.body["refresh_token"]) == (200, second.body["refresh_token"])


async def test_a_stale_instance_revokes_nothing_with_the_old_secret(house, stale):
    app = await house.app()
    first = await stale.connected(app)
    await house.changed(app, secret_hashes=hashes("lk_cs_new"))
    status, body = await stale.revoke(app, first.body["refresh_token"])
    assert (status, body["error"]) == (401, "invalid_client")
    assert await house.alive(first.claims["sid"])


async def test_a_stale_instance_does_not_let_a_barred_client_in(house, stale):
    app = await house.app(client_type="public")
    first = await stale.connected(app)
    await house.changed(app, turn=2, barred=True)
    assert (await stale.refresh(app, first.body["refresh_token"])).error in REFUSED
    assert (await stale.revoke(app, first.body["refresh_token"]))[0] == 401
    await house.changed(app, turn=3, barred=False)
    assert (await stale.refresh(app, first.body["refresh_token"])).error == (400, "invalid_grant")


async def test_a_stale_instance_asks_about_a_gate_that_another_has_outdated(house, stale):
    """One instance knows that the gate is too old, the registry is away, and this one remembers the gate."""
    app = await house.app()
    first = await stale.connected(app)
    await house.sql("UPDATE gate SET revision = -1")
    house.registry.away = True
    assert (await stale.refresh(app, first.body["refresh_token"])).error == (503, "temporarily_unavailable")
    house.registry.away = False
    assert (await stale.refresh(app, first.body["refresh_token"])).status == 200
