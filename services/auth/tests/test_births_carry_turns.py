"""A code is never born for who may not act any more, whatever happens between the page, the decision and the birth."""

from functools import partial

import pytest

from latchkey_contracts.requests.grants import GrantsCreate
from latchkey_contracts.requests.operator import MemberPut
from latchkey_contracts.requests.people import TenantSwitch, UserSwitch
from latchkey_contracts.requests.permissions import PermissionsResolve
from latchkey_contracts.requests.standing import Seen

AUTHORIZE = "/oauth/authorize"
SAM, RITA = "sam@acme.test", "rita@acme.test"
CLIENT = "a1" * 16


@pytest.fixture
async def remove(world, http):
    """Remove Sam from acme, as Rita does it."""
    await world.served.ready()

    async def removing():
        token = world.neighbours.issuers[0].mint(sub=world.users[RITA], tid=world.tenants["acme"])
        url = f"{world.served.public_url}/v1/members/{world.users[SAM]}"
        async with http.delete(url, headers={"Authorization": f"Bearer {token}"}) as answer:
            assert answer.status in (200, 202)

    return removing


@pytest.fixture
def add_back(world):
    return partial(world.operator.ask, MemberPut(tenant=world.tenants["acme"], user=world.users[SAM]))


@pytest.fixture
def disable(world):
    return partial(world.operator.ask, UserSwitch(email=SAM, disabled=True))


@pytest.fixture
def off_board(world):
    return partial(world.operator.ask, TenantSwitch(name="acme", off_boarded=True))


@pytest.fixture
async def consent(world, browser):
    """Sam before the consent page."""
    await browser.sign_in(SAM)
    return await browser.get(world.authorize())


@pytest.fixture
def decide(browser, consent):
    return partial(browser.submit, consent, AUTHORIZE, decision="authorize")


def is_unknown(page):
    return page.status == 400 and "Invalid client_id: OAuth client not found." in page.text


def leads_to_sign_in(page):
    return page.status == 303 and page.location.startswith(f"{AUTHORIZE}?")


async def test_what_never_turned_is_left_out(world, decide):
    assert (await decide()).answer["code"] == "lk_ac_code"
    assert world.neighbours.last(GrantsCreate).turns == ()


async def test_a_birth_carries_every_turn_that_auth_saw(world, browser, remove, add_back):
    for switch in (UserSwitch(email=SAM, disabled=True), UserSwitch(email=SAM, disabled=False)):
        await world.operator.ask(switch)
    await remove()
    await add_back()
    for off_boarded in (True, False, True, False):
        await world.operator.ask(TenantSwitch(name="acme", off_boarded=off_boarded))
    acme, sam = world.tenants["acme"], world.users[SAM]
    world.neighbours.turns_in[acme] = 5
    await browser.sign_in(SAM)
    page = await browser.get(world.authorize())
    await browser.submit(page, AUTHORIZE, decision="authorize")
    assert set(world.neighbours.last(GrantsCreate).turns) == {
        Seen(kind="tenant", key=acme, turn=4), Seen(kind="user", key=sam, turn=2),
        Seen(kind="tenant_user", key=acme + sam, turn=2), Seen(kind="tenant_client", key=acme + CLIENT, turn=5),
    }  # fmt: skip


@pytest.mark.parametrize("away", [False, True])
async def test_removed_between_page_and_decision(world, decide, remove, away):
    """Though the token service was never told."""
    world.neighbours.away = {"/internal/token/apply"} if away else set()
    await remove()
    assert is_unknown(await decide())
    assert world.neighbours.all(GrantsCreate) == []


async def test_disabled_between_page_and_decision(world, decide, disable, browser):
    await disable()
    answer = await decide()
    assert leads_to_sign_in(answer)
    assert (await browser.sign_in(SAM, at=answer.location)).status == 403
    assert world.neighbours.all(GrantsCreate) == []


async def test_off_boarded_between_page_and_decision(world, decide, off_board):
    await off_board()
    assert is_unknown(await decide())
    assert world.neighbours.all(GrantsCreate) == []


async def test_removed_while_the_connection_is_being_born(world, decide, remove):
    world.neighbours.before[GrantsCreate] = remove
    assert is_unknown(await decide())
    assert len(world.neighbours.all(GrantsCreate)) == 1
    assert await world.events("consent.granted") == []


async def test_disabled_while_the_connection_is_being_born(world, decide, disable):
    world.neighbours.before[GrantsCreate] = disable
    assert leads_to_sign_in(await decide())
    assert len(world.neighbours.all(GrantsCreate)) == 1


async def test_off_boarded_while_the_connection_is_being_born(world, decide, off_board):
    world.neighbours.before[GrantsCreate] = off_board
    assert is_unknown(await decide())
    assert len(world.neighbours.all(GrantsCreate)) == 1


async def test_removed_after_the_request_began_but_before_the_last_look(world, decide, remove):
    world.neighbours.before[PermissionsResolve] = remove
    assert is_unknown(await decide())
    assert world.neighbours.all(GrantsCreate) == []


async def test_who_was_added_again_meanwhile_gets_through_with_the_new_turn(world, decide, remove, add_back):
    async def away_and_back():
        await remove()
        await add_back()

    world.neighbours.before[GrantsCreate] = away_and_back
    assert (await decide()).answer["code"] == "lk_ac_code"
    first, second = world.neighbours.all(GrantsCreate)
    assert (first.turns, [seen.turn for seen in second.turns]) == ((), [2])
    assert len(await world.events("consent.granted")) == 1


async def test_who_was_added_again_consents_again(world, browser, remove, add_back):
    await remove()
    await add_back()
    await browser.sign_in(SAM)
    page = await browser.get(world.authorize())
    assert (await browser.submit(page, AUTHORIZE, decision="authorize")).answer["code"] == "lk_ac_code"


async def test_an_app_blocked_and_allowed_again_meanwhile_is_looked_at_once_more(world, decide):
    acme = world.tenants["acme"]

    async def turn():
        world.neighbours.turns["tenant_client", acme + CLIENT] = world.neighbours.turns_in[acme] = 2

    world.neighbours.before[GrantsCreate] = turn
    assert (await decide()).answer["code"] == "lk_ac_code"
    assert [len(birth.turns) for birth in world.neighbours.all(GrantsCreate)] == [0, 1]


async def test_an_app_blocked_meanwhile_is_not_found(world, decide):
    acme = world.tenants["acme"]

    async def block():
        world.neighbours.turns["tenant_client", acme + CLIENT] = 1
        world.neighbours.usable_in[CLIENT] = set()

    world.neighbours.before[GrantsCreate] = block
    assert is_unknown(await decide())


async def test_what_keeps_turning_is_tried_twice_and_no_more(world, decide):
    world.neighbours.turns["tenant", world.tenants["acme"]] = 9
    answer = await decide()
    assert (answer.status, answer.texts("h1")) == (409, ["This app has just changed."])
    assert len(world.neighbours.all(GrantsCreate)) == 2


async def test_what_the_token_service_refuses_for_another_reason_is_not_tried_again(world, decide):
    world.neighbours.refuses_births = 404
    assert (await decide()).status == 409
    assert len(world.neighbours.all(GrantsCreate)) == 1
