"""Receipts: how a consumer that must not miss an event says how far it has all of them."""

import msgspec


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """``consumer`` needs no event of ``source`` up to number ``through`` any more, all numbers of one ``epoch``.

    Said again and again over core NATS, so that one that is lost does not matter.
    """

    consumer: str
    source: str
    epoch: str
    through: int


def receipt_subject(consumer: str, source: str) -> str:
    return f"lk.receipt.{consumer}.{source}"
