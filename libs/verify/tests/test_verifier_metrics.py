"""Operators see how fresh a verifier is, and how its checks end."""

import math

import pytest

from latchkey_contracts.feed import Entry
from latchkey_kit.telemetry.metrics import registry
from latchkey_kit.testing import eventually
from latchkey_verify import InvalidToken, NoLease

FEED = "/feed"


def shown(name):
    return registry.get_sample_value(f"latchkey_verifier_{name}", {"verifier": "records"})


async def test_before_the_first_answer_it_is_infinitely_stale_and_without_a_lease(setting):
    setting.owners.away.add(FEED)
    async with setting.verifier():
        assert (shown("lease_held"), shown("staleness_seconds"), shown("head")) == (0, math.inf, 0)
    assert shown("lease_held") is None


async def test_staleness_is_in_seconds_and_ends_the_lease(setting, verifier):
    assert (shown("lease_held"), shown("staleness_seconds")) == (1, 0)
    setting.owners.away.add(FEED)
    await setting.owners.asked_again(FEED)
    setting.clock.advance(1.5)
    assert (shown("lease_held"), shown("staleness_seconds")) == (1, 1.5)
    setting.clock.advance(0.5)
    assert (shown("lease_held"), shown("staleness_seconds")) == (0, 2)


async def test_what_it_cannot_read_is_no_lease_however_fresh_it_is(setting, verifier):
    setting.push(Entry(1, "unheard-of", "a"))
    assert (shown("lease_held"), shown("staleness_seconds")) == (0, 0)


async def test_head_and_entries_grow_with_the_feed(setting, verifier):
    setting.owners.kill("e" * 32)
    setting.owners.add("role", "a" * 32, 3)

    async def applied():
        return (shown("head"), shown("entries")) == (2, 2)

    await eventually(applied)


async def test_every_check_is_counted_once_by_its_outcome(setting, verifier):
    def checked():
        names = ("accepted", "revoked", "malformed", "wrong_audience", "no_lease")
        return [
            registry.get_sample_value("latchkey_verifier_checks_total", {"outcome": name}) or 0 for name in names
        ]  # fmt: skip

    before, token = checked(), setting.issuer.mint()
    await verifier.check(token, setting.api)
    verifier.check_now(token, setting.api)
    await verifier.check(token, setting.api)
    assert verifier.check_now(setting.issuer.mint(jti="f" * 32), setting.api) is None
    for _ in range(2):
        setting.push(Entry(1, "connection", "c" * 32))
        with pytest.raises(InvalidToken):
            await verifier.check(token, setting.api)
    with pytest.raises(InvalidToken):
        await verifier.check("noise", setting.api)
    with pytest.raises(InvalidToken):
        await verifier.check(setting.issuer.mint(sid="e" * 32), setting.mcp)
    setting.owners.away.add(FEED)
    await setting.owners.asked_again(FEED)
    setting.clock.advance(2)
    with pytest.raises(NoLease):
        await verifier.check(token, setting.api)
    assert [now - then for now, then in zip(checked(), before, strict=True)] == [3, 2, 1, 1, 1]
