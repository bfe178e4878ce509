"""``POST /oauth/token`` (RFC 6749 §3.2)."""

import contextlib
from collections.abc import Iterator, Mapping

import msgspec
from aiohttp import web

from latchkey_contracts.requests.clients import Gate
from latchkey_kit.telemetry import metrics
from latchkey_oauth.client_auth import ClientCredentials
from latchkey_oauth.errors import OAuthError, unsupported_grant_type
from latchkey_oauth.parameters import Parameters
from latchkey_token.clients.authentication import Authentication
from latchkey_token.grants.authorization_code import AUTHORIZATION_CODE
from latchkey_token.grants.client_credentials import GRANT_TYPE as CLIENT_CREDENTIALS
from latchkey_token.grants.client_credentials import OwnTokens
from latchkey_token.grants.exchange import Exchange, TokenRequest
from latchkey_token.grants.grant import Grant
from latchkey_token.grants.issuing import TokenResponse
from latchkey_token.grants.refresh_token import REFRESH_TOKEN
from latchkey_token.grants.refusals import Refusals
from latchkey_token.handlers.forms import NO_STORE, read_credentials, read_form

GRANTS: Mapping[str, Grant] = {"authorization_code": AUTHORIZATION_CODE, "refresh_token": REFRESH_TOKEN}


class Token:
    """Authenticates the client, then leaves the rest to the exchange, or to what a client gets for itself."""

    def __init__(
        self, authentication: Authentication, exchange: Exchange, refusals: Refusals, own_tokens: OwnTokens
    ) -> None:
        self._authentication = authentication
        self._exchange = exchange
        self._refusals = refusals
        self._own_tokens = own_tokens

    async def __call__(self, request: web.Request) -> web.Response:
        parameters = await read_form(request)
        grant_type = parameters.require("grant_type")
        grant = GRANTS.get(grant_type)
        if grant is None and grant_type != CLIENT_CREDENTIALS:
            raise unsupported_grant_type()
        with _counting(grant_type):
            response = await self._answer(request, grant, parameters)
        return web.Response(body=msgspec.json.encode(response), content_type="application/json", headers=NO_STORE)

    async def _answer(self, request: web.Request, grant: Grant | None, parameters: Parameters) -> TokenResponse:
        credentials = read_credentials(request, parameters)

        def gone() -> bool:
            return request.transport is None or request.transport.is_closing()

        if grant is None:
            return await self._own_tokens.answer(parameters, credentials, gone)
        gate = await self._authenticated(credentials, grant, parameters)
        return await self._exchange.answer(
            TokenRequest(grant=grant, parameters=parameters, credentials=credentials, gate=gate, gone=gone)
        )

    async def _authenticated(self, credentials: ClientCredentials, grant: Grant, parameters: Parameters) -> Gate:
        try:
            return await self._authentication.of(credentials)
        except OAuthError:
            shown = parameters.get(grant.parameter)
            await self._refusals.failed_authentication(grant, shown, credentials.client_id)
            raise


@contextlib.contextmanager
def _counting(grant_type: str) -> Iterator[None]:
    """Count how a request of a known grant type ends."""
    outcome = "failed"
    try:
        yield
        outcome = "issued"
    except OAuthError as error:
        outcome = error.code
        raise
    finally:
        metrics.token_outcome(grant_type, outcome).inc()
