"""How an entry of the log is written to the stream of a consumer."""

import datetime as dt
import re

import msgspec

POSITION = "Lk-Position"
MOST_AHEAD = 4096
"""So many positions the stream may be ahead of what a consumer has acknowledged; the rest waits in the log."""
_ACTION = re.compile(r"[a-z0-9_-]{1,60}\.[a-z0-9_-]{1,60}")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a tenant's log, as far as a consumer gets it."""

    position: int
    recorded: dt.datetime
    kept: int
    action: str
    hash: bytes
    body: bytes


def place(tenant: str, consumer: str) -> str:
    """All subjects of a consumer. Ids only: nothing that somebody chose becomes part of a subject."""
    return f"audit.{tenant}.{consumer}.>"


def subject(tenant: str, consumer: str, action: str) -> str:
    """``audit.<tenant>.<consumer>.<aggregate>.<event>``; ``_`` for both of an action that is none of ours."""
    return f"audit.{tenant}.{consumer}.{action if _ACTION.fullmatch(action) else '_._'}"


def headers(consumer: str, run: int, entry: Entry) -> dict[str, str]:
    """With what `latchkey_contracts.chain` says, the body and these five a consumer can check the chain itself."""
    return {
        "Nats-Msg-Id": f"{consumer}.{run}.{entry.position}",
        POSITION: str(entry.position),
        "Lk-Recorded": entry.recorded.isoformat(timespec="microseconds"),
        "Lk-Kept": str(entry.kept),
        "Lk-Hash": entry.hash.hex(),
    }
