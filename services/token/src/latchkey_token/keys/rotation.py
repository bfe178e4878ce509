"""Moving signing keys on: rotating, retiring, and what is done when one may be in strange hands."""

from latchkey_contracts import feed as vocabulary
from latchkey_contracts.events.token import SigningKeyRetired, SigningKeyRotated
from latchkey_kit.db import Connection, Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.sealing import Sealer
from latchkey_token.domain.key_life import Keys
from latchkey_token.keys.signing_keys import made
from latchkey_token.store import feed
from latchkey_token.store import keys as store

MARGIN = 300
"""Seconds that a key stays published after the last token that it can have signed: for clocks, and for instances that
learn of the rotation late."""


class KeyRotation:
    """Every move is one transaction: the keys, the event and, for a compromised key, the kill."""

    def __init__(self, database: Database, sealer: Sealer, outbox: Outbox) -> None:
        self._database = database
        self._sealer = sealer
        self._outbox = outbox

    async def rotate(self, *, active: str | None, now: bool) -> None:
        """Let the next key sign; refused as `Keys.may_rotate` says."""
        async with self._database.transaction() as connection:
            keys = await self._held(connection)
            if not keys.may_rotate(active=active, now=now):
                return
            await store.step_down(connection, keys.active.kid, margin=MARGIN)
            await self._step_up(connection, keys)
            event = SigningKeyRotated(kid=keys.next.kid, former=keys.active.kid)
            await self._outbox.add(connection, event, tenant=None)

    async def retire(self, kid: str, *, compromised: bool) -> None:
        """Take a key out of the key set; refused as `Keys.may_retire` says."""
        async with self._database.transaction() as connection:
            keys = await self._held(connection)
            if not keys.may_retire(kid, compromised=compromised):
                return
            await store.retire(connection, kid, compromised=compromised)
            await self._replace(connection, keys, kid)
            event = SigningKeyRetired(kid=kid, compromised=compromised)
            await self._outbox.add(connection, event, tenant=None)
            if compromised:
                number = await feed.append(connection, [feed.NewEntry(vocabulary.KID, kid)])
                await store.add_kid_kill(connection, kid, number=number, reason=event.type)

    async def retire_outlived(self) -> None:
        """Retire every former key of which no living token can be out. Any instance may, and one of them does."""
        async with self._database.transaction() as connection:
            for kid in await store.retire_outlived(connection):
                await self._outbox.add(connection, SigningKeyRetired(kid=kid), tenant=None)

    async def _held(self, connection: Connection) -> Keys:
        await store.lock(connection)
        return Keys(await store.signing_key_lives(connection))

    async def _replace(self, connection: Connection, keys: Keys, kid: str) -> None:
        """Fill the place that a key left: of the one that signs by the next, of that one by a new one."""
        if kid == keys.active.kid:
            await self._step_up(connection, keys)
            await self._outbox.add(connection, SigningKeyRotated(kid=keys.next.kid, former=kid), tenant=None)
        elif kid == keys.next.kid:
            await store.add_signing_key(connection, made(self._sealer))

    async def _step_up(self, connection: Connection, keys: Keys) -> None:
        await store.step_up(connection, keys.next.kid)
        await store.add_signing_key(connection, made(self._sealer))
