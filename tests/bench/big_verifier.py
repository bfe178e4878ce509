"""A verifier with a million live entries, a process of its own: what it weighs, and what a check costs then.

Prints JSON: bytes, and microseconds.
"""

import asyncio
import json
import os
import statistics
import time

import machine

from latchkey_contracts.feed import CONNECTION, Entry, Page, mark
from latchkey_kit.clock import SystemClock
from latchkey_verify.feed import Feed
from latchkey_verify.keys import Keys
from latchkey_verify.lease import Lease
from latchkey_verify.testing import Issuer, Owners
from latchkey_verify.verifier import Verifier, VerifierSettings

ENTRIES, PAGE = 1_000_000, 5000
TOKENS, TIMES = 300, 100
_SALT = "5a" * 32
_ORIGIN, _AUDIENCE = "http://127.0.0.1", "http://127.0.0.1/v1"


class _Here:
    """Answers for the heads without a network."""

    def __init__(self, owners: Owners) -> None:
        self._owners = owners

    async def send(self, _method: str, _path: str, *, params: dict[str, str] | None = None) -> bytes:
        del params
        return json.dumps({"keys": [issuer.jwk() for issuer in self._owners.issuers]}).encode()


def filled() -> Feed:
    """A copy of the feed that pulls have filled."""
    feed, salt = Feed(), bytes.fromhex(_SALT)
    for start in range(0, ENTRIES, PAGE):
        entries = tuple(
            Entry(number, CONNECTION, mark(salt, CONNECTION, os.urandom(16).hex()).hex())
            for number in range(start + 1, start + PAGE + 1)
        )
        page = Page(epoch="e", head=start + PAGE, entries=entries, more=start + PAGE < ENTRIES, salt=_SALT)
        feed.apply(start, page)
    return feed


async def measure() -> dict[str, float]:
    clock = SystemClock()
    before = machine.resident()
    feed = filled()
    weight = machine.resident() - before
    issuer = Issuer(_ORIGIN, _AUDIENCE, clock)
    lease = Lease(clock, 3600)
    lease.renew(clock.boot())
    keys = Keys(_Here(Owners(issuer)), clock)
    settings = VerifierSettings(issuer=_ORIGIN, audiences=(_AUDIENCE,), name="bench")
    verifier = Verifier(settings, keys, feed, lease, None, clock)  # type: ignore[arg-type]  # rights are not asked for
    await keys.find(issuer.kid)
    tokens = [issuer.mint(sid=os.urandom(16).hex()) for _ in range(TOKENS)]
    cold = [await _timed(verifier, token) for token in tokens]
    begun = time.perf_counter()
    for _ in range(TIMES):
        for token in tokens:
            verifier.check_now(token, _AUDIENCE)
    warm = (time.perf_counter() - begun) / TIMES / TOKENS
    await keys.close()
    return {"bytes": weight, "cold": statistics.median(cold) * 1e6, "warm": warm * 1e6, "size": feed.size}


async def _timed(verifier: Verifier, token: str) -> float:
    begun = time.perf_counter()
    await verifier.check(token, _AUDIENCE)
    return time.perf_counter() - begun


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure())))
