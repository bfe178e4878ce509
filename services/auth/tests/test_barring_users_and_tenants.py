"""Disabling users, off-boarding tenants, and tenants' own limits: what the operator's command asks for."""

import asyncio

import msgspec
import pytest

from latchkey_contracts.requests.grants import TokenApply
from latchkey_contracts.requests.people import TenantLimit, TenantSwitch, UserSwitch
from latchkey_contracts.requests.standing import Limits, Standing
from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_kit.testing.waiting import eventually

SAM, RITA = "sam@acme.test", "rita@acme.test"
DISABLE, ENABLE = UserSwitch(email="Sam@Acme.test", disabled=True), UserSwitch(email=SAM, disabled=False)
OFF_BOARD = TenantSwitch(name="acme", off_boarded=True)
RESTORE = TenantSwitch(name="acme", off_boarded=False)


def payloads(events):
    return [msgspec.json.decode(event.data) for event in events]


async def test_a_disabled_user_looks_like_a_wrong_password(world, browser):
    wrong = await browser.sign_in(SAM, "wrong-password")
    await world.operator.ask(DISABLE)
    right = await browser.sign_in(SAM)
    assert (right.status, right.text) == (wrong.status, wrong.text)
    assert right.headers.keys() == wrong.headers.keys()
    await eventually(lambda: _failures(world, 2))


async def _failures(world, wanted):
    return len(await world.events("user.sign_in_failed")) == wanted


async def test_sessions_of_a_disabled_user_end_at_once_and_enabling_brings_none_back(world, browser, new_browser):
    await browser.sign_in(SAM)
    other = await new_browser(world)
    await other.sign_in(RITA)
    await world.operator.ask(DISABLE)
    assert (await browser.get("/login")).texts("h1") == ["Sign in"]
    assert (await other.get("/login")).texts("h1") == ["You are signed in"]
    await world.operator.ask(ENABLE)
    assert (await browser.get("/login")).texts("h1") == ["Sign in"]
    assert (await browser.sign_in(SAM)).status == 303


async def test_signing_in_while_being_disabled_leaves_no_session(world, new_browser):
    for _ in range(4):
        browser = await new_browser(world)
        page = await browser.get("/login")
        await asyncio.gather(
            browser.submit(page, "/login", email=SAM, password="latchkey"), world.operator.ask(DISABLE)
        )
        assert await world.execute("SELECT 1 FROM session WHERE app_user = $1", world.users[SAM]) == []
        await world.operator.ask(ENABLE)


async def test_the_token_service_and_every_tenant_learn_of_a_disabled_user(world):
    turned = await world.operator.ask(UserSwitch(email=RITA, disabled=True))
    assert (turned.changed, turned.pending, turned.effective_at) == (True, False, world.neighbours.in_force)
    assert world.neighbours.last(TokenApply) == TokenApply(
        standings=(Standing(kind="user", key=world.users[RITA], turn=1, barred=True, reason="user.disabled"),)
    )
    events = await world.events("user.disabled")
    assert {event.tenantid for event in events} == set(world.tenants.values())
    assert payloads(events) == [{"user": world.users[RITA], "turn": 1}] * 2
    assert {event.userid for event in events} == {None}


async def test_repeats_move_no_turn_and_tell_again(world):
    world.neighbours.away.add(TokenApply.path)
    for switch in (DISABLE, OFF_BOARD):
        first = await world.operator.ask(switch)
        assert (first.changed, first.pending, first.effective_at) == (True, True, None)
    world.neighbours.away.clear()
    for switch in (DISABLE, OFF_BOARD):
        again = await world.operator.ask(switch)
        assert (again.changed, again.pending, again.effective_at) == (False, False, world.neighbours.in_force)
        [told] = world.neighbours.last(TokenApply).standings
        assert (told.turn, told.barred) == (1, True)
    assert len(await world.events("user.disabled")) == len(await world.events("tenant.off_boarded")) == 1


async def test_two_operators_at_once_turn_it_once(world):
    answers = await asyncio.gather(*(world.operator.ask(OFF_BOARD) for _ in range(4)))
    assert [answer.changed for answer in answers].count(True) == 1
    assert payloads(await world.events("tenant.off_boarded")) == [{"tenant": world.tenants["acme"], "turn": 1}]


async def test_what_was_never_barred_is_lifted_without_a_word(world):
    for switch in (ENABLE, RESTORE):
        assert (await world.operator.ask(switch)).changed is False
    assert world.neighbours.all(TokenApply) == []


