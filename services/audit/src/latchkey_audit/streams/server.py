"""The streams server, as the audit service rules it: who has an account there, and the way to the stream."""

import base64
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec

from latchkey_audit.streams import claims
from latchkey_audit.streams.keys import Keys
from latchkey_audit.streams.nkey import Nkey
from latchkey_kit.clock import Clock
from latchkey_kit.messaging.bus import AWAY, Bus
from latchkey_kit.tasks import alongside

_ANSWER_SECONDS = 2.0


class StreamsError(Exception):
    """The streams server is away, or refuses. Asking again later does no harm: all that is asked is idempotent."""


class _Said(msgspec.Struct, frozen=True):
    """What the server says about itself: code and description, or a list of accounts."""

    code: int = 0
    message: str = ""
    description: str = ""


class _Answer(msgspec.Struct, frozen=True):
    data: _Said | list[str] = _Said()
    error: _Said | None = None


class Accounts:
    """The accounts that the server knows."""

    def __init__(self, bus: Bus, keys: Keys, clock: Clock) -> None:
        self._bus = bus
        self._keys = keys
        self._clock = clock

    async def push(self, account: str) -> None:
        """Tell the server of an account, by its JWT; known or not. Raises StreamsError."""
        await self._ask(claims.UPDATE, account)

    async def delete(self, accounts: Sequence[str]) -> None:
        """Remove accounts, by public key, known or not; who is connected in one of them is cut. Raises StreamsError."""
        if accounts:
            await self._ask(claims.DELETE, claims.deletion(self._keys, accounts, self._clock.now()))

    async def known(self) -> set[str]:
        """Ask for the public keys of all accounts, the system's and the platform's too. Raises StreamsError."""
        listed = (await self._ask(claims.LIST, "")).data
        if isinstance(listed, _Said):
            raise StreamsError("the streams server does not list its accounts")
        return set(listed)

    async def _ask(self, subject: str, body: str) -> _Answer:
        try:
            answer = await self._bus.client.request(subject, body.encode(), timeout=_ANSWER_SECONDS)
            said = msgspec.json.decode(answer.data, type=_Answer)
        except AWAY as error:
            raise StreamsError(f"the streams server does not answer: {type(error).__name__}") from error
        except msgspec.DecodeError as error:
            raise StreamsError("the streams server answers something else") from error
        if said.error is not None:
            raise StreamsError(f"the streams server refuses: {said.error.description or said.error.message}")
        return said


@contextlib.asynccontextmanager
async def ruling(url: str, keys: Keys, clock: Clock) -> AsyncIterator[Accounts]:
    """Be connected as who makes and removes accounts, for the time of the block; it begins without the server, too."""
    user = keys.system.user
    options = _options(url, claims.SYSTEM_INBOX, user, lambda: claims.system_user(keys, clock.now()))
    async with _connected("streams-system", options) as bus:
        yield Accounts(bus, keys, clock)


def platform(url: str, keys: Keys, clock: Clock) -> AbstractAsyncContextManager[Bus]:
    """Be connected as who owns the streams, for the time of the block; it begins without the server, too."""
    return _connected("streams-platform", platform_options(url, keys, clock))


def platform_options(url: str, keys: Keys, clock: Clock) -> dict[str, Any]:
    """Give what a NATS client must know to connect as who owns the streams."""
    user = keys.platform.user
    return _options(url, claims.PLATFORM_INBOX, user, lambda: claims.platform_user(keys, clock.now()))


def _options(url: str, inbox: str, user: Nkey, jwt: Callable[[], str]) -> dict[str, Any]:
    return {
        "servers": url.split(","),
        "name": "audit",
        "inbox_prefix": inbox,
        "user_jwt_cb": lambda: jwt().encode(),
        "signature_cb": lambda nonce: base64.b64encode(user.sign(nonce.encode())),
    }


@contextlib.asynccontextmanager
async def _connected(name: str, options: dict[str, Any]) -> AsyncIterator[Bus]:
    bus = Bus(name)
    async with alongside(bus.stay(**options)):
        yield bus
