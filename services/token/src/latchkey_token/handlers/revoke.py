"""``POST /oauth/revoke`` (RFC 7009): a client ends one of its own connections."""

from aiohttp import web

from latchkey_contracts.events.token import TokenRefused
from latchkey_kit.db import Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_oauth.errors import invalid_grant
from latchkey_oauth.token_string import open_sealed
from latchkey_token.clients.authentication import Authentication
from latchkey_token.domain.connection import ConnectionState
from latchkey_token.handlers.forms import NO_STORE, read_credentials, read_form
from latchkey_token.keys.mac_keys import MacKeys
from latchkey_token.keys.signing import Signer
from latchkey_token.store import connections
from latchkey_token.store.kills import begin_one, kill_connection


class Revoke:
    """Takes a code, a refresh token of any generation or an access token, spent or expired ones too.

    ``token_type_hint`` is not needed to tell them apart, so no hint can lead astray (§2.1). ``lease`` in seconds.
    """

    def __init__(
        self,
        authentication: Authentication,
        keys: MacKeys,
        signer: Signer,
        database: Database,
        outbox: Outbox,
        *,
        lease: float,
    ) -> None:
        self._lease = lease
        self._authentication = authentication
        self._keys = keys
        self._signer = signer
        self._database = database
        self._outbox = outbox

    async def __call__(self, request: web.Request) -> web.Response:
        parameters = await read_form(request)
        token = parameters.require("token")
        # By the row: no statement here would meet a gate that has moved elsewhere.
        gate = await self._authentication.again(read_credentials(request, parameters))
        connection_id = self._connection_of(token)
        if connection_id is not None:
            await self._revoke(connection_id, gate.client)
        # What was never ours, or is dead already, is as good as revoked (§2.2).
        return web.Response(headers=NO_STORE)

    def _connection_of(self, token: str) -> str | None:
        sealed = open_sealed(token, self._keys.keys)
        if sealed is not None:
            return sealed.connection
        bearer = self._signer.read(token)
        return bearer.connection if bearer else None

    async def _revoke(self, connection_id: str, client: str) -> None:
        async with self._database.connection() as connection:
            row = await connections.read(connection, connection_id)
        if row is None:
            return
        if row.client != client:
            await self._refuse(row, client)
        async with self._database.transaction() as connection:
            await begin_one(connection)
            await kill_connection(
                connection,
                connection_id=connection_id,
                reason="revoked_by_client",
                outbox=self._outbox,
                lease=self._lease,
            )

    async def _refuse(self, row: ConnectionState, client: str) -> None:
        """Tell a client that the token is another's, as §2.1 demands. It held a genuine one, so it learns little."""
        if row.alive:
            event = TokenRefused(connection=row.id, reason="wrong_client", presented_by=client)
            async with self._database.transaction() as connection:
                await self._outbox.add(connection, event, tenant=row.tenant, user=row.user, client=row.client)
        raise invalid_grant(private="wrong_client")
