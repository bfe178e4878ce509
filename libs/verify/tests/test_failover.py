"""Another primary, another epoch, several heads: no verifier ever goes backwards."""

import contextlib

import aiohttp
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire import BEARER

from latchkey_contracts.feed import Page
from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable
from latchkey_kit.testing import eventually
from latchkey_kit.web.problems import Document
from latchkey_verify import InvalidToken, NoLease
from latchkey_verify.feed import Feed
from latchkey_verify.heads import Heads
from latchkey_verify.testing import Owners

FEED = "/feed"


class History:
    """What the token service has committed. A failover may lose the latest of it, and is another epoch."""

    def __init__(self):
        self.owners = Owners()
        self.owners.page_size = 2
        self.numbers = {}
        self.failovers = 0

    @property
    def committed(self):
        """Kills that concern tokens that may still be out."""
        return [entry.key for entry in self.owners.entries if entry.number > self.owners.horizon]

    def kill(self):
        name = f"{len(self.numbers) + 1:032x}"
        self.numbers[name] = self.owners.kill(name).number

    def fail_over(self, lost):
        del self.owners.entries[max(self.owners.horizon, len(self.owners.entries) - lost) :]
        self.failovers += 1
        self.owners.epoch = f"epoch-1.{self.failovers}"

    def expire(self, by):
        self.owners.horizon = min(len(self.owners.entries), self.owners.horizon + by)

    def matters(self, name):
        return self.numbers[name] > self.owners.horizon


steps = st.one_of(
    st.just(("kill",)),
    st.just(("push",)),
    st.just(("pull",)),
    st.tuples(st.just("fail_over"), st.integers(0, 4)),
    st.tuples(st.just("expire"), st.integers(0, 3)),
)


@settings(deadline=None)
@given(st.lists(steps, max_size=60))
def test_what_was_refused_stays_refused_and_a_renewed_lease_knows_all(drawn):
    history, feed, refused = History(), Feed(), set()

    def dead(name):
        return feed.is_dead(msgspec.structs.replace(BEARER, connection=name))

    def pull():
        after = feed.head
        if feed.apply(after, history.owners.page(after)):
            assert all(map(dead, history.committed))

    def push():
        feed.hear(msgspec.json.decode(history.owners.push_of(*history.owners.entries[-1:]), type=Page))

    for step, *given_ in drawn:
        {"pull": pull, "push": push}.get(step, lambda *of, step=step: getattr(history, step)(*of))(*given_)
        refused = set(filter(history.matters, refused))
        assert all(map(dead, refused))
        refused |= set(filter(dead, history.numbers))
    for _ in range(len(history.owners.entries) + 3):
        pull()
    assert feed.complete
    assert all(map(dead, history.committed))


async def refused(verifier, setting, connection, error=InvalidToken, match="revoked"):
    with pytest.raises(error, match=match):
        await verifier.check(setting.issuer.mint(sid=connection), setting.api)


async def test_promoted_standby_that_lost_commits_takes_no_kill_back(verifier, setting):
    """It has another epoch, a lower head, and an `all` kill: what was dead stays dead, and what was born is dead."""
    for victim in ("c" * 32, "e" * 32):
        setting.owners.kill(victim)
    await setting.owners.asked_again(FEED)
    assert await verifier.check(setting.issuer.mint(sid="f" * 32, born=7), setting.api)
    setting.owners.entries.clear()
    setting.owners.epoch = "epoch-2"
    setting.owners.add("all", "", 7)
    await setting.owners.asked_again(FEED, 3)
    await eventually(lambda: verifier.problem() is None)
    for victim in ("c" * 32, "e" * 32, "f" * 32):
        await refused(verifier, setting, victim)
    assert await verifier.check(setting.issuer.mint(sid="a" * 32, born=8), setting.api)


async def test_kill_of_an_epoch_of_its_own_salt_is_found_under_the_new_marks(verifier, setting):
    setting.owners.kill()
    await setting.owners.asked_again(FEED)
    setting.owners.salt, setting.owners.epoch = "0b" * 32, "epoch-2"
    await setting.owners.asked_again(FEED, 3)
    await eventually(lambda: verifier.problem() is None)
    await refused(verifier, setting, "c" * 32)
    setting.push(setting.owners.kill("e" * 32))
    await refused(verifier, setting, "e" * 32)


@pytest.fixture
async def two_heads(setting):
    """A second process of the same feed, and both of them as a verifier asks them."""
    other = Owners(*setting.owners.issuers)
    other.entries = setting.owners.entries
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(other.serving())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        heads = Heads([Peer(session, url, "records", "secret") for url in (setting.owners.url, other.url)])
        stack.push_async_callback(heads.close)
        yield other, heads


async def test_either_of_two_heads_will_do(setting, two_heads, ready):
    other, heads = two_heads
    async with setting.verifier(heads=heads) as verifier:
        await ready(verifier)
        for away, answering in ((setting.owners, other), (other, setting.owners)):
            away.away = {FEED}
            answering.away = set()
            await answering.asked_again(FEED, 3)
            setting.clock.advance(1.9)
            await answering.asked_again(FEED, 3)
            setting.clock.advance(1.9)
            assert await verifier.check(setting.issuer.mint(), setting.api)
        setting.owners.away = {FEED}
        await other.asked_again(FEED)
        setting.clock.advance(2)
        await refused(verifier, setting, "c" * 32, NoLease, "lease")


async def test_two_heads_that_disagree_never_bring_a_dead_connection_back(setting, two_heads, ready):
    """A head that was left behind on a feed of the past: what the other told of stays."""
    other, heads = two_heads
    other.entries = []
    other.epoch = "epoch-0"
    setting.owners.kill()
    other.away = {FEED}
    async with setting.verifier(heads=heads) as verifier:
        await ready(verifier)
        await refused(verifier, setting, "c" * 32)
        other.away = set()
        for _ in range(10):
            await other.asked_again(FEED)
            with pytest.raises((InvalidToken, NoLease)):
                await verifier.check(setting.issuer.mint(), setting.api)


class Answering:
    def __init__(self, outcome):
        self.outcome = outcome

    async def send(self, method, path, *, params=None):
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


REFUSED = PeerRefused(Document(status=403, title="No.", code="caller_not_allowed"))
AWAY = PeerUnavailable("away")


@pytest.mark.parametrize("failure", [AWAY, REFUSED])
async def test_failure_of_one_head_is_no_answer_while_another_has_one(failure):
    assert await Heads([Answering(failure), Answering(b"page")]).send("GET", FEED) == b"page"


async def test_failure_of_all_heads_is_told():
    with pytest.raises(PeerRefused):
        await Heads([Answering(REFUSED)]).send("GET", FEED)
    with pytest.raises(PeerUnavailable):
        await Heads([Answering(AWAY), Answering(AWAY)]).send("GET", FEED)
    with pytest.raises(PeerUnavailable, match="no address"):
        await Heads([]).send("GET", FEED)
