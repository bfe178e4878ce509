"""Asking the token service what a user has granted to a client already."""

import structlog

from latchkey_auth.authorization.front_door import Visit
from latchkey_auth.domain.people import Person, Tenant
from latchkey_contracts.requests.console import GrantsStanding, StandingGrant
from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable

log = structlog.get_logger()


class StandingGrants:
    def __init__(self, token: Peer) -> None:
        self._token = token

    async def of(self, visit: Visit, person: Person, tenant: Tenant) -> StandingGrant | None:
        """Give what stands, or ``None``. It is not needed to ask: without an answer, the user is asked for all."""
        question = GrantsStanding(tenant=tenant.id, user=person.user.id, client=visit.client.id)
        try:
            answer = await self._token.ask(question)
        except (PeerUnavailable, PeerRefused) as error:
            log.warning("standing_unknown", reason=str(error))
            return None
        return answer.grant
