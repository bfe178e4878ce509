"""Rights are kept until a floor says that a part changed, and are never guessed."""

import asyncio

import pytest

from latchkey_contracts.feed import Entry, assignment_key
from latchkey_kit.testing import eventually
from latchkey_policy.permissions import PermissionSet
from latchkey_verify import InvalidToken, NoLease, RightsUnavailable
from latchkey_verify.testing import CLIENT, ROLE_ID, TENANT, USER, rights

RIGHTS = "/internal/rights"
GRANTED = {"company": {"view": "*", "update": ["owner", "phase"]}, "asset": ["view"]}
CEILING = {"company": {"view": {"except": ["arr"]}, "update": "*"}, "task": ["view"], "asset": ["view"]}
ROLE = {"company": {"view": "*", "update": ["phase"]}, "task": ["view"]}


@pytest.fixture
async def bearer(verifier, setting):
    return await verifier.check(setting.issuer.mint(), setting.api)


async def test_effective_is_the_meet_of_grant_ceiling_and_role(verifier, setting, bearer):
    setting.owners.rights = rights(GRANTED, CEILING, ROLE, portfolios=("all", "own"))
    may = await verifier.rights(bearer)
    wanted = PermissionSet.of(GRANTED).meet(PermissionSet.of(CEILING)).meet(PermissionSet.of(ROLE))
    assert may.permissions == wanted
    assert may.permissions.scopes() == ("company:update", "company:view")
    assert may.portfolios == ("all", "own")


async def test_remedy_names_a_scope_only_if_it_would_help(verifier, setting, bearer):
    setting.owners.rights = rights(GRANTED, CEILING, ROLE)
    may = await verifier.rights(bearer)
    assert may.remedy("task", "view") == "task:view"
    assert may.remedy("asset", "view") is None
    assert may.remedy("company", "remove") is None


async def test_without_a_role_nothing_is_allowed(verifier, setting, bearer):
    setting.owners.rights = rights(GRANTED, CEILING, None)
    may = await verifier.rights(bearer)
    assert may.permissions.is_empty
    assert may.grantable.is_empty


async def test_warm_rights_ask_nobody(verifier, setting, bearer):
    first = await verifier.rights(bearer)
    setting.owners.away.add(RIGHTS)
    assert await verifier.rights(bearer) is first
    assert setting.owners.asked[RIGHTS] == 1


async def test_many_at_once_ask_once(verifier, setting, bearer):
    await asyncio.gather(*(verifier.rights(bearer) for _ in range(20)))
    assert setting.owners.asked[RIGHTS] == 1


@pytest.mark.parametrize(
    ("kind", "key"), [("role", ROLE_ID), ("ceiling", CLIENT), ("assignment", assignment_key(TENANT, USER))]
)
async def test_floor_above_what_we_hold_asks_again(verifier, setting, bearer, kind, key):
    assert (await verifier.rights(bearer)).permissions.allows("company", "view")
    setting.push(Entry(1, kind, key, 1))
    assert (await verifier.rights(bearer)).permissions.allows("company", "view")
    assert setting.owners.asked[RIGHTS] == 1
    setting.owners.rights = rights({"company": ["view"]}, {"company": ["view"]}, {}, revision=2)
    setting.push(Entry(2, kind, key, 2))
    assert (await verifier.rights(bearer)).permissions.is_empty
    assert setting.owners.asked[RIGHTS] == 2


async def test_floor_of_somebody_else_changes_nothing(verifier, setting, bearer):
    first = await verifier.rights(bearer)
    setting.push(Entry(1, "role", "8" * 32, 9), Entry(2, "ceiling", "8" * 32, 9), Entry(3, "assignment", "8" * 64, 9))
    assert await verifier.rights(bearer) is first


async def test_stale_copy_with_permissions_away_is_unavailable(verifier, setting, bearer):
    await verifier.rights(bearer)
    setting.push(Entry(1, "role", ROLE_ID, 2))
    setting.owners.away.add(RIGHTS)
    with pytest.raises(RightsUnavailable):
        await verifier.rights(bearer)
    setting.owners.away.clear()
    setting.owners.rights = rights({}, {}, {}, revision=2)
    assert await verifier.rights(bearer)


