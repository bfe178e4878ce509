"""What auth hands over to the token service: how people and tenants stand, and tenants' limits."""

from latchkey_contracts.requests.grants import TokenApply
from latchkey_contracts.requests.standing import Limits, Standing
from latchkey_kit import telling
from latchkey_kit.requests import Peer
from latchkey_kit.telling import Told


class Telling:
    def __init__(self, token: Peer) -> None:
        self._telling = telling.Telling(token)

    async def standing(self, standing: Standing) -> Told:
        """Tell how something stands. What never turned is known to everybody."""
        return await self._telling.tell(TokenApply(standings=(standing,))) if standing.turn else Told()

    async def limits(self, limits: Limits) -> Told:
        return await self._telling.tell(TokenApply(limits=limits)) if limits.revision else Told()
