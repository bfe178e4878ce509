"""Receipts: how a consumer that must not miss an event says how far it has all of them."""

from typing import Annotated

import msgspec

from latchkey_contracts.ids import Id

MOST_MISSING = 50
_Number = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 2)]


class Receipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``consumer`` has all that it needs of ``source`` up to number ``through`` of ``epoch``.

    Said again and again over core NATS, so that one that is lost does not matter.
    """

    consumer: str
    source: str
    epoch: Id
    through: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
    missing: Annotated[tuple[tuple[_Number, _Number], ...], msgspec.Meta(max_length=MOST_MISSING)] = ()
    """Asks for numbers that it has waited for in vain, as ranges with both ends: they are to be sent again."""


def receipt_subject(consumer: str, source: str) -> str:
    return f"lk.receipt.{consumer}.{source}"
