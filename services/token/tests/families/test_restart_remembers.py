"""A restart remembers: what was spent stays spent, what was dead stays dead, what was lost may be fetched."""

import pytest
import pytest_asyncio

MCP_WINDOW = 30


@pytest_asyncio.fixture
async def restarted(running_house):
    """Two lives of one service on one database: ``first()``, then ``second()``."""
    lives = []

    async def live():
        if lives:
            await lives.pop().__aexit__(None, None, None)
        lives.append(running_house())
        return await lives[-1].__aenter__()

    yield live
    for life in lives:
        await life.__aexit__(None, None, None)


async def test_a_restart_remembers_what_was_spent(restarted):
    house = await restarted()
    app = await house.app()
    first = await house.connected(app)
    second = await house.refresh(app, first.body["refresh_token"])
    house = await restarted()
    assert (await house.refresh(app, first.body["refresh_token"])).error == (400, "invalid_grant")
    assert not await house.alive(first.claims["sid"])
    assert (await house.refresh(app, second.body["refresh_token"])).error == (400, "invalid_grant")


async def test_a_restart_remembers_the_successor_that_the_window_owes(restarted):
    house = await restarted()
    app = await house.app(retry_window=MCP_WINDOW)
    first = await house.connected(app)
    second = await house.refresh(app, first.body["refresh_token"])
    house = await restarted()
    again = await house.refresh(app, first.body["refresh_token"])
    assert (again.status, again.body["refresh_token"]) == (200, second.body["refresh_token"])


async def test_a_restart_remembers_lost_answers(restarted):
    house = await restarted()
    app = await house.app()
    first = await house.connected(app)
    second = await house.refresh(app, first.body["refresh_token"])
    await house.sql("UPDATE connection SET unanswered = 1")
    house = await restarted()
    again = await house.refresh(app, first.body["refresh_token"])
    assert (again.status, again.body["refresh_token"]) == (200, second.body["refresh_token"])


@pytest.mark.parametrize("how", ["revoked", "cut with others"])
async def test_a_restart_remembers_the_dead(restarted, how):
    house = await restarted()
    app = await house.app()
    first = await house.connected(app)
    if how == "revoked":
        await house.revoke(app, first.body["refresh_token"])
    else:
        await house.changed(app, turn=2)
    told = await house.feed()
    house = await restarted()
    assert (await house.refresh(app, first.body["refresh_token"])).error == (400, "invalid_grant")
    assert await house.feed() == told
