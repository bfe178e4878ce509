"""``POST /oauth/introspect`` (RFC 7662): whether a token is good, and for what."""

import msgspec
from aiohttp import web

from latchkey_contracts.ids import is_id
from latchkey_oauth.client_auth import ClientCredentials
from latchkey_oauth.errors import invalid_client
from latchkey_oauth.token_string import open_sealed
from latchkey_token.clients.authentication import Authentication
from latchkey_token.clients.resource_servers import ResourceServers
from latchkey_token.domain.introspection import INACTIVE, Answer, Asker, of_access_token, of_refresh_token
from latchkey_token.handlers.forms import NO_STORE, read_credentials, read_form
from latchkey_token.introspection.reading import Reading
from latchkey_token.keys.mac_keys import MacKeys
from latchkey_token.keys.signing import Signer
from latchkey_token.store.introspection import Asked


class Introspect:
    """Tells clients of their own tokens and resource servers of those for them, as the database has it now.

    Of every other token, whatever is wrong with it, it says that it is not active. ``token_type_hint`` is not needed
    to tell tokens apart (§2.1). ``issuer`` is the API origin.
    """

    def __init__(
        self,
        authentication: Authentication,
        resource_servers: ResourceServers,
        keys: MacKeys,
        signer: Signer,
        reading: Reading,
        *,
        issuer: str,
    ) -> None:
        self._authentication = authentication
        self._resource_servers = resource_servers
        self._keys = keys
        self._signer = signer
        self._reading = reading
        self._issuer = issuer

    async def __call__(self, request: web.Request) -> web.Response:
        parameters = await read_form(request)
        asker = await self._asker(read_credentials(request, parameters))
        answer = await self._answer(parameters.require("token"), asker)
        return web.Response(body=msgspec.json.encode(answer), content_type="application/json", headers=NO_STORE)

    async def _asker(self, credentials: ClientCredentials) -> Asker:
        """Only who proves itself may ask (§2.1): public clients cannot, and by a name alone nobody does."""
        name = credentials.client_id
        if not credentials.secrets:
            raise invalid_client(
                "Introspection needs a client secret.", basic=credentials.basic, private="no secret was shown"
            )
        if is_id(name):
            gate = await self._authentication.of(credentials)
            if gate.client_type != "confidential":
                raise invalid_client(
                    "Introspection needs a client secret.", basic=credentials.basic, private="a public client"
                )
            return Asker(client=name)
        audience = await self._resource_servers.audience_of(name, credentials.secrets)
        if audience is None:
            raise invalid_client(basic=credentials.basic, private="unknown resource server or wrong secret")
        return Asker(audience=audience)

    async def _answer(self, token: str, asker: Asker) -> Answer:
        sealed = open_sealed(token, self._keys.keys)
        if sealed is not None:
            if sealed.kind != "refresh" or asker.client is None:
                return INACTIVE
            found = await self._reading.of(Asked(sealed.connection))
            return of_refresh_token(sealed, found, asker, self._issuer) if found else INACTIVE
        known = self._signer.recognise(token)
        if known is None:
            return INACTIVE
        found = await self._reading.of(Asked(known.claims.sid, bytes.fromhex(known.claims.prm)))
        return of_access_token(known.claims, known.kid, found, asker) if found else INACTIVE
