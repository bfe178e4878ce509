"""A consent form that is sent more than once names one attempt: it leads to one connection, with one code."""

import asyncio
import contextlib
import functools

import msgspec
import pytest

from latchkey_kit.entropy import SystemEntropy
from latchkey_kit.requests import PeerRefused
from latchkey_kit.sealing import Sealer
from latchkey_kit.testing.services import ORIGIN
from latchkey_oauth import pkce
from latchkey_oauth.token_string import open_sealed
from latchkey_token.keys.mac_keys import load_mac_keys

ONE, OTHER = "a1" * 32, "b2" * 32
INVALID_GRANT, ALREADY = (400, "invalid_grant"), (409, "already_authorized")


@pytest.fixture
async def app(house):
    return await house.app()


@pytest.fixture
def attempt(house, app):
    """``await attempt()``: the same form is sent, once more."""
    return functools.partial(house.consent, app, user=house.new_id(), attempt=ONE)


async def refused(asking):
    with pytest.raises(PeerRefused) as said:
        await asking
    return said.value.problem.status, said.value.problem.code


def sealer(house):
    return Sealer(house.served.settings.master_key.reveal(), SystemEntropy())


async def connections(house):
    return [row["id"] for row in await house.sql("SELECT id FROM connection ORDER BY born")]


async def test_five_at_once_get_one_connection_and_one_code(house, app, attempt):
    first, *others = await asyncio.gather(*(attempt() for _ in range(5)))
    assert others == [first] * 4
    assert await connections(house) == [first.connection]
    assert (await house.exchange(app, first.code)).status == 200


async def test_several_instances_agree_on_the_code(house, app, attempt, beside):
    async with beside(house) as other:
        user = house.new_id()
        answers = await asyncio.gather(
            *(each.consent(app, user=user, attempt=ONE) for each in (house, other, house, other))
        )
    assert len(set(map(msgspec.json.encode, answers))) == 1


async def test_what_nobody_was_asked_for_is_one_by_itself_each_time(house, app):
    user = house.new_id()
    await house.consent(app, user=user)
    await house.consent(app, user=user)
    assert len(await connections(house)) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"attempt": OTHER}, {"user": "1" * 32}, {"tenant": "2" * 32}, {"document": "3" * 64},
        {"redirect_uri": "https://app.example/other"}, {"redirect_uri_sent": False},
        {"resources": (f"{ORIGIN}/v1",)}, {"challenge": pkce.challenge_for("x" * 43)},
    ],
    ids=lambda changed: next(iter(changed)),
)  # fmt: skip
async def test_whoever_asks_for_something_else_makes_another_attempt(house, attempt, changed):
    first, other = await attempt(), await attempt(**changed)
    assert await connections(house) == [first.connection, other.connection]
    keys = (await load_mac_keys(house.database, sealer(house), SystemEntropy())).keys
    assert open_sealed(first.code, keys).secret != open_sealed(other.code, keys).secret


async def test_what_was_seen_of_the_client_is_no_other_attempt(house, app, attempt):
    first = await attempt()
    await house.changed(app, default_audience="mcp")
    assert await attempt(client_revision=2) == first


async def test_an_attempt_whose_code_was_exchanged_is_refused_and_nothing_dies(house, app, attempt):
    grant = await attempt()
    tokens = await house.exchange(app, grant.code)
    assert await refused(attempt()) == ALREADY
    assert (await house.refresh(app, tokens.body["refresh_token"])).status == 200
    assert await refused(attempt()) == ALREADY
    assert await connections(house) == [grant.connection]


async def test_an_attempt_whose_connection_died_is_refused(house, app, attempt):
    grant = await attempt()
    assert await house.revoke(app, grant.code) == (200, None)
    assert await refused(attempt()) == ALREADY
    assert (await house.exchange(app, grant.code)).error == INVALID_GRANT


async def test_an_attempt_whose_connection_died_with_many_is_refused(house, app):
    tenant, user = app.gate.tenant, house.new_id()
    await house.consent_now(app, tenant=tenant, user=user, attempt=ONE)
    await house.turn("tenant_user", tenant + user, 1)
    assert await refused(house.consent_now(app, tenant=tenant, user=user, attempt=ONE)) == ALREADY
    assert (await house.consent_now(app, tenant=tenant, user=user, attempt=OTHER)).code


