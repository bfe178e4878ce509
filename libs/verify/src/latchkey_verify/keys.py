"""The keys that access tokens are signed with (RFC 7517), from the token service's internal port."""

import asyncio
from typing import Any, Final, Literal, Protocol

import jwt
import msgspec
import structlog

from latchkey_kit.clock import Clock
from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_oauth.metadata import JWKS_PATH
from latchkey_verify.flights import Flights
from latchkey_verify.tokens import ALGORITHM

REFETCH_AFTER: Final = 10.0
"""Seconds between two questions about unknown keys, however many tokens name some."""
RETRY_AFTER: Final = 0.5
"""Seconds until we ask again after no answer."""
REFRESH_EVERY: Final = 300.0
"""Seconds after which a key that was withdrawn is forgotten at the latest."""
log = structlog.get_logger()


class Source(Protocol):
    """What is asked of the token service."""

    async def send(self, method: str, path: str) -> bytes: ...


class _Key(msgspec.Struct, frozen=True):
    """An entry of the set; members that we do not know, the private one included, are not read."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    kid: str
    alg: Literal["ES256"] = "ES256"
    use: Literal["sig"] = "sig"


class _Set(msgspec.Struct, frozen=True):
    keys: tuple[dict[str, Any], ...]


class Keys:
    """A copy of the key set. An unknown kid asks again, in one flight and not too often."""

    def __init__(self, source: Source, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._flights: Flights[None, None] = Flights()
        self._not_before = 0.0
        self._heard = False

    def __bool__(self) -> bool:
        return bool(self._keys)

    def get(self, kid: str) -> jwt.PyJWK | None:
        return self._keys.get(kid)

    async def find(self, kid: str) -> jwt.PyJWK | None:
        """Give a key, asking for it if need be; ``None``: the token service knows of no such key.

        Raises:
            PeerUnavailable: the token service did not answer, so nobody can tell.

        """
        if kid not in self._keys and self._clock.boot() >= self._not_before:
            await self.refresh()
        key = self._keys.get(kid)
        if key is None and not self._heard:
            raise PeerUnavailable("the signing keys are not known")
        return key

    async def refresh(self) -> None:
        """Ask for the set, once for all who want it now. Without an answer the copy stays."""
        await self._flights.join(None, self._fetch)

    async def _fetch(self) -> None:
        try:
            self._keys = _read(await self._source.send("GET", JWKS_PATH))
            self._heard = True
        except (PeerUnavailable, PeerRefused) as error:
            log.warning("signing_keys_unavailable", reason=str(error))
            self._heard = False
        self._not_before = self._clock.boot() + (REFETCH_AFTER if self._heard else RETRY_AFTER)

    async def run(self) -> None:
        """Keep the copy fresh, for ever."""
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_EVERY if self._heard else RETRY_AFTER)

    async def close(self) -> None:
        await self._flights.close()


def _read(body: bytes) -> dict[str, jwt.PyJWK]:
    try:
        entries = msgspec.json.decode(body, type=_Set).keys
    except msgspec.MsgspecError as error:
        raise PeerUnavailable("the key set is not understood") from error
    usable = {key.key_id: key for key in map(_usable, entries) if key is not None and key.key_id}
    if not usable:
        raise PeerUnavailable("the key set holds no key that we can use")
    return usable


def _usable(entry: dict[str, Any]) -> jwt.PyJWK | None:
    """Build a verification key, or nothing: keys of other kinds are not for us."""
    try:
        key = msgspec.convert(entry, _Key)
        return jwt.PyJWK({"kty": "EC", "crv": key.crv, "x": key.x, "y": key.y, "kid": key.kid}, ALGORITHM)
    except (msgspec.ValidationError, jwt.PyJWTError, ValueError):
        return None
