"""What a refusal leaves behind: an event, and for a replay the end of the connection."""

import datetime as dt

import structlog

from latchkey_contracts.events.token import TokenRefused, TokenReused
from latchkey_contracts.ids import is_id
from latchkey_kit.db import Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_oauth.errors import OAuthError, invalid_grant
from latchkey_oauth.token_string import open_sealed
from latchkey_token.domain.connection import ConnectionState
from latchkey_token.domain.presentation import Presentation
from latchkey_token.domain.verdict import Verdict
from latchkey_token.grants.grant import Grant
from latchkey_token.keys.mac_keys import MacKeys
from latchkey_token.store import connections
from latchkey_token.store.kills import begin_one, kill_connection

log = structlog.get_logger()


class Refusals:
    """Writes what happened, and returns the error to raise. ``lease`` in seconds."""

    def __init__(self, database: Database, outbox: Outbox, keys: MacKeys, *, lease: float) -> None:
        self._database = database
        self._lease = lease
        self._outbox = outbox
        self._keys = keys

    async def settle(self, verdict: Verdict, row: ConnectionState | None, shown: Presentation) -> OAuthError:
        """Do what a verdict demands."""
        match verdict:
            case Verdict.REPLAY if row is not None:
                await self._kill(row, shown)
            case Verdict.WRONG_CLIENT | Verdict.WRONG_REDIRECT | Verdict.WRONG_VERIFIER if row is not None:
                await self._tell(row, verdict.value, shown.client)
            case Verdict.AHEAD:
                log.error(
                    "commits_were_lost", connection=shown.token.connection, presented=shown.generation,
                    current=row.generation if row else None,
                )  # fmt: skip
            case _:
                pass
        return invalid_grant(private=verdict.value)

    async def failed_authentication(self, grant: Grant, text: str | None, client: str) -> None:
        """Note that a genuine, living code or refresh token was brought by somebody who is not its client."""
        token = open_sealed(text, self._keys.keys) if text else None
        if token is None or token.kind != grant.kind:
            return
        async with self._database.connection() as connection:
            row = await connections.read(connection, token.connection)
        if row is not None and row.alive:
            await self._tell(row, "client_authentication_failed", client)

    async def _kill(self, row: ConnectionState, shown: Presentation) -> None:
        async with self._database.transaction() as connection:
            await begin_one(connection)
            killed = await kill_connection(
                connection, connection_id=row.id, reason="replay", outbox=self._outbox, lease=self._lease,
                cause=lambda effective_by: _evidence(row, shown, effective_by),
            )  # fmt: skip
        if killed is None:
            return
        log.warning("replay_killed_connection", connection=row.id, presented=shown.generation, current=row.generation)

    async def _tell(self, row: ConnectionState, reason: str, client: str) -> None:
        # Before authentication the name is anybody's words: only what can be a client's id is kept.
        event = TokenRefused(connection=row.id, reason=reason, presented_by=client if is_id(client) else None)
        async with self._database.transaction() as connection:
            await self._outbox.add(connection, event, tenant=row.tenant, user=row.user, client=row.client)


def _evidence(row: ConnectionState, shown: Presentation, effective_by: dt.datetime) -> TokenReused:
    """Who held the other one; address and agent of who showed the spent one are in the envelope."""
    age = None if row.rotated_at is None else int((row.now - row.rotated_at).total_seconds())
    return TokenReused(
        connection=row.id,
        presented=shown.generation,
        current=row.generation,
        user=row.user,
        client=row.client,
        rotated_at=row.rotated_at,
        age=age,
        effective_by=effective_by,
    )
