"""The CloudEvents 1.0 envelope (structured JSON) around every event."""

import msgspec

from latchkey_contracts.ids import Id
from latchkey_contracts.moments import Moment


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event as it stands in an outbox and travels over NATS.

    ``sequence`` counts the events of one ``source`` within one ``epoch`` without gaps; the relay fills both in.
    ``address`` and ``agent`` are the caller's network address and user agent, as far as known.
    """

    id: Id
    source: str
    type: str
    subject: str
    time: Moment
    data: msgspec.Raw
    # The specification demands it, and a default that stands here would not be written.
    specversion: str = msgspec.field(default_factory=lambda: "1.0")
    datacontenttype: str = "application/json"
    dataversion: int = 1
    tenantid: str | None = None
    userid: str | None = None
    clientid: str | None = None
    requestid: str | None = None
    traceparent: str | None = None
    address: str | None = None
    agent: str | None = None
    bystaff: bool = False
    """Done by the operator's staff, not by a member of the tenant."""
    result: str | None = None
    """How it ended: ``success``, ``refused`` or ``failed``; the same for every event of a type."""
    epoch: str | None = None
    sequence: int | None = None
