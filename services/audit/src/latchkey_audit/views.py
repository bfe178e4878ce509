"""Who reads a log is told in it, before they have read it."""

from collections import OrderedDict
from collections.abc import Callable, Mapping

import msgspec

from latchkey_contracts.events.audit import NOBODY, AuditLogExported, AuditLogViewed
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_verify.management import Manager

_AGAIN_SECONDS = 600.0
_REMEMBERED = 10_000
_TIMES = ("since", "until")
_Key = tuple[object, ...]


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """``bearer`` is ``None`` for the operator."""

    tenant: str
    bearer: Manager | None = None

    @property
    def user(self) -> str | None:
        return self.bearer.user if self.bearer else None

    @property
    def client(self) -> str | None:
        return self.bearer.client if self.bearer else None


class Views:
    """The same view is told once in ten minutes. Other times of the same filter are the same: some ask all the time."""

    def __init__(self, database: Database, outbox: Outbox, clock: Clock) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._told: OrderedDict[_Key, float] = OrderedDict()

    async def viewed(self, reader: Reader, way: str, wanted: Mapping[str, str]) -> None:
        """Tell of a view, unless it was told; ``wanted`` is the filter."""
        key = _key(reader, way, wanted)
        now = self._clock.boot()
        if now - self._told.get(key, float("-inf")) < _AGAIN_SECONDS:
            return
        event = AuditLogViewed(tenant=reader.tenant, way=way, filter=dict(wanted))
        of = None if reader.tenant == NOBODY else reader.tenant
        async with self._database.transaction() as connection:
            await self._outbox.add(connection, event, tenant=of, user=reader.user, client=reader.client)
        self._told[key] = now
        self._told.move_to_end(key)
        while len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)

    async def exported(self, reader: Reader, form: str, wanted: Mapping[str, str], confirm: Callable[[], None]) -> None:
        """Tell of an export, unless ``confirm`` raises as the last thing before that."""
        event = AuditLogExported(tenant=reader.tenant, format=form, filter=dict(wanted))
        async with self._database.transaction() as connection:
            await self._outbox.add(
                connection, event, tenant=reader.tenant, user=reader.user, client=reader.client
            )  # fmt: skip
            confirm()


def _key(reader: Reader, way: str, wanted: Mapping[str, str]) -> _Key:
    lasting = sorted((name, value) for name, value in wanted.items() if name not in _TIMES)
    return (reader.tenant, reader.user, reader.client, way, *lasting)
