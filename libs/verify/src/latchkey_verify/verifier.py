"""The verifier: one object that a resource server asks whether a token is good and what it may do."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, NoReturn, Protocol

import msgspec
import structlog

from latchkey_contracts.feed import PUSH_SUBJECT, Page
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy, SystemEntropy
from latchkey_kit.requests import Peer, PeerUnavailable
from latchkey_kit.tasks import alongside
from latchkey_verify import metrics, tokens
from latchkey_verify.bearer import Bearer
from latchkey_verify.cut import Cut
from latchkey_verify.errors import InvalidToken, NoLease
from latchkey_verify.feed import Feed
from latchkey_verify.heads import Heads
from latchkey_verify.keys import Keys
from latchkey_verify.lease import Lease
from latchkey_verify.lru import Lru
from latchkey_verify.pull import Puller
from latchkey_verify.rights import Effective, RightsCopy
from latchkey_verify.streams import Reason, Streams

MOST_TOKENS: Final = 16_384
"""Verified tokens in memory, by the SHA-256 of their text."""
_PAUSE = 0.02
log = structlog.get_logger()


class VerifierSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` is the resource server's; heads know each process of it by a name of its own that begins with it.

    ``lease`` and ``pull_interval`` are in seconds.
    """

    issuer: str
    audiences: tuple[str, ...]
    name: str
    lease: float = 2.0
    pull_interval: float = 0.25


class Bus(Protocol):
    """What hears the pushes."""

    async def subscribe(self, subject: str, callback: Callable[[bytes], None]) -> Any: ...


