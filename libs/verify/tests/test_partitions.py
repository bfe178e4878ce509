"""A cut cable, in one direction or in both: within a lease nothing is decided any more, and then nothing is missed."""

import aiohttp
import pytest
from link import Link

from latchkey_kit.requests import Peer
from latchkey_kit.testing import eventually
from latchkey_verify import InvalidToken, NoLease
from latchkey_verify.heads import Heads

FEED = "/feed"


@pytest.fixture
async def link(setting):
    async with Link(setting.owners.url).up() as made:
        yield made


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as made:
        yield made


@pytest.fixture
async def behind(setting, link, session, ready):
    """A verifier at the other end of the link."""
    async with setting.verifier(heads=Peer(session, link.url, "records", "secret")) as made:
        await ready(made)
        yield made


async def refused(verifier, setting, token, error, match):
    with pytest.raises(error, match=match):
        await verifier.check(token, setting.api)


@pytest.mark.parametrize("lost", [("asks",), ("answers",), ("asks", "answers")])
async def test_kill_behind_a_cut_cable_takes_no_longer_than_the_lease(behind, setting, link, lost):
    token = setting.issuer.mint()
    assert await behind.check(token, setting.api)
    for direction in lost:
        getattr(link, direction).clear()
    setting.owners.kill()
    setting.clock.advance(2)
    await refused(behind, setting, token, NoLease, "lease")
    link.heal()
    await eventually(lambda: behind.problem() is None)
    await refused(behind, setting, token, InvalidToken, "revoked")


async def test_who_hears_no_answer_does_not_claim_to_have_applied_it(behind, setting, link):
    link.answers.clear()
    setting.owners.kill()
    before = len(setting.owners.feed_asks)
    await eventually(lambda: len(setting.owners.feed_asks) >= before + 2)
    assert {ask["applied"] for ask in setting.owners.feed_asks} == {"0"}
    link.heal()
    await eventually(lambda: setting.owners.feed_asks[-1]["applied"] == "1")


async def test_pushes_without_pulls_are_no_ground_to_decide(behind, setting, link):
    """The bus gets through and the feed does not: kills are heard, but the lease ends all the same."""
    dead, other = setting.issuer.mint(), setting.issuer.mint(sid="e" * 32)
    for token in (dead, other):
        await behind.check(token, setting.api)
    link.asks.clear()
    setting.push(setting.owners.kill())
    await refused(behind, setting, dead, InvalidToken, "revoked")
    assert await behind.check(other, setting.api)
    setting.clock.advance(2)
    await refused(behind, setting, other, NoLease, "lease")


async def test_one_of_two_heads_behind_a_cut_cable_costs_nothing(setting, link, session, ready):
    peers = [Peer(session, url, "records", "secret") for url in (link.url, setting.owners.url)]
    heads = Heads(peers)
    async with setting.verifier(heads=heads) as verifier:
        await ready(verifier)
        link.answers.clear()
        await setting.owners.asked_again(FEED)
        for _ in range(5):
            setting.clock.advance(1.5)
            await setting.owners.asked_again(FEED, 4)
            assert await verifier.check(setting.issuer.mint(), setting.api)
        setting.owners.kill()
        await setting.owners.asked_again(FEED, 4)
        await refused(verifier, setting, setting.issuer.mint(), InvalidToken, "revoked")
    await heads.close()
