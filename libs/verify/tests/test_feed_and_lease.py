"""Kills arrive by push and by pull; without a lease nothing is decided."""

import re

import msgspec
import pytest

from latchkey_contracts.feed import Entry, Page
from latchkey_kit.testing import eventually
from latchkey_verify import InvalidToken, NoLease
from latchkey_verify.feed import Feed
from latchkey_verify.lease import Lease
from latchkey_verify.pull import Puller

FEED = "/feed"


async def refused(verifier, setting, token, error=InvalidToken, match="revoked"):
    with pytest.raises(error, match=match):
        await verifier.check(token, setting.api)


async def test_pushed_kill_refuses_within_the_same_tick(verifier, setting):
    token = setting.issuer.mint()
    bearer = await verifier.check(token, setting.api)
    setting.push(Entry(1, "connection", bearer.connection))
    with pytest.raises(InvalidToken, match="revoked"):
        verifier.check_now(token, setting.api)
    with pytest.raises(InvalidToken, match="revoked"):
        verifier.confirm(bearer)


async def test_kill_reaches_tokens_not_seen_yet_and_spares_other_connections(verifier, setting):
    setting.push(Entry(1, "connection", "c" * 32))
    await refused(verifier, setting, setting.issuer.mint(jti="b" * 32, born=2**62))
    assert await verifier.check(setting.issuer.mint(sid="e" * 32), setting.api)


async def test_pull_brings_the_kill_when_the_push_is_lost(verifier, setting):
    token = setting.issuer.mint()
    await verifier.check(token, setting.api)
    setting.owners.kill()
    await setting.owners.asked_again(FEED)
    await refused(verifier, setting, token)


async def test_push_never_moves_the_head(verifier, setting):
    setting.owners.kill()  # its push is lost
    later = setting.owners.kill("e" * 32)
    setting.push(later, head=later.number)
    await setting.owners.asked_again(FEED)
    await refused(verifier, setting, setting.issuer.mint())
    ask = setting.owners.feed_asks[-1]
    assert (ask["after"], ask["applied"]) == ("2", "2")


async def test_each_verifier_has_a_name_of_its_own_at_heads(verifier, setting, ready):
    async with setting.verifier() as other:
        await ready(other)
    names = {ask["verifier"] for ask in setting.owners.feed_asks}
    assert len(names) == 2
    assert all(re.fullmatch(r"records-[0-9a-f]{12}", name) for name in names)


async def test_head_of_half_a_snapshot_is_not_called_applied(setting, ready):
    setting.owners.page_size = 1
    for victim in ("c" * 32, "e" * 32, "f" * 32):
        setting.owners.kill(victim)
    async with setting.verifier() as verifier:
        await ready(verifier)
        await setting.owners.asked_again(FEED)
    asks = [(ask["after"], ask["applied"]) for ask in setting.owners.feed_asks[:4]]
    assert asks == [("0", "0"), ("1", "0"), ("2", "0"), ("3", "3")]


async def test_unreadable_push_is_left_to_the_pull(verifier, setting):
    for body in (b"", b"{", b"\xff", b'{"epoch": 1}', b'[["connection"]]'):
        setting.pushes.callback(body)
    assert await verifier.check(setting.issuer.mint(), setting.api)


async def test_lease_runs_out_while_the_feed_is_silent_and_heals(verifier, setting):
    token = setting.issuer.mint()
    await verifier.check(token, setting.api)
    setting.owners.away.add(FEED)
    await setting.owners.asked_again(FEED)
    setting.clock.advance(1.99)
    assert await verifier.check(token, setting.api)
    setting.clock.advance(0.01)
    await refused(verifier, setting, token, NoLease, "has answered for a lease")
    await refused(verifier, setting, "noise", NoLease, "has answered for a lease")
    setting.owners.away.clear()
    await eventually(lambda: verifier.problem() is None)
    assert await verifier.check(token, setting.api)


