"""An owner hands over to the token service what it has just committed, before it answers for it."""

import datetime as dt

import msgspec
import structlog

from latchkey_contracts.requests.grants import TokenApply
from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable

log = structlog.get_logger()


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """``pending``: the token service could not be told, so the event will; until then all is as before there.

    ``effective_at``: when it is in force everywhere at the latest, if known.
    """

    pending: bool = False
    effective_at: dt.datetime | None = None


class Telling:
    def __init__(self, token: Peer) -> None:
        self._token = token

    async def tell(self, fact: TokenApply) -> Told:
        """Hand over what is committed. It never fails: the event is the fallback."""
        try:
            applied = await self._token.ask(fact)
        except PeerUnavailable as error:
            log.warning("token_not_told", reason=str(error))
        except PeerRefused as refused:
            log.exception("token_not_told", reason=refused.problem.title, problem=refused.problem.code)
        else:
            return Told(effective_at=applied.effective_at)
        return Told(pending=True)
