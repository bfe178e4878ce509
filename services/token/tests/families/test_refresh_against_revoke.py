"""A refresh and a revocation at once, in both orders: after it nothing is minted, and nothing minted lives."""

import asyncio

import pytest

from latchkey_kit.testing import eventually
from latchkey_token.store import rotation
from latchkey_token.store.kills import kill_connection
from latchkey_token.store.rotation import Rotation


@pytest.mark.parametrize("first", ["refresh", "revoke"])
async def test_a_refresh_that_races_a_revocation_leaves_nothing_alive(house, first):
    app = await house.app()
    for _ in range(10):
        tokens = (await house.connected(app)).body
        refreshing = lambda token=tokens["refresh_token"]: house.refresh(app, token)  # noqa: E731 - two of a kind
        revoking = lambda token=tokens["refresh_token"]: house.revoke(app, token)  # noqa: E731
        jobs = [refreshing, revoking] if first == "refresh" else [revoking, refreshing]
        answers = await asyncio.gather(*(job() for job in jobs))
        refreshed = answers[0] if first == "refresh" else answers[1]
        assert (answers[1] if first == "refresh" else answers[0]) == (200, None)
        if refreshed.status == 200:
            again = await house.refresh(app, refreshed.body["refresh_token"])
            assert again.error == (400, "invalid_grant")
        else:
            assert refreshed.error == (400, "invalid_grant")
    dead = await house.sql("SELECT id FROM connection WHERE revoked_at IS NOT NULL")
    assert len(dead) == len(await house.fed()) == 10


async def test_a_refresh_that_waits_for_a_kill_finds_the_connection_dead(house, database, outbox):
    app = await house.app()
    tokens = await house.connected(app)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    async def somebody_waits():
        return (await house.sql(waiting))[0]["count"]

    async with database.transaction() as connection:
        await kill_connection(
            connection, connection_id=tokens.claims["sid"], reason="revoked_by_client", outbox=outbox, lease=2
        )
        refreshing = asyncio.create_task(house.refresh(app, tokens.body["refresh_token"]))
        await eventually(somebody_waits)
    assert (await refreshing).error == (400, "invalid_grant")
    assert (await house.row(tokens.claims["sid"]))["generation"] == 1


async def test_a_revoke_that_waits_for_a_refresh_ends_what_the_refresh_made(house, database):
    app = await house.app()
    tokens = await house.connected(app)
    sid = tokens.claims["sid"]
    before = await house.row(sid)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    async def somebody_waits():
        return (await house.sql(waiting))[0]["count"]

    async with database.transaction() as connection:
        await rotation.lock(connection, [sid])
        rotated = await rotation.rotate(connection, [_as_shown(before, app)], lifetime=1000)
        assert rotated.keys() == {sid}
        revoking = asyncio.create_task(house.revoke(app, tokens.body["refresh_token"]))
        await eventually(somebody_waits)
    assert await revoking == (200, None)
    row = await house.row(sid)
    assert (row["generation"], row["revoked_reason"]) == (2, "revoked_by_client")
    assert await house.fed() == [sid]


def _as_shown(row, app):
    return Rotation(
        id=row["id"], generation=row["generation"], hash=row["current_hash"], client=app.id, revision=1,
        redirect_hash=None, verifier=None, next_hash=b"n" * 32, nonce=bytes(16),
    )  # fmt: skip