async def test_answer_that_came_late_counts_from_when_it_was_asked(setting, ready):
    """An ask is under way while the clock goes on: its answer is worth what is left."""
    async with setting.verifier() as verifier:
        await ready(verifier)
        setting.owners.hold(FEED)
        await eventually(lambda: setting.owners.held)
        setting.clock.advance(2)
        setting.owners.away.add(FEED)
        setting.owners.release()
        await setting.owners.asked_again(FEED, 1)
        await refused(verifier, setting, setting.issuer.mint(), NoLease, "lease")


async def test_cold_start_accepts_nothing_before_a_full_snapshot(setting):
    setting.owners.kill()
    setting.owners.away.add(FEED)
    async with setting.verifier() as verifier:
        await setting.owners.asked_again(FEED)
        await refused(verifier, setting, setting.issuer.mint(sid="e" * 32), NoLease, "not been read in full")
        assert await verifier.readiness() == "the feed of heads (HEADS_URLS) has not been read in full yet"
        setting.owners.away.clear()
        await eventually(lambda: verifier.problem() is None)
        await refused(verifier, setting, setting.issuer.mint())


async def test_long_snapshot_is_read_at_once_page_by_page(setting, ready):
    setting.owners.page_size = 3
    victims = [f"{number:032x}" for number in range(10)]
    for victim in victims:
        setting.owners.kill(victim)
    async with setting.verifier(pull_interval=3600) as verifier:
        await ready(verifier)
        assert [ask["after"] for ask in setting.owners.feed_asks[:4]] == ["0", "3", "6", "9"]
        for victim in victims:
            await refused(verifier, setting, setting.issuer.mint(sid=victim))


async def test_other_epoch_ends_the_lease_until_a_full_snapshot_is_merged(verifier, setting):
    setting.owners.kill("e" * 32)
    await setting.owners.asked_again(FEED)
    setting.owners.entries.clear()
    setting.owners.kill()
    setting.owners.only_after = "1"
    setting.owners.epoch = "epoch-2"
    await setting.owners.asked_again(FEED)
    await refused(verifier, setting, setting.issuer.mint(sid="f" * 32), NoLease, "not been read in full")
    setting.owners.only_after = None
    await eventually(lambda: verifier.problem() is None)
    await refused(verifier, setting, setting.issuer.mint())
    await refused(verifier, setting, setting.issuer.mint(sid="e" * 32))


async def test_head_below_ours_ends_the_lease_until_a_full_snapshot_is_merged(verifier, setting):
    for victim in ("e" * 32, "f" * 32):
        setting.owners.kill(victim)
    await setting.owners.asked_again(FEED)
    setting.owners.entries.pop()
    setting.owners.only_after = "2"
    await setting.owners.asked_again(FEED)
    await refused(verifier, setting, setting.issuer.mint(), NoLease, "not been read in full")
    setting.owners.only_after = None
    await eventually(lambda: verifier.problem() is None)
    await refused(verifier, setting, setting.issuer.mint(sid="f" * 32))


@pytest.mark.parametrize("kind", ["device", "ALL", ""])
async def test_unknown_kind_means_no_lease(verifier, setting, kind):
    setting.owners.add(kind, "1" * 32)
    await setting.owners.asked_again(FEED)
    await refused(verifier, setting, setting.issuer.mint(), NoLease, "does not know")
    assert "does not know" in verifier.problem()


async def test_unknown_kind_in_a_push_means_no_lease_at_once(verifier, setting):
    token = setting.issuer.mint()
    await verifier.check(token, setting.api)
    setting.push(Entry(1, "device", "1" * 32))
    with pytest.raises(NoLease):
        verifier.check_now(token, setting.api)


async def test_page_that_promises_more_and_brings_nothing_is_not_asked_for_in_a_circle(clock):
    class Stuck:
        asked = 0

        async def send(self, method, path, *, params):
            self.asked += 1
            assert self.asked == 1
            return msgspec.json.encode(Page(epoch="epoch-1", head=0, more=True, salt="5a17"))

    lease = Lease(clock, 2)
    await Puller(Stuck(), Feed(), lease, clock, "records", 1).pull()
    assert not lease.held()
