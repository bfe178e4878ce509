"""Client authentication at the token service (RFC 6749 §2.3, §3.2.1)."""

from latchkey_contracts.requests.clients import Gate
from latchkey_oauth.client_auth import ClientCredentials
from latchkey_oauth.errors import invalid_client
from latchkey_token.clients.failures import FailedAuthentications
from latchkey_token.clients.gates import Gates
from latchkey_token.clients.secret_uses import SecretUses
from latchkey_token.domain.client_proof import proof_shown


class Authentication:
    """Compares what a client shows with what its gate knows."""

    def __init__(self, gates: Gates, failures: FailedAuthentications, uses: SecretUses) -> None:
        self._gates = gates
        self._failures = failures
        self._uses = uses

    async def of(self, credentials: ClientCredentials) -> Gate:
        """The gate of an authenticated client; ``invalid_client`` for any other."""
        gate = await self._gates.find(credentials.client_id)
        if gate is not None and self._proven(gate, credentials):
            return gate
        if gate is None:
            raise invalid_client(basic=credentials.basic, private="unknown client")
        # What we remember may be older than a secret that was added elsewhere.
        return await self.again(credentials)

    async def again(self, credentials: ClientCredentials) -> Gate:
        """The same by the row, or by the owner's word where the row is outdated; for when a gate has moved."""
        gate = await self._gates.current(credentials.client_id)
        if gate is None or not self._proven(gate, credentials):
            if gate is not None:
                await self._failures.tell(gate, credentials)
            raise invalid_client(basic=credentials.basic, private="wrong or missing secret")
        return gate

    def _proven(self, gate: Gate, credentials: ClientCredentials) -> bool:
        shown = proof_shown(gate, credentials.secrets)
        if shown:
            self._uses.note(shown)
        return shown is not None
