"""What stands in columns, so that an entry can be found, is what its body says: else it is hidden."""

from typing import Any, Final, TypeVar

import msgspec

from latchkey_contracts.events import CloudEvent, Event
from latchkey_contracts.log_entry import Found, found

FactT = TypeVar("FactT", bound=Event)
_NAMES: Final = (
    "tenant_id", "id", "at", "action", "result", "entity_id", "user_id", "client_id", "connection_id", "address",
    "source", "epoch", "number",
)  # fmt: skip


class Columns:
    """Sees the entries of a chain in order.

    A chain may begin with what came from a log without chains, which had all its words, not only the first of them: all
    at one moment, from sources that did not yet say how an event ended. Both are in the hash, so nobody makes an entry
    look so.
    """

    def __init__(self) -> None:
        self._began: Any = None

    def differing(self, row: Any, event: CloudEvent) -> str | None:
        """Name of a column that says something else than the body."""
        if row["position"] == 1:
            self._began = row["recorded"]
        try:
            told = found(event)
        except (msgspec.MsgspecError, RecursionError):
            return "body"
        name = _plain_ones(row, event, told)
        if name:
            return name
        stands, meant = set(row["words"]), set(told.words)
        if event.result is None and row["recorded"] == self._began:
            meant -= stands if _is_simple(row["body"]) else meant
            return "words" if meant else None
        return None if stands == meant else "words"


def _is_simple(body: bytes) -> bool:
    """Whether PostgreSQL, which took apart what came from the log without chains, knows the same words as we do."""
    return body.isascii() and b"\\u" not in body


def _plain_ones(row: Any, event: CloudEvent, told: Found) -> str | None:
    meant = (
        told.tenant, event.id, told.at, told.action, told.result, told.subject, told.user, told.client,
        told.connection, told.address, told.source, told.epoch, told.number,
    )  # fmt: skip
    stands = tuple(row[name] for name in _NAMES)
    if stands != meant:
        return next(name for name, one, other in zip(_NAMES, stands, meant, strict=True) if one != other)
    return None


def decoded(body: bytes) -> CloudEvent | None:
    try:
        return msgspec.json.decode(body, type=CloudEvent)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def fact(event: CloudEvent, kind: type[FactT]) -> FactT | None:
    """What the audit service tells of the log by this event, if it does."""
    if event.type != kind.type or event.source != "audit":
        return None
    try:
        return msgspec.json.decode(event.data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
