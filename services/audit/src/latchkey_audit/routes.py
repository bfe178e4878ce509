"""Path → handler."""

from latchkey_audit.handlers.audit_events import AuditEvents
from latchkey_kit.web.routes import Route, api


def public(audit_events: AuditEvents) -> tuple[Route, ...]:
    return (api("GET", "/v1/audit-events", audit_events, open_to_browsers=True),)
