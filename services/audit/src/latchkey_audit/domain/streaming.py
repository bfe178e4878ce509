"""How an entry of the log is written to the stream of a consumer."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence

import msgspec

POSITION, RUN, HASH = "Lk-Position", "Lk-Run", "Lk-Hash"
MOST_AHEAD = 4096
"""So many positions the stream may be ahead of what a consumer has acknowledged; the rest waits in the log."""
MOST_BYTES = 64 * 1024**2
"""So many bytes of one consumer the stream holds, and one entry more."""
AROUND = 512
"""Bytes of a message besides its body, at most: subject, headers, what the store adds."""
_ACTION = re.compile(r"[a-z0-9_-]{1,60}\.[a-z0-9_-]{1,60}")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a tenant's log, as far as a consumer gets it."""

    position: int
    recorded: dt.datetime
    kept: int
    action: str
    hash: bytes
    body: bytes


def budget(disk: int, consumers: int) -> int:
    """Bytes that the stream may hold of each: of all no more than half of what it has, whoever stands still."""
    return min(MOST_BYTES, disk // 2 // max(consumers, 1))


def fitting(entries: Sequence[Entry], room: int) -> tuple[Sequence[Entry], int]:
    """Give the first entries, up to the one that fills ``room``, and what they weigh."""
    size = 0
    for count, entry in enumerate(entries):
        if size >= room:
            return entries[:count], size
        size += len(entry.body) + AROUND
    return entries, size


def place(tenant: str, consumer: str) -> str:
    """All subjects of a consumer. Ids only: nothing that somebody chose becomes part of a subject."""
    return f"audit.{tenant}.{consumer}.>"


def subject(tenant: str, consumer: str, action: str) -> str:
    """``audit.<tenant>.<consumer>.<aggregate>.<event>``; ``_`` for both of an action that is none of ours."""
    return f"audit.{tenant}.{consumer}.{action if _ACTION.fullmatch(action) else '_._'}"


def headers(consumer: str, run: int, entry: Entry) -> dict[str, str]:
    """With what `latchkey_contracts.chain` says, the body and these five a consumer can check the chain itself."""
    return {
        # With the hash: where a failover lost the log's last entries, others take their positions.
        "Nats-Msg-Id": f"{consumer}.{run}.{entry.position}.{entry.hash.hex()[:16]}",
        POSITION: str(entry.position),
        "Lk-Recorded": entry.recorded.isoformat(timespec="microseconds"),
        "Lk-Kept": str(entry.kept),
        HASH: entry.hash.hex(),
    }


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """The last entry that the stream took for a consumer, acknowledged since or not."""

    run: int
    position: int
    hash: bytes


def mark_place(consumer: str) -> str:
    """Where a consumer's mark is: no subject of its own, so it is never delivered."""
    return f"audit.at.{consumer}"


def mark_headers(run: int, entry: Entry) -> dict[str, str]:
    """A mark takes the place of the one before."""
    return {"Nats-Rollup": "sub", RUN: str(run), POSITION: str(entry.position), HASH: entry.hash.hex()}


def mark(said: Mapping[str, str]) -> Mark:
    return Mark(run=int(said[RUN]), position=int(said[POSITION]), hash=bytes.fromhex(said[HASH]))


def mark_of_entry(said: Mapping[str, str]) -> Mark:
    """What a mark for an entry says, from the entry's own headers."""
    run = said["Nats-Msg-Id"].split(".")[1]
    return Mark(run=int(run), position=int(said[POSITION]), hash=bytes.fromhex(said[HASH]))
