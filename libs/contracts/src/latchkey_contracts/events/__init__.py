"""Every event, by type and version. A new event is a class in one of these modules and a line in ``_CLASSES``."""

from latchkey_contracts.events import access, audit, auth, client, permission, record, token
from latchkey_contracts.events.base import Change, Effect, Event, Result, subject
from latchkey_contracts.events.envelope import CloudEvent

_CLASSES: tuple[type[Event], ...] = (
    auth.TenantCreated, auth.TenantOffBoarded, auth.TenantRestored, auth.TenantLimited,
    auth.UserCreated, auth.UserDisabled, auth.UserEnabled, auth.MemberAdded, auth.MemberRemoved,
    auth.MemberInvited, auth.MemberInvitationWithdrawn, auth.MemberInvitationAccepted,
    auth.UserSignedIn, auth.UserSignInFailed, auth.UserSignInThrottled, auth.UserSignedOut,
    auth.UserSessionsEnded, auth.UserPasswordLinkMade, auth.UserPasswordSet, auth.UserPasswordChanged,
    auth.ConsentGranted, auth.ConsentCancelled, auth.ConsentRefused, auth.ConsentRedirectRefused,
    token.GrantIssued, token.TokenRefreshed, token.TokenReused, token.TokenRefused,
    token.TokenAuthenticationFailed, token.TokenIssued,
    token.ConnectionRevoked, token.ConnectionsCut, token.UserDisconnected,
    token.SigningKeyRotated, token.SigningKeyRetired,
    client.ClientCreated, client.ClientUpdated,
    client.ClientSecretRotated, client.ClientSecretAdded, client.ClientSecretRetired, client.ClientMadePublic,
    client.ClientDisabled, client.ClientEnabled, client.ClientDeleted, client.ClientCompromised, client.ClientLifted,
    client.ClientBlocked, client.ClientUnblocked,
    client.ClientPublishRequested, client.ClientPublishWithdrawn, client.ClientPublished,
    client.ClientPublishRejected, client.ClientUnpublished, client.LabsChanged, client.LabsRefused,
    permission.CatalogueRegistered, permission.CeilingChanged,
    permission.RoleChanged, permission.RoleAssigned, permission.RoleUnassigned, permission.RoleRemoved,
    permission.TeamChanged, permission.TeamRemoved, permission.PortfolioChanged,
    access.AccessRefused, access.AccessChangeRefused,
    record.RecordCreated, record.RecordUpdated, record.RecordRemoved, record.RecordsExported,
    audit.AuditLogViewed, audit.AuditLogExported, audit.AuditLogCheckpointed, audit.AuditLogForgotten,
    audit.AuditRetentionChanged,
    audit.AuditConsumerCreated, audit.AuditConsumerReplayed, audit.AuditConsumerRemoved,
)  # fmt: skip

EVENTS: dict[tuple[str, int], type[Event]] = {(event.type, event.version): event for event in _CLASSES}

__all__ = ["EVENTS", "Change", "CloudEvent", "Effect", "Event", "Result", "subject"]
