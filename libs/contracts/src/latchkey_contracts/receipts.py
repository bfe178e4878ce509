"""Receipts: how a consumer that must not miss an event says how far it has all of them."""

from typing import Annotated

import msgspec

from latchkey_contracts.ids import Id


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """``consumer`` has all that it needs of ``source`` up to number ``through`` of ``epoch``.

    Said again and again over core NATS, so that one that is lost does not matter.
    """

    consumer: str
    source: str
    epoch: Id
    through: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


def receipt_subject(consumer: str, source: str) -> str:
    return f"lk.receipt.{consumer}.{source}"
