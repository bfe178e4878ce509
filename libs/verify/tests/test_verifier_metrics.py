"""Operators see how fresh a verifier is and how its checks end."""

import math

import pytest

from latchkey_contracts.feed import CONNECTION, Entry
from latchkey_kit.metrics import registry
from latchkey_kit.testing import eventually
from latchkey_verify.errors import InvalidToken, NoLease


def shown(name):
    return registry.get_sample_value(f"latchkey_verifier_{name}", {"verifier": "records"})


def checked(outcome):
    return registry.get_sample_value("latchkey_verifier_checks_total", {"outcome": outcome}) or 0


async def test_before_the_first_answer_it_is_infinitely_stale_and_has_no_lease(setting):
    setting.owners.feed_down = True
    async with setting.verifier():
        assert (shown("lease_held"), shown("staleness_seconds"), shown("head")) == (0, math.inf, 0)
    assert shown("lease_held") is None


async def test_staleness_is_in_seconds_and_the_lease_ends_with_it(setting, verifier, clock):
    assert (shown("lease_held"), shown("staleness_seconds")) == (1, 0)
    setting.owners.feed_down = True
    clock.advance(1.5)
    assert (shown("lease_held"), shown("staleness_seconds")) == (1, 1.5)
    clock.advance(0.5)
    assert (shown("lease_held"), shown("staleness_seconds")) == (0, 2)
