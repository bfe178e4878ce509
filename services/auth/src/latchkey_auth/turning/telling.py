"""Handing over to the token service what was just committed. When that fails, the event brings it."""

import datetime as dt

import msgspec
import structlog

from latchkey_contracts.requests.grants import TokenApply
from latchkey_contracts.requests.standing import Limits, Standing
from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable

log = structlog.get_logger()


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """``pending``: it could not be told. ``effective_at``: when it is in force everywhere at the latest, if known."""

    pending: bool = False
    effective_at: dt.datetime | None = None


class Telling:
    def __init__(self, token: Peer) -> None:
        self._token = token

    async def standing(self, standing: Standing) -> Told:
        """Tell how something stands. What never turned is known to everybody."""
        return await self._tell(TokenApply(standings=(standing,))) if standing.turn else Told()

    async def limits(self, limits: Limits) -> Told:
        return await self._tell(TokenApply(limits=limits)) if limits.revision else Told()

    async def _tell(self, question: TokenApply) -> Told:
        try:
            applied = await self._token.ask(question)
        except (PeerUnavailable, PeerRefused) as error:
            log.warning("token_not_told", reason=str(error))
            return Told(pending=True)
        return Told(effective_at=applied.effective_at)
