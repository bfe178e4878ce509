"""Writing an event: a row of the outbox, in the transaction of the change."""

from typing import NamedTuple

import msgspec

from latchkey_contracts.events import CloudEvent, Event, subject
from latchkey_kit.clock import Clock
from latchkey_kit.db import Connection
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.telemetry import facts, trace


class OutboxRow(msgspec.Struct, frozen=True):
    """An event ready to be written; for statements that write many at once."""

    id: str
    subject: str
    body: bytes


class Position(NamedTuple):
    """How far an outbox has numbered its events."""

    epoch: str
    number: int


async def position(connection: Connection) -> Position:
    """How far the events are numbered now.

    A number is given to what is committed. So who asks this first, and reads the tables by a later statement, reads
    everything that the events up to here tell of.
    """
    (row,) = await connection.fetch("SELECT epoch, last_number FROM outbox_state")
    return Position(row["epoch"], row["last_number"])


class Outbox:
    """Makes outbox rows for one service. ``source`` is its name."""

    def __init__(self, source: str, clock: Clock, entropy: Entropy) -> None:
        self._source = source
        self._clock = clock
        self._entropy = entropy

    async def add(
        self,
        connection: Connection,
        event: Event,
        *,
        tenant: str | None,
        user: str | None = None,
        client: str | None = None,
        once: str | None = None,
    ) -> None:
        """Write an event. ``tenant`` is whose log it belongs to; ``user`` and ``client`` are who acted.

        ``once`` is for a fact that more than one request may tell: the id of what came about a moment ago, which
        becomes the event's own. One that is there already stays as it is; it is kept for a week.
        """
        row = self.row(event, tenant=tenant, user=user, client=client, event_id=once)
        statement = "INSERT INTO outbox (id, subject, body) VALUES ($1, $2, $3)"
        if once is not None:
            statement += " ON CONFLICT (id) DO NOTHING"
        await connection.execute(statement, row.id, row.subject, row.body)

    def row(
        self,
        event: Event,
        *,
        tenant: str | None,
        user: str | None = None,
        client: str | None = None,
        event_id: str | None = None,
    ) -> OutboxRow:
        """The row for an event, about the request under way, as a child of it in its trace."""
        about = facts.current()
        envelope = CloudEvent(
            id=event_id or new_id(self._clock, self._entropy),
            source=self._source,
            type=event.type,
            dataversion=event.version,
            subject=event.entity_id,
            time=self._clock.now(),
            data=msgspec.Raw(msgspec.json.encode(event)),
            tenantid=tenant,
            userid=user,
            clientid=client,
            requestid=about.request_id,
            traceparent=str(trace.child_of(about.span, self._entropy)),
            address=about.address,
            agent=about.agent,
            bystaff=about.bystaff,
            result=event.result,
        )
        return OutboxRow(envelope.id, subject(event.type, event.entity_id, tenant), msgspec.json.encode(envelope))
