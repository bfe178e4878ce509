"""Exchanging a code or refresh token: the steps that both grant types share."""

from collections.abc import Callable

import msgspec

from latchkey_contracts.events.token import TokenRefreshed
from latchkey_contracts.requests.clients import Gate
from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging.outbox import Outbox
from latchkey_oauth.client_auth import ClientCredentials
from latchkey_oauth.errors import invalid_grant, temporarily_unavailable
from latchkey_oauth.parameters import Parameters
from latchkey_oauth.token_string import NONCE_SIZE, Presented, open_sealed, secret_hash
from latchkey_token.clients.authentication import Authentication
from latchkey_token.domain import narrowing
from latchkey_token.domain.connection import ConnectionState
from latchkey_token.domain.presentation import Presentation
from latchkey_token.domain.verdict import Verdict, judge
from latchkey_token.grants.grant import Asked, Grant
from latchkey_token.grants.issuing import Issuer, TokenResponse
from latchkey_token.grants.refusals import Refusals
from latchkey_token.keys.mac_keys import MacKeys
from latchkey_token.rotation.gather import DroppedError, OutcomeUnknownError
from latchkey_token.rotation.rotator import Rotator
from latchkey_token.rotation.unanswered import Unanswered
from latchkey_token.store import connections
from latchkey_token.store.rotation import Rotation

_ATTEMPTS = 3


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A token request of an authenticated client. ``gone`` tells whether the caller hung up."""

    grant: Grant
    parameters: Parameters
    credentials: ClientCredentials
    gate: Gate
    gone: Callable[[], bool]


class Exchange:
    """``known`` are the audiences that there are."""

    def __init__(
        self,
        *,
        database: Database,
        outbox: Outbox,
        entropy: Entropy,
        keys: MacKeys,
        authentication: Authentication,
        rotator: Rotator,
        issuer: Issuer,
        refusals: Refusals,
        unanswered: Unanswered,
        known: tuple[str, ...],
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._entropy = entropy
        self._keys = keys
        self._authentication = authentication
        self._rotator = rotator
        self._issuer = issuer
        self._refusals = refusals
        self._unanswered = unanswered
        self._known = known

    async def answer(self, request: TokenRequest) -> TokenResponse:
        """The tokens; every refusal is an ``OAuthError``."""
        token = open_sealed(request.parameters.require(request.grant.parameter), self._keys.keys)
        if token is None or token.kind != request.grant.kind:
            raise invalid_grant(private="noise")
        gate = request.gate
        for _ in range(_ATTEMPTS):
            response = await self._attempt(request, gate, token)
            if response is not None:
                return response
            gate = await self._authentication.again(request.credentials)
        raise temporarily_unavailable(private="the gate does not stand still")

    async def _attempt(self, request: TokenRequest, gate: Gate, token: Presented) -> TokenResponse | None:
        asked = request.grant.read(request.parameters, gate)
        shown = Presentation(
            token=token, client=gate.client, redirect_hash=asked.redirect_hash, verifier=asked.verifier
        )
        narrowed = await self._narrowed(shown, asked)
        response = await self._rotated(shown, gate, narrowed, request.gone)
        return response or await self._judged(shown, gate, narrowed)

    async def _narrowed(self, shown: Presentation, asked: Asked) -> tuple[str, ...] | None:
        """Check what the request names before it joins, by one plain read; ``None`` when it names nothing."""
        if not asked.resources and asked.scope is None:
            return None
        row = await self._read(shown)
        if row is None or not row.alive or row.client != shown.client:
            return None
        narrowing.check_scope(asked.scope, row)
        return narrowing.audiences(asked.resources, self._known, row)

    async def _rotated(
        self, shown: Presentation, gate: Gate, audiences: tuple[str, ...] | None, gone: Callable[[], bool]
    ) -> TokenResponse | None:
        nonce = self._entropy.bytes(NONCE_SIZE)
        secret = self._issuer.successor(shown, nonce)
        rotation = Rotation(
            id=shown.token.connection,
            generation=shown.generation,
            hash=shown.hash,
            client=gate.client,
            revision=gate.revision,
            redirect_hash=shown.redirect_hash,
            verifier=shown.verifier,
            next_hash=secret_hash(secret),
            nonce=nonce,
        )
        try:
            rotated = await self._rotator.rotate(rotation, gone)
        except DroppedError:
            raise temporarily_unavailable(private="dropped before it was sent") from None
        except OutcomeUnknownError:
            await self._unanswered.mark(rotation.id, rotation.generation)
            raise temporarily_unavailable(private="outcome unknown") from None
        if rotated is None:
            return None
        response = self._issuer.response(rotated, secret, audiences or rotated.resources, rotated.at)
        if gone():
            await self._unanswered.mark(rotation.id, rotation.generation)
        return response

    async def _judged(self, shown: Presentation, gate: Gate, audiences: tuple[str, ...] | None) -> TokenResponse | None:
        row = await self._read(shown)
        lost = self._unanswered.holds(shown.token.connection, shown.generation)
        verdict = judge(row, shown, retry_window=gate.retry_window, unanswered=lost)
        if verdict is Verdict.CURRENT:
            return None
        if verdict is Verdict.AGAIN and row is not None:
            return await self._again(row, shown, gate, audiences or row.resources)
        raise await self._refusals.settle(verdict, row, shown)

    async def _again(
        self, row: ConnectionState, shown: Presentation, gate: Gate, audiences: tuple[str, ...]
    ) -> TokenResponse | None:
        """The same refresh token as the first time, if the connection still stands as it was judged."""
        secret = self._issuer.successor(shown, row.nonce or bytes(NONCE_SIZE))
        if secret_hash(secret) != row.current_hash:
            raise await self._refusals.settle(Verdict.AHEAD, row, shown)
        event = TokenRefreshed(connection=row.id, generation=row.generation, again=True)
        async with self._database.transaction() as connection:
            if not await connections.hold(
                connection, connection_id=row.id, generation=row.generation, revision=gate.revision
            ):
                return None
            await self._outbox.add(connection, event, tenant=row.tenant, user=row.user, client=row.client)
        return self._issuer.response(row, secret, audiences, row.now)

    async def _read(self, shown: Presentation) -> ConnectionState | None:
        async with self._database.connection() as connection:
            return await connections.read(connection, shown.token.connection)
