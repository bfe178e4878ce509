"""Facts of the reference resource server."""

from typing import ClassVar

from latchkey_contracts.events.base import Event
from latchkey_contracts.ids import Id


class RecordCreated(Event, frozen=True):
    """A record of a data model was created."""

    type: ClassVar[str] = "record.created"
    title: ClassVar[str] = "Record created"
    entity: ClassVar[str] = "record"
    record: Id
    model: str


class RecordUpdated(Event, frozen=True):
    """Fields of a record changed; ``fields`` names them, values stay in the record."""

    type: ClassVar[str] = "record.updated"
    title: ClassVar[str] = "Record changed"
    entity: ClassVar[str] = "record"
    record: Id
    model: str
    fields: tuple[str, ...]


class RecordRemoved(Event, frozen=True):
    """A record was removed."""

    type: ClassVar[str] = "record.removed"
    title: ClassVar[str] = "Record removed"
    entity: ClassVar[str] = "record"
    record: Id
    model: str


class RecordsExported(Event, frozen=True):
    """Records of a data model were handed out as a whole, ``count`` at most: written before the first of them left.

    ``export`` is an id made for this event; ``format`` is ``csv`` or ``ndjson``.
    """

    type: ClassVar[str] = "record.exported"
    title: ClassVar[str] = "Records exported"
    entity: ClassVar[str] = "export"
    export: Id
    model: str
    format: str
    fields: tuple[str, ...]
    count: int
