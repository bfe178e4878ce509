"""The models of Latchkey's own management API: the right to manage is a right like any other."""

from typing import Final

from latchkey_policy.catalogue import Model

MODELS: Final[tuple[Model, ...]] = (
    Model(
        name="oauthclient",
        route="oauth-clients",
        title="OAuth client",
        plural="OAuth clients",
        actions=("create", "view", "update", "remove"),
    ),
    Model(
        name="connection",
        route="connections",
        title="Connection",
        plural="connections of apps",
        actions=("view", "remove"),
    ),
    Model(
        name="serviceaccount",
        route="service-accounts",
        title="Service account",
        plural="service accounts",
        actions=("create", "view", "update", "remove"),
    ),
    Model(
        name="role",
        route="roles",
        title="Role",
        plural="roles and who has which",
        actions=("create", "view", "update", "remove"),
    ),
    Model(
        name="member",
        route="members",
        title="Member",
        plural="members",
        actions=("create", "view", "update", "remove"),
    ),
    Model(
        name="auditlog",
        route="audit-events",
        title="Audit log",
        plural="the audit log",
        actions=("view", "export"),
    ),
    Model(
        name="auditconsumer",
        route="audit-consumers",
        title="Audit stream",
        plural="streams of the audit log",
        actions=("create", "view", "update", "remove"),
    ),
)

RESERVED_ROUTES: Final = frozenset(
    {
        "catalogue", "logins", "mcp", "me", "portfolios", "private-apps", "rights", "teams",
        "tenants", "why",
    }
)  # fmt: skip
"""Paths below ``/v1`` that are no model's: taken at the gateway, or kept for later."""
