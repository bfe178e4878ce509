"""What may be let go: stretches of a chain that hold together, entry by entry."""

import datetime as dt

import msgspec

from latchkey_contracts import chain


class Entry(msgspec.Struct, frozen=True):
    """An entry as it is looked at before it goes."""

    position: int
    recorded: dt.datetime
    kept: int
    hash: bytes
    body: bytes


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """Entries ``first`` to ``last``; ``before`` is the hash before the first, ``hash`` that of the last."""

    first: int
    last: int
    before: bytes
    hash: bytes

    def with_next(self, entry: Entry) -> "Stretch":
        return msgspec.structs.replace(self, last=entry.position, hash=entry.hash)


class NotWhatItWasError(Exception):
    """An entry is not what was recorded. What is let go is signed for, so this one is not."""

    def __init__(self, tenant: str, position: int) -> None:
        super().__init__(f"entry {position} of {tenant} is not what was recorded, or the one before it is missing")
        self.tenant = tenant
        self.position = position


def holds(entry: Entry, *, tenant: str, before: bytes) -> bool:
    """Whether an entry is what was recorded behind the one with the hash ``before``."""
    return entry.hash == chain.link(
        before, tenant=tenant, position=entry.position, recorded=entry.recorded, kept=entry.kept, body=entry.body
    )
