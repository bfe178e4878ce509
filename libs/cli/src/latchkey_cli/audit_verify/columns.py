"""What stands in columns, so that an entry can be found, is what its body says: else it is hidden."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from latchkey_contracts.events import CloudEvent
from latchkey_contracts.log_entry import found

_NAMES: Final = (
    "tenant_id", "id", "at", "action", "result", "entity_id", "user_id", "client_id", "connection_id", "address",
    "source", "epoch", "number",
)  # fmt: skip


def differing(row: Any, event: CloudEvent, *, words: bool) -> Iterator[str]:
    """Names of the columns that say something else than the body; ``words``: whether to look at these, too."""
    told = found(event)
    meant = (
        told.tenant, event.id, told.at, told.action, told.result, told.subject, told.user, told.client,
        told.connection, told.address, told.source, told.epoch, told.number,
    )  # fmt: skip
    stands = tuple(row[name] for name in _NAMES)
    if stands != meant:
        yield from (name for name, one, other in zip(_NAMES, stands, meant, strict=True) if one != other)
    if words and sorted(row["words"]) != sorted(set(told.words)):
        yield "words"


def decoded(body: bytes) -> CloudEvent | None:
    try:
        return msgspec.json.decode(body, type=CloudEvent)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
