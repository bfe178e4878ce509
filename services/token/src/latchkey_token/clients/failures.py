"""Telling of clients that could not show who they are, to the tenant that made them."""

from latchkey_contracts.events.token import TokenAuthenticationFailed
from latchkey_contracts.requests.clients import Gate
from latchkey_kit.messaging.sparing import Sparing, Telling
from latchkey_oauth.client_auth import ClientCredentials


class FailedAuthentications:
    """Nothing of what was shown is kept. Of a client that nobody knows there is nobody to tell."""

    def __init__(self, refusals: Sparing) -> None:
        self._refusals = refusals

    async def tell(self, gate: Gate, credentials: ClientCredentials) -> None:
        reason = "barred" if gate.barred else "wrong_secret" if credentials.secrets else "no_secret"

        def event(times: int) -> TokenAuthenticationFailed:
            return TokenAuthenticationFailed(client=gate.client, reason=reason, times=times)

        telling = Telling(event=event, tenant=gate.tenant, client=gate.client)
        await self._refusals.tell((TokenAuthenticationFailed, gate.client), telling)
