"""The keys of actor assertions: asked for when one is not known, by one for all who wait, and not too often."""

import asyncio
import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from latchkey_contracts.requests.console import ActorKeysAnswer
from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.testing import ManualClock
from latchkey_verify.people import ActorKeys


class Auth:
    """The auth service, which answers when it is let."""

    def __init__(self):
        self.asked, self.away, self.let = 0, False, asyncio.Event()

    async def ask(self, _question):
        self.asked += 1
        await self.let.wait()
        if self.away:
            raise PeerUnavailable("away")
        raw = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
        return ActorKeysAnswer(keys={"known": base64.urlsafe_b64encode(raw).rstrip(b"=").decode()})


@pytest.fixture
def auth():
    return Auth()


@pytest.fixture
def clock():
    return ManualClock()


async def test_all_who_come_before_the_first_answer_get_it(auth, clock):
    keys = ActorKeys(auth, clock)
    waiting = [asyncio.create_task(keys.find("known")) for _ in range(5)]
    await asyncio.sleep(0)
    auth.let.set()
    assert None not in await asyncio.gather(*waiting)
    assert auth.asked == 1


async def test_an_unknown_key_is_asked_for_once_a_second(auth, clock):
    keys = ActorKeys(auth, clock)
    auth.let.set()
    assert [await keys.find("other") for _ in range(3)] == [None] * 3
    assert auth.asked == 1
    clock.advance(1)
    assert await keys.find("other") is None
    assert auth.asked == 2


async def test_while_auth_is_away_everybody_asks_anew(auth, clock):
    keys = ActorKeys(auth, clock)
    auth.let.set()
    auth.away = True
    for _ in range(2):
        with pytest.raises(PeerUnavailable):
            await keys.find("known")
    auth.away = False
    assert await keys.find("known") is not None
