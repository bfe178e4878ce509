"""``grant_type=client_credentials`` (RFC 6749 §4.4): a client's access to what it may do itself, without a user."""

from collections.abc import Callable

import msgspec

from latchkey_contracts.requests.clients import Gate
from latchkey_oauth import resource
from latchkey_oauth.client_auth import ClientCredentials
from latchkey_oauth.errors import (
    invalid_client,
    invalid_scope,
    invalid_target,
    temporarily_unavailable,
    unauthorized_client,
)
from latchkey_oauth.parameters import Parameters
from latchkey_token.clients.authentication import Authentication
from latchkey_token.domain.narrowing import narrower_words
from latchkey_token.domain.standing_connection import StandingConnection
from latchkey_token.grants.issuing import Issuer, TokenResponse
from latchkey_token.grants.minting import Minter
from latchkey_token.grants.standing import StandingConnections
from latchkey_token.rotation.gather import DroppedError, OutcomeUnknownError

GRANT_TYPE = "client_credentials"
_ATTEMPTS = 3


class OwnTokens:
    """``known`` are the audiences that there are, of which ``mcp`` is the one for MCP clients."""

    def __init__(
        self,
        authentication: Authentication,
        standing: StandingConnections,
        minter: Minter,
        issuer: Issuer,
        *,
        known: tuple[str, ...],
        mcp: str,
    ) -> None:
        self._authentication = authentication
        self._standing = standing
        self._minter = minter
        self._issuer = issuer
        self._known = known
        self._mcp = mcp

    async def answer(
        self, parameters: Parameters, credentials: ClientCredentials, gone: Callable[[], bool]
    ) -> TokenResponse:
        """An access token and no refresh token (§4.4.3); every refusal is an ``OAuthError``."""
        gate = await self._authentication.of(credentials)
        for attempt in range(_ATTEMPTS):
            _check(gate, credentials)
            standing = await self._standing.of(gate, again=attempt > 0)
            response = standing and await self._minted(standing, gate, parameters, gone)
            if response:
                return response
            gate = await self._authentication.again(credentials)
        raise temporarily_unavailable(private="the gate does not stand still")

    async def _minted(
        self, standing: StandingConnection, gate: Gate, parameters: Parameters, gone: Callable[[], bool]
    ) -> TokenResponse | None:
        audiences = self._audiences(standing, gate, parameters)
        narrowed = await self._narrowed(standing, parameters.get("scope"))
        try:
            at = await self._minter.mint(standing, narrowed.scope, gone)
        except DroppedError:
            raise temporarily_unavailable(private="dropped before it was sent") from None
        except OutcomeUnknownError:  # at worst an event tells of a token that nobody has
            raise temporarily_unavailable(private="outcome unknown") from None
        return None if at is None else self._issuer.own(narrowed, audiences, at)

    def _audiences(self, standing: StandingConnection, gate: Gate, parameters: Parameters) -> tuple[str, ...]:
        default = (self._mcp,) if gate.default_audience == "mcp" else self._known
        wanted = resource.audiences(parameters.resources, self._known, default) if parameters.resources else default
        if not set(wanted) <= set(standing.resources):
            raise invalid_target("The requested resource was not granted to this client.")
        return wanted

    async def _narrowed(self, standing: StandingConnection, asked: str | None) -> StandingConnection:
        words = narrower_words(asked, standing.scope) if asked else None
        if words is None:
            return standing
        document, scope = await self._standing.narrowed(standing, words)
        if not set(scope.split(" ")) <= set(standing.scope.split(" ")):
            raise invalid_scope("The request asks for more than the client had when its connection was made.")
        return msgspec.structs.replace(standing, document=document, scope=scope)


def _check(gate: Gate, credentials: ClientCredentials) -> None:
    """Only a client that proved itself by its secret acts for itself (§4.4), and only if its admin allows it."""
    if gate.client_type != "confidential" or not gate.client_credentials:
        raise unauthorized_client("This client may not use the client_credentials grant.")
    if not credentials.secrets:
        raise invalid_client("This grant needs the client's secret.", basic=credentials.basic, private="no secret")