async def test_an_attempt_whose_code_ran_out_unused_may_be_made_again(house, app, attempt):
    old = await attempt()
    await house.age(old.connection, 61)
    new = await attempt()
    assert new == await attempt()
    assert await connections(house) == [new.connection] != [old.connection]
    assert (await house.exchange(app, old.code)).error == INVALID_GRANT
    assert (await house.exchange(app, new.code)).status == 200


async def test_a_code_that_went_out_twice_may_be_exchanged_twice(house, app, attempt):
    """The browser may have brought the app both: whichever exchange is second gets the same refresh token."""
    grant = await attempt()
    assert await attempt() == grant
    first, second = await asyncio.gather(*(house.exchange(app, grant.code) for _ in range(2)))
    assert [first.status, second.status] == [200, 200]
    assert first.body["refresh_token"] == second.body["refresh_token"]
    assert await house.alive(grant.connection)
    assert (await house.refresh(app, first.body["refresh_token"])).status == 200
    assert (await house.exchange(app, grant.code)).error == INVALID_GRANT
    assert not await house.alive(grant.connection), "its successor was spent: this is nobody's second answer"


async def test_a_code_that_went_out_twice_gives_nobody_tokens_ten_minutes_later(house, app, attempt):
    """However long the app leaves its refresh token alone; and the app keeps what it has."""
    grant = await attempt()
    assert await attempt() == grant
    tokens = await house.exchange(app, grant.code)
    await house.age(grant.connection, 601)
    assert (await house.exchange(app, grant.code)).error == INVALID_GRANT
    assert await house.alive(grant.connection)
    assert (await house.refresh(app, tokens.body["refresh_token"])).status == 200


async def test_a_code_that_went_out_once_is_exchanged_once(house, app, attempt):
    grant = await attempt()
    assert (await house.exchange(app, grant.code)).status == 200
    assert (await house.exchange(app, grant.code)).error == INVALID_GRANT
    assert not await house.alive(grant.connection)


async def test_an_exchange_and_the_same_form_at_once_never_end_in_a_replay(house, app):
    """Whoever gets the code once more may exchange it; whoever comes too late gets none."""

    async def once(place):
        user, named = house.new_id(), f"{place:064x}"
        grant = await house.consent(app, user=user, attempt=named)
        again = asyncio.create_task(house.consent(app, user=user, attempt=named))
        for _ in range(place % 5):  # so that now this one and now the other is first
            await house.row(grant.connection)
        tokens = await house.exchange(app, grant.code)
        assert tokens.status == 200
        with contextlib.suppress(PeerRefused):
            twice = await house.exchange(app, (await again).code)
            assert (twice.status, twice.body["refresh_token"]) == (200, tokens.body["refresh_token"])
        assert await house.alive(grant.connection)

    await asyncio.gather(*(once(place) for place in range(10)))


async def test_codes_made_before_and_after_a_change_of_mac_key_are_of_one_connection(house, app, beside):
    user = house.new_id()
    before = await house.consent(app, user=user, attempt=ONE)
    sealed = sealer(house).seal(b"k" * 32, "mac key 3")
    await house.sql("INSERT INTO mac_key (id, use, key) VALUES (3, 'mac', $1)", sealed)
    async with beside(house) as other:
        after = await other.consent(app, user=user, attempt=ONE)
        assert after.connection == before.connection
        assert after.code != before.code
        tokens = [await other.exchange(app, one.code) for one in (before, after)]
    assert [answer.status for answer in tokens] == [200, 200]
    assert await connections(house) == [before.connection]


async def test_the_same_attempt_takes_no_second_place_among_the_living(house, app):
    whose = {"user": house.new_id(), "tenant": app.gate.tenant}
    first = [await house.connected(app, **whose) for _ in range(19)]
    await asyncio.gather(*(house.consent_now(app, **whose, attempt=ONE) for _ in range(5)))
    assert all([await house.alive(answer.claims["sid"]) for answer in first])
    assert len(await connections(house)) == 20


async def test_an_attempt_made_again_after_its_code_ran_out_counts_among_the_living(house, app):
    whose = {"user": house.new_id(), "tenant": app.gate.tenant}
    grant = await house.consent_now(app, **whose, attempt=ONE)
    first = [await house.connected(app, **whose) for _ in range(19)]
    await house.age(grant.connection, 61)
    first.append(await house.connected(app, **whose))
    await house.consent_now(app, **whose, attempt=ONE)
    assert not await house.alive(first[0].claims["sid"])
    assert all([await house.alive(answer.claims["sid"]) for answer in first[1:]])
