"""Receipts: a consumer confirms how far it has everything, and each source keeps what its consumers confirmed.

What is confirmed to a source only ever grows within an epoch, so receipts may come late, twice or not at all.
"""

import msgspec

from latchkey_contracts.receipts import Receipt, receipt_subject
from latchkey_kit.messaging.bus import Bus


async def confirm(bus: Bus, consumer: str, source: str, epoch: str, through: int) -> None:
    """Tell ``source`` that ``consumer`` has everything up to ``through``, best effort: repeat it every few seconds."""
    receipt = Receipt(consumer=consumer, source=source, epoch=epoch, through=through)
    await bus.publish(receipt_subject(consumer, source), msgspec.json.encode(receipt))