async def test_answer_below_the_floor_is_unavailable(verifier, setting, bearer):
    setting.push(Entry(1, "role", ROLE_ID, 2))
    with pytest.raises(RightsUnavailable, match="less than the feed"):
        await verifier.rights(bearer)
    assert 1 < setting.owners.asked[RIGHTS] <= 3


async def test_answer_that_is_no_permission_set_is_unavailable(verifier, setting, bearer):
    setting.owners.rights = rights({"company": ["fly"]}, {}, {})
    with pytest.raises(RightsUnavailable):
        await verifier.rights(bearer)


async def test_rights_need_a_lease(verifier, setting, bearer):
    await verifier.rights(bearer)
    setting.owners.away.add("/feed")
    await setting.owners.asked_again("/feed")
    setting.clock.advance(2)
    with pytest.raises(NoLease):
        await verifier.rights(bearer)


async def test_caller_that_hangs_up_does_not_take_the_answer_from_the_others(verifier, setting, bearer):
    leaver, stayer = (asyncio.create_task(verifier.rights(bearer)) for _ in range(2))
    await asyncio.sleep(0)
    leaver.cancel()
    assert (await stayer).permissions.allows("company", "view")
    assert setting.owners.asked[RIGHTS] == 1


async def test_copy_from_before_what_was_forgotten_is_asked_for_again(verifier, setting, bearer):
    """A floor came and went while we were away: nobody can tell any more, so nobody guesses."""
    await verifier.rights(bearer)
    for _ in range(3):
        setting.owners.add("role", ROLE_ID, 2)
    setting.owners.rights = rights({}, {}, {}, revision=2)
    setting.owners.horizon = 3  # the page after ours leaves all of them out
    await setting.owners.asked_again("/feed")
    assert (await verifier.rights(bearer)).permissions.is_empty
    assert setting.owners.asked[RIGHTS] == 2
    assert await verifier.rights(bearer)
    assert setting.owners.asked[RIGHTS] == 2


async def test_copy_from_before_the_horizon_with_permissions_away_is_unavailable(verifier, setting, bearer):
    await verifier.rights(bearer)
    setting.owners.kill("e" * 32)
    setting.owners.horizon = 1
    setting.owners.away.add(RIGHTS)
    await setting.owners.asked_again("/feed")
    with pytest.raises(RightsUnavailable):
        await verifier.rights(bearer)


async def test_copy_outlives_an_expiry_that_it_is_younger_than(verifier, setting, bearer):
    setting.owners.kill("e" * 32)
    await setting.owners.asked_again("/feed")
    first = await verifier.rights(bearer)
    setting.owners.horizon = 1
    await setting.owners.asked_again("/feed")
    assert await verifier.rights(bearer) is first


async def test_copy_of_another_era_is_asked_for_again(verifier, setting, bearer, ready):
    await verifier.rights(bearer)
    setting.owners.epoch = "epoch-2"
    await setting.owners.asked_again("/feed", 3)
    await ready(verifier)
    setting.owners.rights = rights({}, {}, {})
    assert (await verifier.rights(bearer)).permissions.is_empty


async def test_answer_asked_for_before_the_feed_started_over_is_not_trusted(verifier, setting, bearer, ready):
    setting.owners.hold(RIGHTS)
    asking = asyncio.create_task(verifier.rights(bearer))
    await eventually(lambda: setting.owners.held)
    setting.owners.salt = "0b" * 32
    await setting.owners.asked_again("/feed", 3)
    await ready(verifier)
    setting.owners.release()
    assert await asking
    assert setting.owners.asked[RIGHTS] == 2


async def test_bearer_that_died_while_its_rights_were_asked_for_gets_none(verifier, setting, bearer):
    setting.owners.hold(RIGHTS)
    asking = asyncio.create_task(verifier.rights(bearer))
    await eventually(lambda: setting.owners.held)
    setting.push(setting.owners.kill())
    setting.owners.release()
    with pytest.raises(InvalidToken, match="revoked"):
        await asking
