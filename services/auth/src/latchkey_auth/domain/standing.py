"""How people and tenants stand, as the token service is told: shapes of ``latchkey_contracts.requests.standing``."""

from latchkey_contracts.events.auth import (
    MemberAdded,
    MemberRemoved,
    TenantOffBoarded,
    TenantRestored,
    UserDisabled,
    UserEnabled,
)
from latchkey_contracts.requests.standing import Standing


def of_tenant(tenant: str, *, turn: int, off_boarded: bool) -> Standing:
    reason = TenantOffBoarded.type if off_boarded else TenantRestored.type
    return Standing(kind="tenant", key=tenant, turn=turn, barred=off_boarded, reason=reason)


def of_user(user: str, *, turn: int, disabled: bool) -> Standing:
    reason = UserDisabled.type if disabled else UserEnabled.type
    return Standing(kind="user", key=user, turn=turn, barred=disabled, reason=reason)


def of_member(tenant: str, user: str, *, turn: int, removed: bool, by: str | None) -> Standing:
    """``by`` is the person who turned it; ``None`` is the operator.

    Who was removed is not barred: no birth can carry the new turn, because nobody reads it with a membership.
    """
    reason = MemberRemoved.type if removed else MemberAdded.type
    return Standing(kind="tenant_user", key=tenant + user, turn=turn, reason=reason, by=by)