async def test_lifting_is_the_next_turn(world):
    for switch in (DISABLE, ENABLE, OFF_BOARD, RESTORE):
        await world.operator.ask(switch)
    told = [one for question in world.neighbours.all(TokenApply) for one in question.standings]
    assert [(one.kind, one.turn, one.barred, one.reason) for one in told] == [
        ("user", 1, True, "user.disabled"), ("user", 2, False, "user.enabled"),
        ("tenant", 1, True, "tenant.off_boarded"), ("tenant", 2, False, "tenant.restored"),
    ]  # fmt: skip
    assert payloads(await world.events("user.enabled")) == [{"user": world.users[SAM], "turn": 2}]
    assert payloads(await world.events("tenant.restored")) == [{"tenant": world.tenants["acme"], "turn": 2}]


async def test_an_off_boarded_tenant_cannot_be_picked_until_it_is_restored(world, browser):
    world.add_client(usable_in=("acme", "globex"))
    await browser.sign_in(RITA)
    await world.operator.ask(OFF_BOARD)
    assert (await browser.get(world.authorize())).texts("h1") == ["Acme Sync wants to access Globex"]
    assert (await browser.get(world.authorize(tenant="acme"))).texts("h1") == ["Acme Sync wants to access Globex"]
    await world.operator.ask(RESTORE)
    picker = await browser.get(world.authorize())
    assert picker.form("/oauth/authorize")["buttons"] == [("tenant", "acme"), ("tenant", "globex")]


async def test_for_members_of_an_off_boarded_tenant_its_apps_do_not_exist(world, browser):
    await world.operator.ask(OFF_BOARD)
    await browser.sign_in(SAM)
    page = await browser.get(world.authorize())
    assert (page.status, "Invalid client_id: OAuth client not found." in page.text) == (400, True)


async def test_limits_change_one_by_one_and_repeats_are_no_revision(world):
    steps = [
        (TenantLimit(name="acme", refresh_token_lifetime=15_552_000), (1, 15_552_000, None), True),
        (TenantLimit(name="acme", connection_lifetime=31_104_000), (2, 15_552_000, 31_104_000), True),
        (TenantLimit(name="acme", connection_lifetime=31_104_000), (2, 15_552_000, 31_104_000), False),
        (TenantLimit(name="acme", refresh_token_lifetime=None), (3, None, 31_104_000), True),
    ]
    for asked, (revision, refresh, whole), changed in steps:
        assert (await world.operator.ask(asked)).changed is changed
        assert world.neighbours.last(TokenApply).limits == Limits(
            tenant=world.tenants["acme"], revision=revision, refresh_token_lifetime=refresh, connection_lifetime=whole
        )
    told = payloads(await world.events("tenant.limited"))
    assert [one["revision"] for one in told] == [1, 2, 3]
    assert told[-1]["connection_lifetime"] == 31_104_000
    assert "turn" not in told[-1]


async def test_limits_that_a_tenant_never_had_are_taken_away_without_a_word(world):
    turned = await world.operator.ask(TenantLimit(name="acme", refresh_token_lifetime=None))
    assert (turned.changed, turned.pending) == (False, False)
    assert world.neighbours.all(TokenApply) == []


@pytest.mark.parametrize("seconds", [0, 59, -1, 315_360_001])
async def test_limits_out_of_range_are_refused_by_name(world, seconds):
    with pytest.raises(PeerRefused) as refused:
        await world.operator.ask(TenantLimit(name="acme", connection_lifetime=seconds))
    assert [error.pointer for error in refused.value.problem.errors] == ["/connection_lifetime"]


async def test_who_is_not_there_is_not_found(world):
    for asked in (
        UserSwitch(email="nobody@acme.test", disabled=True), TenantSwitch(name="initech", off_boarded=True),
        TenantLimit(name="initech", connection_lifetime=60),
    ):  # fmt: skip
        with pytest.raises(PeerRefused) as refused:
            await world.operator.ask(asked)
        assert refused.value.problem.status == 404


async def test_only_the_operator_bars(world, peer):
    for asked in (DISABLE, OFF_BOARD, TenantLimit(name="acme")):
        with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
            await peer("token", world.served.internal_url).ask(asked)
    assert await world.execute("SELECT 1 FROM app_user WHERE disabled") == []
