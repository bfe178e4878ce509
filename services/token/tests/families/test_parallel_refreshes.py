"""One refresh token, shown many times at once: never two lineages, through however many instances it comes."""

import asyncio

import pytest

MCP_WINDOW = 30


def successors(answers):
    return {answer.body["refresh_token"] for answer in answers if answer.status == 200}


async def insist(house, app, token):
    """Refresh, and come again for as long as the service has too much to do: that is no theft either."""
    while (answer := await house.refresh(app, token)).status == 503:
        pass
    return answer


async def one_lineage(house, app, tokens, connection_id):
    """At most one token of this connection is good, and whoever uses it goes on alone."""
    ((living,),) = await house.sql(
        "SELECT count(*) FROM connection WHERE id = $1 AND revoked_at IS NULL", connection_id
    )
    assert len(tokens) <= 1
    for token in tokens:
        assert ((await house.refresh(app, token)).status == 200) is bool(living)


@pytest.mark.parametrize("window", [0, MCP_WINDOW])
async def test_two_parallel_refreshes_make_one_lineage(house, window):
    app = await house.app(retry_window=window)
    for _ in range(8):
        first = await house.connected(app)
        answers = await asyncio.gather(*(house.refresh(app, first.body["refresh_token"]) for _ in range(2)))
        assert {answer.status for answer in answers} <= ({200} if window else {200, 400})
        await one_lineage(house, app, successors(answers), first.claims["sid"])


@pytest.mark.parametrize("window", [0, MCP_WINDOW])
async def test_two_parallel_refreshes_at_two_instances_make_one_lineage(house, beside, window):
    app = await house.app(retry_window=window)
    async with beside(house) as other:
        for _ in range(8):
            first = await house.connected(app)
            token = first.body["refresh_token"]
            answers = await asyncio.gather(house.refresh(app, token), other.refresh(app, token))
            assert {answer.status for answer in answers} <= ({200} if window else {200, 400})
            await one_lineage(house, app, successors(answers), first.claims["sid"])


async def test_200_parallel_presentations_to_a_strict_client_get_one_answer_and_a_dead_family(house, beside):
    app = await house.app()
    first = await house.connected(app)
    sid, token = first.claims["sid"], first.body["refresh_token"]
    async with beside(house) as other:
        answers = await asyncio.gather(*(insist((house, other)[n % 2], app, token) for n in range(200)))
    assert sum(answer.status == 200 for answer in answers) <= 1
    assert {answer.error for answer in answers if answer.status != 200} == {(400, "invalid_grant")}
    assert not await house.alive(sid)
    assert await house.fed() == [sid]
    for successor in successors(answers):
        assert (await house.refresh(app, successor)).error == (400, "invalid_grant")
    types = await house.event_types(sid)
    assert types == ["grant.issued", "token.refreshed", "token.reused", "connection.revoked"]


async def test_200_parallel_presentations_inside_the_window_get_200_answers_and_one_refresh_token(house, beside):
    app = await house.app(retry_window=MCP_WINDOW)
    first = await house.connected(app)
    sid, token = first.claims["sid"], first.body["refresh_token"]
    async with beside(house) as other:
        answers = await asyncio.gather(*(insist((house, other)[n % 2], app, token) for n in range(200)))
    assert [answer.status for answer in answers] == [200] * 200
    assert len(successors(answers)) == 1
    assert len({answer.claims["jti"] for answer in answers}) == 200
    assert (await house.row(sid))["generation"] == 2
    assert (await house.event_types(sid)).count("token.refreshed") == 200
    await one_lineage(house, app, successors(answers), sid)


async def test_200_parallel_presentations_of_a_code_get_one_answer_and_a_dead_family(house):
    app = await house.app(retry_window=MCP_WINDOW)
    grant = await house.consent(app)
    answers = await asyncio.gather(*(house.exchange(app, grant.code) for _ in range(200)))
    assert sum(answer.status == 200 for answer in answers) <= 1
    assert {answer.status for answer in answers} <= {200, 400, 503}
    assert not await house.alive(grant.connection)


async def test_two_rotations_in_one_second_are_told_apart(house):
    """Generations are numbers, not times: a token of the same second is not taken for its successor."""
    app = await house.app()
    answer = await house.connected(app)
    spent = []
    for generation in range(2, 12):
        spent.append(answer.body["refresh_token"])
        answer = await house.refresh(app, answer.body["refresh_token"])
        assert answer.status == 200
        assert (await house.row(answer.claims["sid"]))["generation"] == generation
    assert len({*spent, answer.body["refresh_token"]}) == len(spent) + 1
    await house.sql("UPDATE connection SET rotated_at = created_at")
    assert (await house.refresh(app, spent[-1])).error == (400, "invalid_grant")
    assert not await house.alive(answer.claims["sid"])


async def test_many_connections_refresh_in_one_batch(house):
    app = await house.app()
    firsts = [await house.connected(app) for _ in range(40)]
    answers = await asyncio.gather(*(insist(house, app, first.body["refresh_token"]) for first in firsts))
    assert {answer.status for answer in answers} == {200}
    assert {answer.claims["sid"] for answer in answers} == {first.claims["sid"] for first in firsts}
