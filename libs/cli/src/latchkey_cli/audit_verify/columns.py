"""What stands in columns, so that an entry can be found, is what its body says: else it is hidden."""

from typing import Any, Final, TypeVar

import msgspec

from latchkey_contracts.events import CloudEvent, Event
from latchkey_contracts.log_entry import found

FactT = TypeVar("FactT", bound=Event)
_NAMES: Final = (
    "tenant_id", "id", "at", "action", "result", "entity_id", "user_id", "client_id", "connection_id", "address",
    "source", "epoch", "number",
)  # fmt: skip


def differing(row: Any, event: CloudEvent, *, words: bool) -> str | None:
    """Name of a column that says something else than the body; ``words``: whether to look at these, too."""
    try:
        told = found(event)
    except (msgspec.MsgspecError, RecursionError):
        return "body"
    meant = (
        told.tenant, event.id, told.at, told.action, told.result, told.subject, told.user, told.client,
        told.connection, told.address, told.source, told.epoch, told.number,
    )  # fmt: skip
    stands = tuple(row[name] for name in _NAMES)
    if stands != meant:
        return next(name for name, one, other in zip(_NAMES, stands, meant, strict=True) if one != other)
    return "words" if words and sorted(row["words"]) != sorted(set(told.words)) else None


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
