"""Path → handler."""

from latchkey_audit.handlers.audit_checkpoints import AuditCheckpoints
from latchkey_audit.handlers.audit_consumers import AuditConsumers
from latchkey_audit.handlers.audit_events import AuditEvents
from latchkey_audit.handlers.export import Export
from latchkey_audit.handlers.retention import Retention
from latchkey_audit.handlers.stream import Stream
from latchkey_contracts.requests.audit import EVENTS_OF_TENANT, STREAM_OF_TENANT, RetentionOf, TenantRetention
from latchkey_kit.web.routes import Handler, Route, api, asked

_EVENTS = "/v1/audit-events"
_CONSUMERS = "/v1/audit-consumers"
_CONSUMER = f"{_CONSUMERS}/{{consumer_id}}"


def public(audit_events: AuditEvents, export: Export, stream: Stream) -> tuple[Route, ...]:
    return (
        _open("GET", _EVENTS, audit_events.list),
        _open("GET", f"{_EVENTS}/export", export),  # no id is spelled like that
        _open("GET", f"{_EVENTS}/stream", stream),
        _open("GET", f"{_EVENTS}/{{event_id}}", audit_events.get),
    )


def proof(audit_checkpoints: AuditCheckpoints, keys: Handler) -> tuple[Route, ...]:
    """What a tenant checks its log with."""
    return (
        _open("GET", "/v1/audit-checkpoints", audit_checkpoints.list),
        _open("GET", "/v1/audit-checkpoints/entries", audit_checkpoints.entries),
        _open("GET", "/v1/audit-checkpoints/keys", keys),
    )


def consumers(audit_consumers: AuditConsumers) -> tuple[Route, ...]:
    """Where there is a streams server."""
    return (
        _open("POST", _CONSUMERS, audit_consumers.create),
        _open("GET", _CONSUMERS, audit_consumers.list),
        _open("GET", _CONSUMER, audit_consumers.get),
        _open("POST", f"{_CONSUMER}/replay", audit_consumers.replay),
        _open("DELETE", _CONSUMER, audit_consumers.remove),
    )


def internal(retention: Retention, audit_events: AuditEvents, stream: Stream) -> tuple[Route, ...]:
    return (
        asked(TenantRetention.path, retention.set, by=["operator"]),
        asked(RetentionOf.path, retention.get, by=["operator"]),
        asked(EVENTS_OF_TENANT, audit_events.list, by=["operator"], method="GET"),
        asked(STREAM_OF_TENANT, stream, by=["operator"], method="GET"),
    )


def _open(method: str, path: str, handler: Handler) -> Route:
    return api(method, path, handler, open_to_browsers=True)
