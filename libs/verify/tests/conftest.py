"""A verifier on a clock that stands still, before owners that answer what the test says."""

import contextlib
import sys
from pathlib import Path

import aiohttp
import pytest

from latchkey_kit.requests import Peer
from latchkey_kit.testing import ManualClock, eventually
from latchkey_verify import VerifierSettings, verifying
from latchkey_verify.testing import Issuer, Owners

sys.path.insert(0, str(Path(__file__).parent))  # for `link` and `wire`
ORIGIN = "https://api.latchkey.test"


class Pushes:
    """The push channel: hands over what the test pushes, in the same tick."""

    def __init__(self):
        self.callback = None

    async def subscribe(self, subject, callback):
        assert subject == "lk.feed"
        self.callback = callback


class Setting:
    """Everything a test turns. ``async with setting.verifier(): …`` starts one more verifier."""

    def __init__(self, clock, issuer, owners):
        self.clock, self.issuer, self.owners = clock, issuer, owners
        self.api, self.mcp = f"{ORIGIN}/v1", f"{ORIGIN}/v1/mcp"
        self.pushes = Pushes()

    def push(self, *entries, head=0):
        self.pushes.callback(self.owners.push_of(*entries, head=head))

    @contextlib.asynccontextmanager
    async def verifier(self, pull_interval=0.01, heads=None):
        settings = VerifierSettings(
            issuer=ORIGIN, audiences=(self.api, self.mcp), name="records", lease=2.0, pull_interval=pull_interval
        )
        async with aiohttp.ClientSession() as session:
            peer = Peer(session, self.owners.url, "records", "secret")
            async with verifying(settings, heads or peer, peer, self.pushes, self.clock) as made:
                yield made


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
async def setting(clock):
    issuer = Issuer(ORIGIN, f"{ORIGIN}/v1", clock)
    owners = Owners(issuer)
    async with owners.serving():
        yield Setting(clock, issuer, owners)


@pytest.fixture
async def verifier(setting, ready):
    async with setting.verifier() as made:
        await ready(made)
        yield made


@pytest.fixture
def ready():
    async def wait(made):
        await eventually(lambda: made.problem() is None)

    return wait
