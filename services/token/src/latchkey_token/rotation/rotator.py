"""Rotations, gathered: many callers, one transaction, each with its event."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from latchkey_contracts.events import Event
from latchkey_contracts.events.token import GrantIssued, TokenRefreshed
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.messaging.outbox import Outbox, OutboxRow
from latchkey_kit.telemetry import facts
from latchkey_token.rotation.gather import Gather, OutcomeUnknownError
from latchkey_token.store import rotation as store
from latchkey_token.store.rotation import Rotated, Rotation


class _Ask(msgspec.Struct, frozen=True):
    rotation: Rotation
    about: facts.RequestFacts


class Rotator:
    """``lifetime`` of refresh tokens, in seconds from each rotation on."""

    def __init__(self, database: Database, outbox: Outbox, clock: Clock, *, lifetime: int) -> None:
        self._database = database
        self._outbox = outbox
        self._lifetime = lifetime
        self._gather: Gather[_Ask, Rotated] = Gather(self._run, key=lambda ask: ask.rotation.id, clock=clock)

    async def rotate(self, rotation: Rotation, gone: Callable[[], bool]) -> Rotated | None:
        """Exchange what was shown for its successor; ``None`` when the row did not agree. Errors as ``Gather.join``."""
        return await self._gather.join(_Ask(rotation, facts.current()), gone)

    async def _run(self, asks: Sequence[_Ask]) -> list[Rotated | None]:
        committing = False
        try:
            async with self._database.transaction() as connection:
                await store.lock(connection, [ask.rotation.id for ask in asks])
                rotated = await store.rotate(connection, [ask.rotation for ask in asks], lifetime=self._lifetime)
                await store.tell(connection, [self._row(ask, rotated) for ask in asks if ask.rotation.id in rotated])
                committing = True
        except Exception as error:
            if committing:
                raise OutcomeUnknownError from error
            raise
        return [rotated.get(ask.rotation.id) for ask in asks]

    def _row(self, ask: _Ask, rotated: Mapping[str, Rotated]) -> OutboxRow:
        one = rotated[ask.rotation.id]
        with facts.about(ask.about):
            return self._outbox.row(_event(one), tenant=one.tenant, user=one.user, client=one.client)


def _event(one: Rotated) -> Event:
    if one.generation > 1:
        return TokenRefreshed(connection=one.id, generation=one.generation)
    return GrantIssued(
        connection=one.id,
        user=one.user,
        client=one.client,
        scope=tuple(one.scope.split(" ")),
        resources=one.resources,
    )
