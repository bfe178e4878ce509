"""Receipts: a consumer confirms how far it has everything, and each source keeps what its consumers confirmed.

They also ask for what is missing (`asking`).

What is confirmed to a source only ever grows within an epoch, so receipts may come late, twice or not at all.
"""

from collections.abc import Sequence

import msgspec

from latchkey_contracts.receipts import Receipt, receipt_subject
from latchkey_kit.db import PASSING, Connection, Database
from latchkey_kit.messaging import asking, outbox
from latchkey_kit.messaging.bus import Bus
from latchkey_kit.telemetry.trouble import Trouble


async def confirm(
    bus: Bus, consumer: str, source: str, epoch: str, through: int, missing: tuple[tuple[int, int], ...] = ()
) -> None:
    """Tell ``source`` that ``consumer`` has everything up to ``through``, best effort: repeat it every few seconds.

    ``missing`` asks for numbers behind that, to be sent again; ranges with both ends, ``MOST_MISSING`` at most.
    """
    receipt = Receipt(consumer=consumer, source=source, epoch=epoch, through=through, missing=missing)
    await bus.publish(receipt_subject(consumer, source), msgspec.json.encode(receipt))


async def listen(bus: Bus, database: Database, consumers: Sequence[str]) -> None:
    """Keep what is confirmed to this service from now on. NATS lets nobody else speak on a consumer's subject."""
    for consumer in consumers:
        await bus.subscribe(receipt_subject(consumer, bus.name), _Ear(database, bus.name, consumer).heard)


class _Ear:
    """Hears one consumer."""

    def __init__(self, database: Database, source: str, consumer: str) -> None:
        self._database = database
        self._about = (consumer, source)
        self._newest: Receipt | None = None
        self._trouble = Trouble("receipt_refused", consumer=consumer)

    async def heard(self, body: bytes) -> None:
        try:
            receipt = msgspec.json.decode(body, type=Receipt)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            self._trouble.tell(str(error))
            return
        if (receipt.consumer, receipt.source) != self._about:
            self._trouble.tell(f"it speaks of {receipt.consumer} and {receipt.source}")
        elif receipt != self._newest:
            await self._keep(receipt)

    async def _keep(self, receipt: Receipt) -> None:
        try:
            async with self._database.connection() as connection:
                wrong = await keep(connection, receipt)
        except PASSING:  # the next one will do
            return
        self._newest = receipt
        if wrong:
            self._trouble.tell(wrong)
        else:
            self._trouble.over()


async def keep(connection: Connection, receipt: Receipt) -> str:
    """Keep a receipt, unless a later one is kept; returns what is wrong with it, if anything.

    One of another epoch is of no use to us. One of what we never told is of a life of ours that we have lost: a
    database that was restored without a new epoch.
    """
    now = await outbox.position(connection)
    if receipt.epoch != now.epoch:
        return ""
    if receipt.through > now.number:
        return f"it confirms {receipt.through}, and the last number is {now.number}"
    await connection.execute(
        """
        INSERT INTO outbox_receipt AS kept (consumer, epoch, through) VALUES ($1, $2, $3)
        ON CONFLICT (consumer, epoch) DO UPDATE SET through = EXCLUDED.through, at = EXCLUDED.at
            WHERE kept.through < EXCLUDED.through
        """,
        receipt.consumer,
        receipt.epoch,
        receipt.through,
    )
    if receipt.missing:
        await asking.ask(connection, receipt.epoch, receipt.missing)
    return ""


async def unconfirmed(connection: Connection, consumers: Sequence[str]) -> dict[str, int]:
    """How many numbered events each consumer has not confirmed."""
    rows = await connection.fetch(
        """
        SELECT consumer, last_number - coalesce(through, 0) AS count
        FROM outbox_state CROSS JOIN unnest($1::text[]) AS consumer LEFT JOIN outbox_receipt USING (consumer, epoch)
        """,
        consumers,
    )
    return {row["consumer"]: row["count"] for row in rows}
