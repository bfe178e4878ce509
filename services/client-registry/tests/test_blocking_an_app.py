"""A tenant blocks an app for its own members: its own app, or one that another tenant published."""

import pytest

from latchkey_contracts.requests.grants import TokenApply
from latchkey_contracts.requests.operator import LabsPut
from latchkey_contracts.requests.standing import Standing
from latchkey_verify.testing import TENANT, USER

MAKER = "9" * 32


@pytest.fixture
async def app(published, operator):
    await operator.ask(LabsPut(tenant=MAKER, on=True))
    return await published(MAKER)


async def test_a_blocked_app_is_dead_in_the_tenant_and_nowhere_else(manage, app, owners, seen, events):
    before = owners.gates[:]
    status, shown = await manage("POST", f"/{app}/block")
    assert status == 200
    assert shown == {"client_id": app, "blocked": True, "effective_at": "2026-11-22T12:00:00Z"}
    barred = Standing(kind="tenant_client", key=TENANT + app, turn=1, barred=True, reason="client.blocked", by=USER)
    assert owners.standings == [barred]
    assert owners.gates == before
    assert (await seen(app, TENANT, MAKER)).usable_in == (MAKER,)
    blocked = {"client": app, "turn": 1, "barred": True, "tenant": TENANT}
    assert await events() == [("client.blocked", TENANT, USER, blocked)]


async def test_an_unblocked_app_may_come_back_and_its_turn_is_told_to_who_authorizes(manage, app, owners, seen, events):
    await manage("POST", f"/{app}/block")
    status, shown = await manage("DELETE", f"/{app}/block")
    assert (status, shown["blocked"]) == (200, False)
    assert (owners.standings[-1].turn, owners.standings[-1].barred) == (2, False)
    assert owners.standings[-1].reason == "client.unblocked"
    known = await seen(app, TENANT, MAKER)
    assert (known.usable_in, known.turns_in) == ((TENANT, MAKER), {TENANT: 2})
    assert [kind for kind, *_ in await events()] == ["client.blocked", "client.unblocked"]


async def test_what_stands_so_already_moves_no_turn_but_is_told_again(manage, app, owners, events):
    assert (await manage("DELETE", f"/{app}/block"))[1] == {"client_id": app, "blocked": False}
    assert owners.standings == []
    for _ in range(2):
        assert (await manage("POST", f"/{app}/block"))[0] == 200
    assert owners.standings[0] == owners.standings[1]
    for _ in range(2):
        assert (await manage("DELETE", f"/{app}/block"))[0] == 200
    assert [standing.turn for standing in owners.standings] == [1, 1, 2, 2]
    assert len(await events()) == 2


async def test_a_private_app_of_another_tenant_cannot_be_blocked(manage, published, owners):
    private = await published(MAKER, published=False)
    unknown = await manage("POST", f"/{'0' * 32}/block")
    assert unknown[0] == 404
    for method in ("POST", "DELETE"):
        status, problem = await manage(method, f"/{private}/block")
        assert (status, problem["code"], problem["title"]) == (404, unknown[1]["code"], unknown[1]["title"])
    assert owners.standings == []


async def test_an_own_app_is_blocked_too_and_shows_it(manage, made):
    client = await made()
    await manage("POST", f"/{client['id']}/block")
    assert (await manage("GET", f"/{client['id']}"))[1]["blocked"] is True
    await manage("DELETE", f"/{client['id']}/block")
    assert "blocked" not in (await manage("GET", f"/{client['id']}"))[1]


async def test_an_app_can_be_blocked_while_labs_are_off(manage, app, operator, owners):
    await operator.ask(LabsPut(tenant=TENANT, on=False))
    assert (await manage("POST", f"/{app}/block"))[0] == 200
    assert owners.standings[-1].barred


async def test_a_block_that_the_token_service_was_not_told_of_is_pending(manage, app, owners):
    owners.away.add(TokenApply.path)
    assert await manage("POST", f"/{app}/block") == (202, {"client_id": app, "blocked": True, "pending": True})
    owners.away.clear()
    assert (await manage("POST", f"/{app}/block"))[0] == 200
    assert owners.standings[-1].turn == 1