class Verifier:
    """Made by `verifying`. What is warm costs a hash and a few look-ups; lease and kills are asked every time."""

    def __init__(
        self, settings: VerifierSettings, keys: Keys, feed: Feed, lease: Lease, rights: RightsCopy, clock: Clock
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._feed = feed
        self._lease = lease
        self._rights = rights
        self._clock = clock
        self._known: Lru[bytes, Bearer] = Lru(MOST_TOKENS)
        self._streams = Streams(feed, lease, self)
        feed.heard = self._streams.killed

    async def check(self, token: str, audience: str) -> Bearer:
        """Check an access token for one of our audiences, by exact value.

        Raises:
            InvalidToken: it is malformed, not ours, expired, for another audience, or its connection is dead.
            NoLease: we cannot tell right now.

        """
        bearer = self.check_now(token, audience)
        if bearer is not None:
            return bearer
        try:
            bearer = await self._read(token)
            self._require_audience(bearer, audience)
            self.confirm(bearer)
        except (InvalidToken, NoLease) as error:
            metrics.refused(error)
            raise
        metrics.accepted.inc()
        return bearer

    def check_now(self, token: str, audience: str) -> Bearer | None:
        """Do what `check` does, without waiting; ``None`` for a token not seen yet, which needs `check`."""
        try:
            bearer = self._recall(token, audience)
        except (InvalidToken, NoLease) as error:
            metrics.refused(error)
            raise
        if bearer is not None:
            metrics.accepted.inc()
        return bearer

    def confirm(self, bearer: Bearer) -> None:
        """Check again that a bearer is alive: before a write commits, before the first byte, on an open stream.

        Raises:
            InvalidToken: it has expired, or its connection is dead.
            NoLease: we cannot tell right now.

        """
        self._require_lease()
        self._require_alive(bearer)

    async def until_dead(self, bearer: Bearer) -> NoReturn:
        """Wait until `confirm` would refuse the bearer, and raise as it does then."""
        over: asyncio.Future[NoReturn] = asyncio.get_running_loop().create_future()

        def end(reason: Reason) -> None:
            if not over.done():
                over.set_exception(reason)

        with self._streams.watching(bearer, end):
            await over

    def while_alive(self, bearer: Bearer, *, armed: bool = True) -> Cut:
        """Give an ``async with`` block that is cancelled as soon as `confirm` would refuse, and raises as it does."""
        return Cut(self._streams, bearer, armed=armed)

    async def rights(self, bearer: Bearer) -> Effective:
        """Give what a checked bearer may do now.

        Raises:
            RightsUnavailable: it is not known freshly enough.
            InvalidToken: it has died meanwhile.
            NoLease: we cannot tell right now.

        """
        effective = await self._rights.of(bearer)
        self.confirm(bearer)
        return effective

    def problem(self) -> str | None:
        """Why tokens cannot be checked right now, in one sentence; ``None`` when they can."""
        if self._feed.trouble is not None:
            return self._feed.trouble
        if not self._feed.complete:
            return "the feed of heads (HEADS_URLS) has not been read in full yet"
        if not self._lease.held():
            return "no heads (HEADS_URLS) has answered for a lease"
        return None if self._keys else "the signing keys are not known yet"

    async def ready(self) -> None:
        """Wait until tokens can be checked."""
        while self.problem() is not None:  # noqa: ASYNC110 - what it waits for comes from four places
            await asyncio.sleep(_PAUSE)

    async def readiness(self) -> str | None:
        """`problem` as a check of `latchkey_kit.web.health`."""
        return self.problem()

    def hear(self, body: bytes) -> None:
        """Take a pushed page in. What cannot be read is left to the next pull."""
        try:
            page = msgspec.json.decode(body, type=Page)
        except msgspec.MsgspecError:
            log.warning("push_unreadable", size=len(body))
            return
        self._feed.hear(page)

    async def watch_streams(self, interval: float) -> None:
        """Look after open streams, for ever."""
        await self._streams.run(interval)

    def _recall(self, token: str, audience: str) -> Bearer | None:
        self._require_lease()
        digest = _digest(token)
        known = self._known.get(digest)
        if known is None:
            return None
        if self._keys.get(known.kid) is None:
            self._known.discard(digest)
            return None
        self._require_audience(known, audience)
        self._require_alive(known)
        return known

    async def _read(self, token: str) -> Bearer:
        kid = tokens.kid_of(token)
        try:
            key = await self._keys.find(kid)
        except PeerUnavailable as error:
            raise NoLease(str(error)) from error
        if key is None:
            raise InvalidToken("unknown_key")
        bearer = tokens.read(token, key, self._settings.issuer, self._clock.now())
        if bearer.expires > self._clock.now():
            self._known.put(_digest(token), bearer)
        return bearer

    def _require_audience(self, bearer: Bearer, audience: str) -> None:
        if audience not in self._settings.audiences:
            raise ValueError(f"{audience} is no audience of this verifier")
        if audience not in bearer.audiences:
            raise InvalidToken("wrong_audience")

    def _require_alive(self, bearer: Bearer) -> None:
        if bearer.expires <= self._clock.now():
            raise InvalidToken("expired")
        if self._feed.is_dead(bearer):
            raise InvalidToken("revoked")

    def _require_lease(self) -> None:
        if self._feed.trouble is not None or not self._lease.held():
            raise NoLease(self.problem() or "no lease")


@contextlib.asynccontextmanager
async def verifying(
    settings: VerifierSettings,
    heads: Heads | Peer,
    permissions: Peer,
    bus: Bus | None,
    clock: Clock,
    entropy: Entropy | None = None,
) -> AsyncIterator[Verifier]:
    """Keep a verifier supplied for the time of the block. It starts without a lease and never blocks the start.

    Without a ``bus`` there are no pushes: a kill then takes one pull.
    """
    feed, lease = Feed(), Lease(clock, settings.lease)
    keys, rights = Keys(heads, clock), RightsCopy(permissions, feed)
    verifier = Verifier(settings, keys, feed, lease, rights, clock)
    name = f"{settings.name}-{(entropy or SystemEntropy()).bytes(6).hex()}"
    puller = Puller(heads, feed, lease, clock, name, settings.pull_interval)
    if bus is not None:
        await bus.subscribe(PUSH_SUBJECT, verifier.hear)
    try:
        with metrics.showing(settings.name, feed, lease):
            async with (
                alongside(puller.run()),
                alongside(keys.run()),
                alongside(verifier.watch_streams(settings.pull_interval)),
            ):
                yield verifier
    finally:
        await keys.close()
        await rights.close()


def _digest(token: str) -> bytes:
    if len(token) > tokens.LONGEST or not token.isascii():
        raise InvalidToken("malformed")
    return hashlib.sha256(token.encode()).digest()
