"""Telling of refusals for want of a right, for services that have an outbox."""

from latchkey_contracts.events.access import AccessRefused
from latchkey_kit.messaging.sparing import Sparing, Telling
from latchkey_verify.bearer import Bearer
from latchkey_verify.lacking import LackingRight


class RefusedAccess:
    """The same connection's refusals of the same action are told at once, then counted for a minute."""

    def __init__(self, sparing: Sparing) -> None:
        self._sparing = sparing

    async def tell(self, bearer: Bearer, lacking: LackingRight) -> None:
        def event(times: int) -> AccessRefused:
            return AccessRefused(
                user=bearer.user,
                client=bearer.client,
                connection=bearer.connection,
                model=lacking.model,
                action=lacking.action,
                lacking=lacking.words,
                times=times,
            )

        telling = Telling(event=event, tenant=bearer.tenant, user=bearer.user, client=bearer.client)
        await self._sparing.tell((AccessRefused, bearer.connection, lacking.model, lacking.action), telling)
