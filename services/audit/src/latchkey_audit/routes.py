"""Path → handler."""

from latchkey_audit.handlers.audit_checkpoints import AuditCheckpoints
from latchkey_audit.handlers.audit_consumers import AuditConsumers
from latchkey_audit.handlers.audit_events import AuditEvents
from latchkey_audit.handlers.retention import SetRetention
from latchkey_contracts.requests.audit import TenantRetention
from latchkey_kit.web.routes import Handler, Route, api, asked

_CONSUMERS = "/v1/audit-consumers"
_CONSUMER = f"{_CONSUMERS}/{{consumer_id}}"


def public(audit_events: AuditEvents) -> tuple[Route, ...]:
    return (api("GET", "/v1/audit-events", audit_events, open_to_browsers=True),)


def proof(audit_checkpoints: AuditCheckpoints, keys: Handler) -> tuple[Route, ...]:
    """What a tenant checks its log with."""
    return (
        _open("GET", "/v1/audit-checkpoints", audit_checkpoints),
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


def internal(set_retention: SetRetention) -> tuple[Route, ...]:
    return (asked(TenantRetention.path, set_retention, by=["operator"]),)


def _open(method: str, path: str, handler: Handler) -> Route:
    return api(method, path, handler, open_to_browsers=True)
