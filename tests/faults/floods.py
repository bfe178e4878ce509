"""Many events at once, through the outbox of a real source, and what has become of each of them."""

import itertools
from collections import Counter

import msgspec
from rig import Rig

from latchkey_contracts.events import CloudEvent, subject
from latchkey_contracts.events.record import RecordUpdated
from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy, new_id

SOURCE = "records"
_AT_ONCE = 1000
_clock, _entropy = SystemClock(), SystemEntropy()


async def flood(rig: Rig, count: int) -> list[str]:
    """Commit so many events, as if records were changed; returns their ids."""
    async with rig.database("auth") as auth:
        tenant = await auth.fetchval("SELECT id FROM tenant WHERE name = 'acme'")
    events = [_event(tenant) for _ in range(count)]
    rows = ((one.id, subject(one.type, one.subject, tenant), msgspec.json.encode(one)) for one in events)
    async with rig.database(SOURCE) as source:
        while some := list(itertools.islice(rows, _AT_ONCE)):
            await source.executemany("INSERT INTO outbox (id, subject, body) VALUES ($1, $2, $3)", some)
    return [one.id for one in events]


def _event(tenant: str) -> CloudEvent:
    fact = RecordUpdated(record=new_id(_clock, _entropy), model="company", fields=("phase",))
    return CloudEvent(
        id=new_id(_clock, _entropy), source=SOURCE, type=fact.type, subject=fact.entity_id, time=_clock.now(),
        tenantid=tenant, data=msgspec.Raw(msgspec.json.encode(fact)), agent="flood/1.0",
    )  # fmt: skip


async def unsent(rig: Rig) -> int:
    """How many the source has not handed to NATS yet."""
    async with rig.database(SOURCE) as source:
        return await source.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")


async def lost_and_doubled(rig: Rig, ids: list[str]) -> tuple[int, int]:
    """Of these events, how many are not in the log, and how many are there more than once."""
    async with rig.database("audit") as audit:
        rows = await audit.fetch("SELECT id FROM event WHERE source = $1", SOURCE)
    there = Counter(row["id"] for row in rows)
    return sum(not there[one] for one in ids), sum(there[one] > 1 for one in ids)
